/** All kinds of steps. The tables of calls and orders have an entry for each of the protocol, or they do not compile. */

import type { AgentId } from "../../common/ids.ts";
import type { OfferOperation, SchedulerCall } from "../../server/core/calls/call.ts";
import type { OperatorCall } from "../../server/core/operator/operator-call.ts";
import type { CommandKind } from "./command.ts";
import { type AcceptOfferStep, acceptOffer } from "./commands/accept-offer.ts";
import { type AcknowledgeStep, acknowledge } from "./commands/acknowledge.ts";
import { type AcknowledgeOperationStep, acknowledgeOperation } from "./commands/acknowledge-operation.ts";
import { type AdvanceTimeStep, advanceTime } from "./commands/advance-time.ts";
import { type AnswerInverseOffersStep, answerInverseOffers } from "./commands/answer-inverse-offers.ts";
import { type AskMaintenanceStep, askMaintenance } from "./commands/ask-maintenance.ts";
import { type AskRolesStep, askRoles } from "./commands/ask-roles.ts";
import { type CallOnOldStreamStep, callOnOldStream } from "./commands/call-on-old-stream.ts";
import { type ChangeQuotaStep, changeQuota } from "./commands/change-quota.ts";
import { type ChangeResourcesStep, changeResources } from "./commands/change-resources.ts";
import { type DeactivateAgentStep, deactivateAgent } from "./commands/deactivate-agent.ts";
import { type DeclineOfferStep, declineOffer } from "./commands/decline-offer.ts";
import { type DrainAgentStep, drainAgent } from "./commands/drain-agent.ts";
import { type DropStreamStep, dropStream } from "./commands/drop-stream.ts";
import { type FaultStep, faultCommand } from "./commands/fault.ts";
import { type ImpersonateAgentStep, impersonateAgent } from "./commands/impersonate-agent.ts";
import { type KillTaskStep, killTask } from "./commands/kill-task.ts";
import { type LaunchGroupStep, launchGroup } from "./commands/launch-group.ts";
import { type MarkAgentGoneStep, markAgentGone } from "./commands/mark-agent-gone.ts";
import { type MessageExecutorStep, messageExecutor } from "./commands/message-executor.ts";
import { type OrderKillStep, orderKill } from "./commands/order-kill.ts";
import { type OrderResourcesStep, orderResources } from "./commands/order-resources.ts";
import { type OrderTeardownStep, orderTeardown } from "./commands/order-teardown.ts";
import { type ReactivateAgentStep, reactivateAgent } from "./commands/reactivate-agent.ts";
import { type ReconcileStep, reconcile } from "./commands/reconcile.ts";
import { type ReconcileOperationsStep, reconcileOperations } from "./commands/reconcile-operations.ts";
import { type RequestStep, request } from "./commands/request.ts";
import { type ReviveStep, revive } from "./commands/revive.ts";
import { type ShutdownExecutorStep, shutdownExecutor } from "./commands/shutdown-executor.ts";
import { type SnapshotStep, snapshot } from "./commands/snapshot.ts";
import { type StartMaintenanceStep, startMaintenance } from "./commands/start-maintenance.ts";
import { type StopMaintenanceStep, stopMaintenance } from "./commands/stop-maintenance.ts";
import { type SubscribeStep, subscribe } from "./commands/subscribe.ts";
import { type SuppressStep, suppress } from "./commands/suppress.ts";
import { type TeardownStep, teardown } from "./commands/teardown.ts";
import { type UpdateFrameworkStep, updateFramework } from "./commands/update-framework.ts";
import { type UpdateScheduleStep, updateSchedule } from "./commands/update-schedule.ts";
import { type UpdateWeightsStep, updateWeights } from "./commands/update-weights.ts";
import type { World } from "./world.ts";

/** One step of a sequence, as JSON. */
export type Step =
  | AcceptOfferStep
  | AcknowledgeStep
  | AcknowledgeOperationStep
  | AdvanceTimeStep
  | AskRolesStep
  | ChangeQuotaStep
  | AnswerInverseOffersStep
  | AskMaintenanceStep
  | CallOnOldStreamStep
  | ChangeResourcesStep
  | DeactivateAgentStep
  | DeclineOfferStep
  | DrainAgentStep
  | DropStreamStep
  | FaultStep
  | ImpersonateAgentStep
  | KillTaskStep
  | LaunchGroupStep
  | MarkAgentGoneStep
  | MessageExecutorStep
  | OrderKillStep
  | OrderResourcesStep
  | OrderTeardownStep
  | ReactivateAgentStep
  | ReconcileStep
  | ReconcileOperationsStep
  | RequestStep
  | ReviveStep
  | ShutdownExecutorStep
  | SnapshotStep
  | StartMaintenanceStep
  | StopMaintenanceStep
  | SubscribeStep
  | SuppressStep
  | TeardownStep
  | UpdateFrameworkStep
  | UpdateScheduleStep
  | UpdateWeightsStep;

export type StepKind = Step["kind"];

/** Which command exercises each call of a scheduler. */
export const commandOfCall = {
  subscribe: "subscribe",
  teardown: "teardown",
  updateFramework: "updateFramework",
  request: "request",
  answerInverseOffers: "answerInverseOffers",
  accept: "acceptOffer",
  decline: "declineOffer",
  revive: "revive",
  suppress: "suppress",
  kill: "killTask",
  shutdown: "shutdownExecutor",
  message: "messageExecutor",
  acknowledge: "acknowledge",
  reconcile: "reconcile",
  acknowledgeOperation: "acknowledgeOperation",
  reconcileOperations: "reconcileOperations",
} as const satisfies Record<SchedulerCall["kind"] | "subscribe", StepKind>;

/** Which command exercises each operation of an ACCEPT. */
export const commandOfOperation = {
  launch: "acceptOffer",
  launchGroup: "launchGroup",
  reserve: "changeResources",
  unreserve: "changeResources",
  create: "changeResources",
  destroy: "changeResources",
  growVolume: "changeResources",
  shrinkVolume: "changeResources",
} as const satisfies Record<OfferOperation["kind"], StepKind>;

/** About an agent as a whole, not about its resources. */
type AgentOrder = Exclude<Extract<OperatorCall, { readonly agentId: AgentId }>["kind"], "changeResources">;
type MaintenanceOrder = "updateSchedule" | "startMaintenance" | "stopMaintenance" | `getMaintenance${string}`;
type RoleOrder = `${string}Quota` | `${string}Weights`;

/** Which command exercises each order of an operator about an agent. */
export const commandOfOrder = {
  drainAgent: "drainAgent",
  deactivateAgent: "deactivateAgent",
  reactivateAgent: "reactivateAgent",
  markAgentGone: "markAgentGone",
} as const satisfies Record<AgentOrder, StepKind>;

/** Which command exercises each order, and each question, of an operator about machines. */
export const commandOfMaintenance = {
  updateSchedule: "updateSchedule",
  startMaintenance: "startMaintenance",
  stopMaintenance: "stopMaintenance",
  getMaintenanceSchedule: "askMaintenance",
  getMaintenanceStatus: "askMaintenance",
  getMaintenanceProgress: "askMaintenance",
} as const satisfies Record<Extract<OperatorCall["kind"], MaintenanceOrder>, StepKind>;

/** Which command exercises each order, and each question, of an operator about roles. */
export const commandOfRoleOrder = {
  updateQuota: "changeQuota",
  setQuota: "changeQuota",
  removeQuota: "changeQuota",
  updateWeights: "updateWeights",
  getQuota: "askRoles",
  getWeights: "askRoles",
} as const satisfies Record<Extract<OperatorCall["kind"], RoleOrder>, StepKind>;

/** Which command exercises each kind of change of an agent's resources that an operator orders. */
export const commandOfResourceOrder = {
  reserve: "orderResources",
  unreserve: "orderResources",
  create: "orderResources",
  destroy: "orderResources",
  growVolume: "orderResources",
  shrinkVolume: "orderResources",
} as const satisfies Record<Extract<OperatorCall, { kind: "changeResources" }>["operation"]["kind"], StepKind>;

/** What an operator orders about nothing of the above; a new order of whatever kind is first missed here. */
type FrameworkOrder = Exclude<OperatorCall["kind"], AgentOrder | MaintenanceOrder | RoleOrder | "changeResources" | `get${string}`>;

/** Which command exercises each order of an operator about a framework or its tasks. */
export const commandOfFrameworkOrder = {
  teardown: "orderTeardown",
  killTask: "orderKill",
} as const satisfies Record<FrameworkOrder, StepKind>;

type CommandTable = { readonly [Kind in Exclude<StepKind, "fault">]: CommandKind<Extract<Step, { kind: Kind }>> };

export const commands: CommandTable = {
  acceptOffer,
  acknowledge,
  acknowledgeOperation,
  advanceTime,
  askRoles,
  changeQuota,
  answerInverseOffers,
  callOnOldStream,
  changeResources,
  declineOffer,
  dropStream,
  impersonateAgent,
  killTask,
  launchGroup,
  messageExecutor,
  orderKill,
  orderResources,
  orderTeardown,
  reconcile,
  reconcileOperations,
  request,
  revive,
  shutdownExecutor,
  snapshot,
  subscribe,
  suppress,
  teardown,
  updateFramework,
  updateWeights,
  drainAgent,
  deactivateAgent,
  reactivateAgent,
  markAgentGone,
  updateSchedule,
  startMaintenance,
  stopMaintenance,
  askMaintenance,
};

const anyFault = faultCommand({ names: ["none"] });

/** The command of a step; its `check` and `run` take that very step. */
export function commandFor(step: Step): Pick<CommandKind<never>, "check" | "run"> {
  return step.kind === "fault" ? anyFault : commands[step.kind];
}

/** Does the step when it has something to act on; answers whether it did. */
export async function runStep(world: World, step: Step): Promise<boolean> {
  const command = commandFor(step);
  if (!command.check(world, step as never)) return false;
  await command.run(world, step as never);
  await world.afterStep();
  return true;
}
