/** LAUNCH of an ACCEPT: each task stands for itself. What breaks a rule becomes a TASK_ERROR, the others are started. */

import { excerpt } from "../../../common/excerpt.ts";
import { addResources, allocateResources, exclusiveResources, type Resources, subtractResources } from "../../../common/resources.ts";
import { sharesCgroups } from "../../../common/task-container.ts";
import type { StatusReason } from "../../../common/task-status.ts";
import type { TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { sendToAgent } from "../agents/connection.ts";
import { takeResources } from "../allocator/accounting.ts";
import { addExecutor, findExecutor } from "../executors.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Executor, Framework, Offer, Task } from "../state.ts";
import { addTask } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import type { ExecutorDescription, TaskDescription } from "./call.ts";
import { toExecutorInfo } from "./validate-executor.ts";
import { taskProblem } from "./validate-task.ts";

/** What is left of the offers; launches take from it. */
export interface Usable {
  usable: Resources;
}

/** Starts what can be started. */
export function launch(turn: Turn, offer: Offer, { rest, tasks }: { rest: Usable; tasks: readonly TaskDescription[] }): void {
  const { framework } = offer;
  for (const description of tasks) {
    const resources = allocateResources(description.resources, offer.role);
    const executor = description.executor === undefined ? undefined : newExecutor(offer, description.executor);
    const needed = executor === undefined ? resources : addResources(resources, executor.resources);
    const problem = taskProblem(description, { framework, offer, remaining: rest.usable, resources: needed });
    if (problem !== undefined) {
      const { taskId } = description;
      sendTaskError(turn, framework, { description, reason: "REASON_TASK_INVALID", message: `Task ${excerpt(taskId)}: ${problem}` });
      continue;
    }
    takeNeeded(turn, offer, { rest, needed });
    if (executor !== undefined) addExecutor(turn.state, { framework, agent: offer.agent, executor }, "offer");
    launchTask(turn, offer, { description, resources, launchesExecutor: executor !== undefined });
  }
}

/** Takes what a launch needs from what is left. What is shared stays there for others: whoever uses it holds it beside the offers. */
export function takeNeeded(turn: Turn, offer: Offer, { rest, needed }: { rest: Usable; needed: Resources }): void {
  const exclusive = exclusiveResources(needed);
  rest.usable = subtractResources(rest.usable, exclusive);
  if (exclusive !== needed) takeResources(turn.state, { ...offer, resources: subtractResources(needed, exclusive) });
}

/** The executor that a launch would start; undefined when the agent has it. */
export function newExecutor(offer: Offer, executor: ExecutorDescription): Executor | undefined {
  const { framework, agent, role } = offer;
  const { frameworkId } = framework;
  if (findExecutor(agent, frameworkId, executor.executorId) !== undefined) return undefined;
  const { executorId } = executor;
  const resources = allocateResources(executor.resources, role);
  return { executorId, frameworkId, agentId: agent.agentId, role, resources, info: toExecutorInfo(executor, offer) };
}

function launchTask(
  turn: Turn,
  offer: Offer,
  { description, resources, launchesExecutor }: { description: TaskDescription; resources: Resources; launchesExecutor: boolean },
): void {
  const { framework, agent } = offer;
  const { executor } = description;
  const info = bookTask(turn, offer, { description, resources, executor });
  sendToAgent(turn, agent, {
    kind: "runTask",
    framework: framework.description.info,
    task: executor === undefined ? info : { ...info, executor: toExecutorInfo(executor, offer) },
    ...(executor === undefined ? {} : { launchesExecutor }),
  });
}

/** Puts a task into the books, with resources that were taken from the offers, and answers its TaskInfo as agents get it. */
export function bookTask(
  turn: Turn,
  offer: Offer,
  { description, resources, executor }: { description: TaskDescription; resources: Resources; executor: ExecutorDescription | undefined },
): TaskInfo {
  const { framework, agent, role } = offer;
  const task: Task = {
    taskId: description.taskId,
    frameworkId: framework.frameworkId,
    agentId: agent.agentId,
    executorId: executor?.executorId,
    sharesCgroups: sharesCgroups(description.info),
    ...(Object.keys(description.info.limits).length === 0 ? {} : { limits: description.info.limits }),
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
  return withAllocationRole(description.info, role);
}

/** Frameworks without MULTI_ROLE leave the role out; the agent reports tasks with it. */
function withAllocationRole(info: TaskInfo, role: string): TaskInfo {
  return { ...info, resources: info.resources.map((resource) => ({ ...resource, allocationInfo: { role } })) };
}

/** Tells a framework that a task will not be launched. */
export function sendTaskError(
  turn: Turn,
  framework: Framework,
  { description, reason, message }: { description: TaskDescription; reason: StatusReason; message: string },
): void {
  const { taskId, agentId } = description;
  sendUpdate(turn, framework, { taskId, agentId, state: "TASK_ERROR", reason, message });
}
