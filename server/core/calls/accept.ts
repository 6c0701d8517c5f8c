/** ACCEPT: uses offers for launches, in order, against what is left of them. Source: Mesos Master::accept. */

import { allocateResources, type Resources, subtractResources, sumResources, unallocateResources } from "../../../common/resources.ts";
import type { Refusal } from "../../../common/result.ts";
import type { StatusReason } from "../../../common/task-status.ts";
import type { TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { sendToAgent } from "../agents/connection.ts";
import { returnResources } from "../allocator/accounting.ts";
import { consumeOffer, discardOffer, refuseResources } from "../offers.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Framework, Offer, Task } from "../state.ts";
import { addTask } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import type { OfferOperation, SchedulerCall, TaskDescription } from "./call.ts";
import { foreignOfferRefusal, ownOffers, validateOffers } from "./validate-offers.ts";
import { taskProblem } from "./validate-task.ts";

export function accept(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "accept" }>): Refusal | undefined {
  const { state } = turn;
  const validated = validateOffers(state, framework, call.offerIds);
  if (validated.kind === "invalid") {
    // Each task is told what is wrong. Without one, the call has to.
    const refusal = tasksOf(call.operations).length > 0 ? undefined : foreignOfferRefusal(state, framework, call);
    if (refusal !== undefined) return refusal;
    for (const offer of ownOffers(state, framework, call.offerIds)) discardOffer(state, offer);
    dropTasks(turn, framework, call.operations, { reason: "REASON_INVALID_OFFERS", message: `Invalid offers: ${validated.problem}` });
    return undefined;
  }
  const { first, offers } = validated;
  for (const offer of offers) consumeOffer(state, offer);
  const offered = sumResources(offers.map((offer) => offer.resources));
  const departure = departureOf(turn, first);
  if (departure !== undefined) {
    returnResources(state, { ...first, resources: offered });
    dropTasks(turn, framework, call.operations, departure);
    return undefined;
  }
  const rest = launch(turn, first, { offered, operations: call.operations });
  returnResources(state, { ...first, resources: rest });
  refuseResources(turn, first, unallocateResources(rest), call.refuseMs);
  return undefined;
}

function tasksOf(operations: readonly OfferOperation[]): readonly TaskDescription[] {
  return operations.flatMap((operation) => operation.tasks);
}

/** Starts what can be started and answers what is left of the offers. */
function launch(
  turn: Turn,
  offer: Offer,
  { offered, operations }: { offered: Resources; operations: readonly OfferOperation[] },
): Resources {
  const { framework } = offer;
  let remaining = offered;
  for (const description of tasksOf(operations)) {
    const resources = allocateResources(description.resources, offer.role);
    const problem = taskProblem(description, { framework, offer, remaining, resources });
    if (problem !== undefined) {
      sendTaskError(turn, framework, { description, problem });
      continue;
    }
    remaining = subtractResources(remaining, resources);
    launchTask(turn, offer, { description, resources });
  }
  return remaining;
}

function launchTask(
  turn: Turn,
  { framework, agent, role }: Offer,
  { description, resources }: { description: TaskDescription; resources: Resources },
): void {
  const task: Task = {
    taskId: description.taskId,
    frameworkId: framework.frameworkId,
    agentId: agent.agentId,
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
  sendToAgent(turn, agent, { kind: "runTask", framework: framework.description.info, task: withAllocationRole(description.info, role) });
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

function dropTasks(turn: Turn, framework: Framework, operations: readonly OfferOperation[], { reason, message }: Drop): void {
  for (const { taskId, agentId } of tasksOf(operations)) {
    sendUpdate(turn, framework, { taskId, agentId, state: "TASK_DROPPED", reason, message });
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
