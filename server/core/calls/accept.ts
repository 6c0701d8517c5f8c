/** ACCEPT: uses offers for launches and for changes of resources, in order, against what is left of them. Source: Mesos Master::accept. */

import {
  addResources,
  allocateResources,
  type Resources,
  subtractResources,
  sumResources,
  unallocateResources,
} from "../../../common/resources.ts";
import type { Refusal } from "../../../common/result.ts";
import type { StatusReason } from "../../../common/task-status.ts";
import type { TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { sendToAgent } from "../agents/connection.ts";
import { returnResources } from "../allocator/accounting.ts";
import { addExecutor, findExecutor } from "../executors.ts";
import { consumeOffer, discardOffer, refuseResources } from "../offers.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Executor, Framework, Offer, Task } from "../state.ts";
import { addTask } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import type { OfferOperation, SchedulerCall, TaskDescription } from "./call.ts";
import { changeResources, refuseChange } from "./change-resources.ts";
import { toExecutorInfo } from "./validate-executor.ts";
import { foreignOfferRefusal, ownOffers, validateOffers } from "./validate-offers.ts";
import { taskProblem } from "./validate-task.ts";

export function accept(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "accept" }>): Refusal | undefined {
  const { state } = turn;
  const validated = validateOffers(state, framework, call.offerIds);
  if (validated.kind === "invalid") {
    // Each task and each named operation is told what is wrong. Without one, the call has to.
    const refusal = call.operations.some(isTold) ? undefined : foreignOfferRefusal(state, framework, call);
    if (refusal !== undefined) return refusal;
    for (const offer of ownOffers(state, framework, call.offerIds)) discardOffer(state, offer);
    dropAll(turn, framework, call.operations, { reason: "REASON_INVALID_OFFERS", message: `Invalid offers: ${validated.problem}` });
    return undefined;
  }
  const { first, offers } = validated;
  for (const offer of offers) consumeOffer(state, offer);
  const offered = sumResources(offers.map((offer) => offer.resources));
  const departure = departureOf(turn, first);
  if (departure !== undefined) {
    returnResources(state, { ...first, resources: offered });
    dropAll(turn, framework, call.operations, departure);
    return undefined;
  }
  const rest: Remainder = { usable: offered, aside: [], changed: [] };
  for (const operation of call.operations) carryOut(turn, first, { rest, operation });
  returnResources(state, { ...first, resources: addResources(rest.usable, rest.aside) });
  // What an operation changed is not what was offered, so it was not refused.
  refuseResources(turn, first, unallocateResources(subtractResources(rest.usable, rest.changed)), call.refuseMs);
  return undefined;
}

/** Whether somebody is told what becomes of an operation. */
function isTold(operation: OfferOperation): boolean {
  return operation.kind === "launch" ? operation.tasks.length > 0 : operation.change.operationId !== undefined;
}

/** What is left of the offers, with their role, while the operations go by. */
interface Remainder {
  usable: Resources;
  /** Resized volumes and what they gave back: later operations of the same call cannot use them. Source: the reference. */
  aside: Resources;
  /** What operations made. */
  changed: Resources;
}

function carryOut(turn: Turn, offer: Offer, { rest, operation }: { rest: Remainder; operation: OfferOperation }): void {
  if (operation.kind === "launch") {
    launch(turn, offer, { rest, tasks: operation.tasks });
    return;
  }
  const conversion = changeResources(turn, offer, { description: operation.change, usable: rest.usable });
  if (conversion === undefined) return;
  rest.usable = subtractResources(rest.usable, conversion.consumed);
  rest.changed = subtractResources(rest.changed, conversion.consumed);
  if (operation.kind === "growVolume" || operation.kind === "shrinkVolume") {
    rest.aside = addResources(rest.aside, conversion.converted);
    return;
  }
  rest.usable = addResources(rest.usable, conversion.converted);
  rest.changed = addResources(rest.changed, conversion.converted);
}

/** Starts what can be started. */
function launch(turn: Turn, offer: Offer, { rest, tasks }: { rest: Remainder; tasks: readonly TaskDescription[] }): void {
  const { framework } = offer;
  for (const description of tasks) {
    const resources = allocateResources(description.resources, offer.role);
    const executor = newExecutor(offer, description);
    const needed = executor === undefined ? resources : addResources(resources, executor.resources);
    const problem = taskProblem(description, { framework, offer, remaining: rest.usable, resources: needed });
    if (problem !== undefined) {
      sendTaskError(turn, framework, { description, problem });
      continue;
    }
    rest.usable = subtractResources(rest.usable, needed);
    if (executor !== undefined) addExecutor(turn.state, { framework, agent: offer.agent, executor }, "offer");
    launchTask(turn, offer, { description, resources, launchesExecutor: executor !== undefined });
  }
}

/** The executor that this task would start; undefined when it needs none or the agent has it. */
function newExecutor(offer: Offer, { executor }: TaskDescription): Executor | undefined {
  const { framework, agent, role } = offer;
  const { frameworkId } = framework;
  if (executor === undefined || findExecutor(agent, frameworkId, executor.executorId) !== undefined) return undefined;
  const { executorId } = executor;
  const resources = allocateResources(executor.resources, role);
  return { executorId, frameworkId, agentId: agent.agentId, role, resources, info: toExecutorInfo(executor, offer) };
}

function launchTask(
  turn: Turn,
  offer: Offer,
  { description, resources, launchesExecutor }: { description: TaskDescription; resources: Resources; launchesExecutor: boolean },
): void {
  const { framework, agent, role } = offer;
  const { executor } = description;
  const task: Task = {
    taskId: description.taskId,
    frameworkId: framework.frameworkId,
    agentId: agent.agentId,
    executorId: executor?.executorId,
    name: description.info.name,
    role,
    resources,
    state: "TASK_STAGING",
    statusUpdateState: undefined,
    statusUpdateUuid: undefined,
    holdsResources: true,
    kill: undefined,
    isAnnouncedLost: false,
  };
  addTask(turn.state, { framework, agent, task }, "offer");
  const info = withAllocationRole(description.info, role);
  sendToAgent(turn, agent, {
    kind: "runTask",
    framework: framework.description.info,
    task: executor === undefined ? info : { ...info, executor: toExecutorInfo(executor, offer) },
    ...(executor === undefined ? {} : { launchesExecutor }),
  });
}

/** Frameworks without MULTI_ROLE leave the role out; the agent reports tasks with it. */
function withAllocationRole(info: TaskInfo, role: string): TaskInfo {
  return { ...info, resources: info.resources.map((resource) => ({ ...resource, allocationInfo: { role } })) };
}

interface Drop {
  readonly reason: StatusReason;
  readonly message: string;
}

/** Why nothing can be launched on the agent any more. */
function departureOf({ state }: Turn, { agent }: Offer): Drop | undefined {
  const { agentId } = agent;
  if (state.agentChanges.get(agentId) === "removing") return { reason: "REASON_AGENT_REMOVED", message: `Agent ${agentId} is leaving` };
  if (agent.linkId === undefined) return { reason: "REASON_AGENT_DISCONNECTED", message: `Agent ${agentId} is disconnected` };
  return undefined;
}

function dropAll(turn: Turn, framework: Framework, operations: readonly OfferOperation[], { reason, message }: Drop): void {
  for (const operation of operations) {
    if (operation.kind !== "launch") {
      refuseChange(turn, framework, operation.change, message);
      continue;
    }
    for (const { taskId, agentId } of operation.tasks) {
      sendUpdate(turn, framework, { taskId, agentId, state: "TASK_DROPPED", reason, message });
    }
  }
}

function sendTaskError(
  turn: Turn,
  framework: Framework,
  { description, problem }: { description: TaskDescription; problem: string },
): void {
  const { taskId, agentId } = description;
  sendUpdate(turn, framework, {
    taskId,
    agentId,
    state: "TASK_ERROR",
    reason: "REASON_TASK_INVALID",
    message: `Task ${taskId}: ${problem}`,
  });
}
