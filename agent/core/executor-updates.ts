/**
 * Updates that executors send. Each is acknowledged to its executor once it is durable here, and may come again until then;
 * what came before is known by its uuid.
 */

import { ExecutorId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { isTerminal } from "../../common/task-state.ts";
import type { TaskStatus } from "../../common/task-status.ts";
import { record, taskKey } from "./checkpoint.ts";
import type { ExecutorUpdate } from "./executor-message.ts";
import { sendToExecutor } from "./executor-stream.ts";
import { executorOf } from "./executor-table.ts";
import { agentLimits } from "./limits.ts";
import type { Executor, Task, Update } from "./state.ts";
import { appendUpdate } from "./status-updates.ts";
import { forgetTask } from "./task-end.ts";
import { toldState } from "./told-state.ts";
import type { Turn } from "./turn.ts";

/** Takes an update in, or says why not. One that needs nothing more is acknowledged at once. */
export function takeUpdate(turn: Turn, executor: Executor, update: ExecutorUpdate): Refusal | undefined {
  const { state } = turn;
  const { taskId, uuid } = update;
  const task = state.tasks.get(taskKey(executor.frameworkId, taskId));
  const pending = task?.updates.find((one) => one.uuid === uuid);
  if (pending !== undefined) {
    if (pending.isDurable) acknowledgeToExecutor(turn, executor, update);
    return undefined;
  }
  // Its end is acknowledged, or it ended for another reason: the executor need not go on about it.
  if (task === undefined || task.settledUuids.includes(uuid) || isTerminal(task.durableState)) {
    acknowledgeToExecutor(turn, executor, update);
    return undefined;
  }
  if (isTerminal(task.latestState)) {
    record(turn, task.key, { kind: "endRecorded", executor, taskId, uuid });
    return undefined;
  }
  if (executorOf(state, task) !== executor || task.container !== "running") {
    return { code: "INVALID_ARGUMENT", message: `update.status.task_id must be of a task of this executor, is ${taskId}` };
  }
  if (state.frameworks.get(executor.frameworkId)?.isShuttingDown === true) {
    if (isTerminal(update.state)) forgetTask(turn, task);
    acknowledgeToExecutor(turn, executor, update);
    return undefined;
  }
  if (!isTerminal(update.state) && task.updates.length >= agentLimits.executorUpdatesPerTaskMax) {
    const max = agentLimits.executorUpdatesPerTaskMax;
    return { code: "RESOURCE_EXHAUSTED", message: `updates of task ${taskId} that wait for their framework must be at most ${max}` };
  }
  if (isTerminal(update.state)) task.container = "ended";
  appendUpdate(turn, task, { uuid, status: toStatus(turn, { executor, task, update }), isDurable: false, isFromExecutor: true });
  return undefined;
}

/** Continues `takeUpdate` once the update is durable. An executor that is away sends it again when it is back. */
export function executorUpdateRecorded(turn: Turn, task: Task, update: Update): void {
  const executor = executorOf(turn.state, task);
  if (update.isFromExecutor && executor !== undefined) acknowledgeToExecutor(turn, executor, { taskId: task.taskId, uuid: update.uuid });
}

/** Says nothing to an executor that is away. */
export function acknowledgeToExecutor(turn: Turn, executor: Executor, { taskId, uuid }: Pick<ExecutorUpdate, "taskId" | "uuid">): void {
  sendToExecutor(turn, executor, { kind: "acknowledged", taskId, uuid });
}

function toStatus(turn: Turn, { executor, task, update }: { executor: Executor; task: Task; update: ExecutorUpdate }): TaskStatus {
  return {
    taskId: task.taskId,
    agentId: turn.state.agentId,
    executorId: ExecutorId(executor.executorId),
    containerId: executor.containerId,
    source: "SOURCE_EXECUTOR",
    ...toldState(turn.state, task, update),
    message: update.message,
    uuid: update.uuid,
    timestampMs: update.timestampMs ?? turn.wallMs,
    extra: update.extra,
  };
}
