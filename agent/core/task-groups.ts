/**
 * Takes groups of tasks over: all of a group or nothing. Its records leave in one batch, so an agent that dies finds either
 * the whole group or none of it, and what it had not launched by then it never launches.
 */

import { nestedContainerId } from "../../common/container-id.ts";
import { record, taskKey } from "./checkpoint.ts";
import { type ExecutorToRun, isProgram } from "./executor-message.ts";
import { deliverTask } from "./executor-stream.ts";
import { executorOf } from "./executor-table.ts";
import { executorConflict, executorFor, executorNotLaunched } from "./executors.ts";
import { isPartitionAware } from "./framework-traits.ts";
import { agentLimits } from "./limits.ts";
import type { TaskGroupToRun, TaskToRun } from "./master-message.ts";
import type { Executor, Framework, Task, TaskGroup } from "./state.ts";
import { addUpdate } from "./status-updates.ts";
import { addFramework, addTask } from "./task-table.ts";
import { answer, launchCommand } from "./tasks.ts";
import { log, type Turn } from "./turn.ts";

/** Takes a group over. Without room for all of it, or when the books differ about its executor, each task is answered for. */
export function runTaskGroup(turn: Turn, order: TaskGroupToRun): void {
  const { state } = turn;
  const { frameworkId, tasks } = order;
  const known = state.frameworks.get(frameworkId);
  if (known?.isShuttingDown === true) {
    log(turn, "warn", "ignored a group of a framework that is shut down", { frameworkId, tasks: tasks.length });
    return;
  }
  const conflict = groupConflict(turn, order);
  if (conflict !== undefined) answerAll(turn, order, conflict);
  else {
    const framework = known ?? addFramework(state, frameworkId, order.framework);
    if (known === undefined) record(turn, framework.key);
    if (order.executor === undefined || order.problem !== undefined) refuseGroup(turn, order);
    else takeGroup(turn, framework, { tasks, toRun: order.executor });
  }
  executorNotLaunched(turn, order);
}

type Conflict = Parameters<typeof answer>[2];

function groupConflict(turn: Turn, order: TaskGroupToRun): { reason: Conflict; message: string } | undefined {
  const { state } = turn;
  const { tasks, frameworkId, executor } = order;
  if (state.tasks.size + tasks.length > agentLimits.tasksMax)
    return {
      reason: "REASON_TASK_GROUP_INVALID",
      message: `the agent holds ${state.tasks.size} tasks, ${tasks.length} more are too many; their updates are not acknowledged`,
    };
  if (state.drain !== undefined) return { reason: "REASON_AGENT_DRAINING", message: "the agent is being drained" };
  const used = tasks.find(({ taskId }) => state.tasks.has(taskKey(frameworkId, taskId)));
  if (used !== undefined)
    return { reason: "REASON_TASK_GROUP_INVALID", message: `the agent still holds task ${used.taskId} of an earlier launch` };
  const message = executor === undefined ? undefined : executorConflict(turn, order, executor);
  return message === undefined ? undefined : { reason: "REASON_EXECUTOR_TERMINATED", message };
}

/** Those whose ids the agent holds speak for themselves. */
function answerAll(
  turn: Turn,
  { frameworkId, framework, tasks }: TaskGroupToRun,
  { reason, message }: { reason: Conflict; message: string },
): void {
  const partitionAware = isPartitionAware(framework);
  for (const { taskId } of tasks) {
    if (!turn.state.tasks.has(taskKey(frameworkId, taskId))) answer(turn, { frameworkId, taskId, partitionAware }, reason, message);
  }
}

/** The master has let something pass that this agent cannot honour. */
function refuseGroup(turn: Turn, { frameworkId, tasks, problem }: TaskGroupToRun): void {
  for (const toRun of tasks) {
    const task = addTask(turn.state, { frameworkId, taskId: toRun.taskId, toRun, containerId: undefined, state: "TASK_STAGING" });
    const message = problem ?? "the group has no executor";
    addUpdate(turn, task, { state: "TASK_ERROR", source: "SOURCE_AGENT", reason: "REASON_TASK_GROUP_INVALID", message });
  }
}

function takeGroup(turn: Turn, framework: Framework, { tasks, toRun }: { tasks: readonly TaskToRun[]; toRun: ExecutorToRun }): void {
  const { state } = turn;
  const executor = executorFor(turn, framework, toRun);
  const group: TaskGroup = { groupId: state.prng.uuid(), tasks: new Set(), fallenBecause: undefined };
  for (const one of tasks) {
    const task = addTask(state, {
      frameworkId: framework.frameworkId,
      taskId: one.taskId,
      toRun: { ...one, framework: framework.info },
      containerId: isProgram(toRun) ? executor.containerId : nestedContainerId(executor.containerId, state.prng.uuid()),
      state: "TASK_STAGING",
      group,
    });
    executor.tasks.add(task);
    record(turn, task.key);
  }
  record(turn, framework.key, { kind: "groupRecorded", group });
}

/** Continues `runTaskGroup` once the group is durable. Members that were killed meanwhile have taken the others along. */
export function groupRecorded(turn: Turn, group: TaskGroup): void {
  const waiting = [...group.tasks].filter((task) => task.container === "recording");
  const first = waiting[0];
  if (first === undefined) return;
  const executor = executorOf(turn.state, first);
  if (executor === undefined) return;
  if (isProgram(executor.toRun)) handOver(turn, executor, waiting);
  else for (const task of waiting) launchCommand(turn, task);
}

function handOver(turn: Turn, executor: Executor, tasks: readonly Task[]): void {
  const { hadTask } = executor;
  for (const task of tasks) task.container = "launching";
  for (const task of tasks) deliverTask(turn, executor, task);
  if (!hadTask && executor.hadTask) record(turn, executor.key);
}
