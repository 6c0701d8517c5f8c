/** The subscription of an executor: what it hears, and which stream it hears it on. */

import type { Refusal } from "../../common/result.ts";
import type { ExecutorEvent } from "./executor-message.ts";
import type { Executor, Task } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Whether the event was sent; an executor that is away hears what still matters when it is back. */
export function sendToExecutor(turn: Turn, executor: Executor, event: ExecutorEvent): boolean {
  if (executor.streamId === undefined) return false;
  turn.emit({ kind: "sendToExecutor", streamId: executor.streamId, event });
  return true;
}

/** Ends the executor's stream from this side, if it has one. */
export function closeExecutorStream(turn: Turn, executor: Executor, refusal?: Refusal): void {
  const { streamId } = executor;
  if (streamId === undefined) return;
  executor.streamId = undefined;
  turn.state.executorStreams.delete(streamId);
  turn.state.executorHeartbeats.delete(executor);
  turn.emit({ kind: "closeExecutorStream", streamId, refusal });
}

/** Gives a recorded task, and its whole group with it, to its executor. If that is not there it waits until it has subscribed. */
export function deliverTask(turn: Turn, executor: Executor, task: Task): void {
  const tasks = task.group === undefined ? [task] : [...task.group.tasks];
  if (executor.phase !== "running" || tasks.some(({ container }) => container !== "launching")) return;
  const infos = tasks.flatMap(({ toRun }) => (toRun === undefined ? [] : [toRun.info]));
  const [info] = infos;
  if (info === undefined) return;
  if (!sendToExecutor(turn, executor, task.group === undefined ? { kind: "launch", task: info } : { kind: "launchGroup", tasks: infos }))
    return;
  for (const one of tasks) one.container = "running";
  executor.hadTask = true;
}

/** Passes a durable kill on, with the grace only where it is not the task's own. */
export function deliverKill(turn: Turn, executor: Executor, task: Task): void {
  if (task.container !== "running" || task.kill?.isDurable !== true) return;
  const { graceMs } = task.kill;
  sendToExecutor(turn, executor, {
    kind: "kill",
    taskId: task.taskId,
    graceMs: graceMs === task.toRun?.killGraceMs ? undefined : graceMs,
  });
}

export function heartbeatExecutors(turn: Turn): void {
  for (const executor of turn.state.executorHeartbeats.takeDue(turn.nowMs)) {
    if (sendToExecutor(turn, executor, { kind: "heartbeat" })) armHeartbeat(turn, executor);
  }
}

export function armHeartbeat(turn: Turn, executor: Executor): void {
  turn.state.executorHeartbeats.set(executor, turn.nowMs + turn.state.config.executorHeartbeatMs);
}
