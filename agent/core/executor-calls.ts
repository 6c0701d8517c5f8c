/** What executors ask of the agent. A refusal has no effect. Codes: spec of the executor API (400, 403, 503 in Mesos). */

import { assertNever } from "../../common/assert.ts";
import type { StreamId } from "../../common/ids.ts";
import { type Refusal, type Result, refuse, succeed } from "../../common/result.ts";
import { stateForFramework } from "../../common/task-state.ts";
import { record } from "./checkpoint.ts";
import { type ExecutorCall, type ExecutorKey, type ExecutorSubscription, isProgram } from "./executor-message.ts";
import { armHeartbeat, closeExecutorStream, deliverKill, deliverTask, sendToExecutor } from "./executor-stream.ts";
import { findExecutor } from "./executor-table.ts";
import { takeUpdate } from "./executor-updates.ts";
import { retireIdleExecutor } from "./executors.ts";
import { isPartitionAware } from "./framework-traits.ts";
import { sendToMaster } from "./link.ts";
import type { Executor } from "./state.ts";
import { endTask } from "./task-end.ts";
import { log, type Turn } from "./turn.ts";

/** Connects an executor, perhaps again: it brings what the agent may not know, and gets what waits for it. */
export function subscribeExecutor(turn: Turn, streamId: StreamId, subscription: ExecutorSubscription): void {
  const { state } = turn;
  const { frameworkId, executorId } = subscription;
  if (state.connection.kind === "recovering") {
    turn.emit({ kind: "closeExecutorStream", streamId, refusal: recovering });
    return;
  }
  const executor = findExecutor(state, frameworkId, executorId);
  const framework = state.frameworks.get(frameworkId);
  if (executor !== undefined && !isProgram(executor.toRun)) {
    turn.emit({ kind: "closeExecutorStream", streamId, refusal: builtIn(executorId) });
    return;
  }
  if (isEnding(turn, executor) || framework?.isShuttingDown === true) {
    turn.emit({ kind: "sendToExecutor", streamId, event: { kind: "shutdown" } });
    turn.emit({ kind: "closeExecutorStream", streamId, refusal: undefined });
    return;
  }
  if (executor === undefined || framework === undefined || executor.phase === "recording") {
    turn.emit({ kind: "closeExecutorStream", streamId, refusal: unknownExecutor(subscription) });
    return;
  }
  log(turn, "info", "an executor subscribed", { frameworkId, executorId, tasks: executor.tasks.size });
  closeExecutorStream(turn, executor, { code: "ABORTED", message: `executor ${executorId} subscribed again` });
  executor.phase = "running";
  executor.isReturning = false;
  executor.streamId = streamId;
  state.executorStreams.set(streamId, executor);
  state.executorDeadlines.delete(executor);
  armHeartbeat(turn, executor);
  const { info } = executor.toRun;
  const { containerId } = executor;
  sendToExecutor(turn, executor, { kind: "subscribed", executor: info, framework: framework.info, agentId: state.agentId, containerId });
  catchUp(turn, executor, subscription);
}

function isEnding({ state }: Turn, executor: Executor | undefined): boolean {
  return state.connection.kind === "terminating" || executor?.phase === "terminating";
}

/** Settles what the two sides know of each other's tasks. */
function catchUp(turn: Turn, executor: Executor, { updates, taskIds }: ExecutorSubscription): void {
  const hadTask = executor.hadTask;
  if (updates.length > 0 || taskIds.length > 0) executor.hadTask = true;
  for (const update of updates) {
    const refusal = takeUpdate(turn, executor, update);
    if (refusal !== undefined) log(turn, "warn", "ignored an update of an executor", { taskId: update.taskId, reason: refusal.message });
  }
  const listed = new Set([...taskIds, ...updates.map(({ taskId }) => taskId)]);
  // Before anything is delivered, because one delivery may carry several tasks.
  const lost = [...executor.tasks].filter(
    ({ container, latestState, taskId }) => container === "running" && latestState === "TASK_STAGING" && !listed.has(taskId),
  );
  for (const task of lost) endTask(turn, task, neverArrived(turn, executor));
  for (const task of executor.tasks) {
    if (task.container === "launching") deliverTask(turn, executor, task);
    else deliverKill(turn, executor, task);
  }
  if (hadTask !== executor.hadTask) record(turn, executor.key);
  retireIdleExecutor(turn, executor);
}

/** The task was on its way to the executor when the agent, or the connection, ended; the executor does not have it. */
function neverArrived({ state }: Turn, { frameworkId, executorId }: Executor) {
  const framework = state.frameworks.get(frameworkId);
  return {
    state: stateForFramework("TASK_DROPPED", framework !== undefined && isPartitionAware(framework.info)),
    source: "SOURCE_AGENT",
    reason: "REASON_AGENT_RESTARTED",
    message: `executor ${executorId} subscribed again and does not have the task`,
  } as const;
}

export function executorStreamClosed(turn: Turn, streamId: StreamId): void {
  const { state } = turn;
  const executor = state.executorStreams.get(streamId);
  if (executor === undefined) return;
  state.executorStreams.delete(streamId);
  state.executorHeartbeats.delete(executor);
  executor.streamId = undefined;
}

export interface ExecutorCaller extends ExecutorKey {
  /** What the caller sent as `mesos-stream-id`. */
  readonly streamId: StreamId | undefined;
}

/** Undefined when the call was taken. */
export function handleExecutorCall(turn: Turn, caller: ExecutorCaller, call: ExecutorCall): Refusal | undefined {
  if (turn.state.connection.kind === "recovering") return recovering;
  // A sign of life is welcome from anyone, as in the reference.
  if (call.kind === "heartbeat") return undefined;
  const admitted = admit(turn, caller);
  if (!admitted.ok) return admitted.refusal;
  const executor = admitted.value;
  switch (call.kind) {
    case "update":
      return takeUpdate(turn, executor, call.update);
    case "message": {
      const { frameworkId, executorId } = executor;
      sendToMaster(turn, { kind: "executorMessage", frameworkId, executorId, data: call.data });
      return undefined;
    }
    default:
      return assertNever(call);
  }
}

function admit({ state }: Turn, caller: ExecutorCaller): Result<Executor> {
  const { frameworkId, executorId, streamId } = caller;
  if (state.connection.kind === "terminating") return refuse("UNAVAILABLE", "the agent is leaving");
  const executor = findExecutor(state, frameworkId, executorId);
  if (executor === undefined) return { ok: false, refusal: unknownExecutor(caller) };
  if (executor.streamId === undefined) return refuse("PERMISSION_DENIED", `executor ${executorId} is not subscribed`);
  if (streamId === undefined) return refuse("INVALID_ARGUMENT", "mesos-stream-id must be sent with the call, is absent");
  if (streamId !== executor.streamId)
    return refuse("INVALID_ARGUMENT", `mesos-stream-id must be of the current subscription, is ${streamId}`);
  return succeed(executor);
}

const recovering: Refusal = { code: "UNAVAILABLE", message: "the agent is recovering; try again" };

function builtIn(executorId: string): Refusal {
  return {
    code: "INVALID_ARGUMENT",
    message: `executor_id must not be of a default executor, which is a part of the agent, is ${executorId}`,
  };
}

function unknownExecutor({ frameworkId, executorId }: ExecutorKey): Refusal {
  return {
    code: "INVALID_ARGUMENT",
    message: `executor_id must be of an executor that this agent runs for framework ${frameworkId}, is ${executorId}`,
  };
}
