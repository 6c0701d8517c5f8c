/**
 * The stream of updates of each task: stop and wait. Only the head is forwarded, once it is durable, and again with
 * growing delays until the framework acknowledges it; the next one follows when the acknowledgement is durable.
 */

import { assert } from "../../common/assert.ts";
import { ExecutorId, type Uuid } from "../../common/ids.ts";
import { isTerminal } from "../../common/task-state.ts";
import type { Checked, TaskStatus } from "../../common/task-status.ts";
import { isForwarded } from "./awaited-update.ts";
import { limitationOf } from "./breach.ts";
import { record, taskKey } from "./checkpoint.ts";
import { agentLimits } from "./limits.ts";
import { sendToMaster } from "./link.ts";
import type { MasterToAgent } from "./master-message.ts";
import type { NewStatus } from "./new-status.ts";
import type { Task, Update } from "./state.ts";
import { leaveExecutor, removeTask } from "./task-table.ts";
import { toldState } from "./told-state.ts";
import { log, type Turn } from "./turn.ts";

/** Says something of a task that must reach its framework: durable first, then forwarded until it is acknowledged. */
export function addUpdate(turn: Turn, task: Task, news: NewStatus): void {
  assert(!isTerminal(task.latestState), `task ${task.key} is ${task.latestState} and cannot become ${news.state}`);
  appendUpdate(turn, task, createUpdate(turn, task, news));
}

/** Says what a check found. Of what still waits to be sent, the last word on the same check is enough. */
export function addCheckUpdate(turn: Turn, task: Task, news: NewStatus): void {
  const index = task.updates.findLastIndex((update) => update.status.reason === news.reason);
  // The head may have been sent, so it stays as it is.
  if (index > 0) task.updates.splice(index, 1);
  addUpdate(turn, task, news);
}

/** Adds an update to the task's stream, from wherever it comes. */
export function appendUpdate(turn: Turn, task: Task, update: Update): void {
  const { state } = update.status;
  task.updates.push(update);
  task.latestState = state;
  task.checked = checkedBy(update.status);
  if (isTerminal(state)) leaveExecutor(turn.state, task);
  record(turn, task.key, { kind: "updateRecorded", task, update });
}

/** What a status says that the task's checks found. */
export function checkedBy({ extra }: TaskStatus): Checked {
  const { healthy, checkStatus } = extra ?? {};
  return { ...(healthy === undefined ? {} : { healthy }), ...(checkStatus === undefined ? {} : { checkStatus }) };
}

type Speaker = Pick<Task, "frameworkId" | "taskId" | "containerId" | "executorId"> & { readonly checked?: Checked };

export function createUpdate(turn: Turn, speaker: Speaker, news: NewStatus): Update {
  const { taskId, containerId, executorId, checked = {} } = speaker;
  const uuid = turn.state.prng.uuid();
  const status: TaskStatus = {
    taskId,
    agentId: turn.state.agentId,
    // A command task speaks for its built-in executor, which has the task's id.
    executorId: executorId ?? (news.source === "SOURCE_EXECUTOR" ? ExecutorId(taskId) : undefined),
    containerId,
    source: news.source,
    ...toldState(turn.state, speaker, news),
    message: news.message,
    uuid,
    timestampMs: turn.wallMs,
    ...extraOf(checked, news),
  };
  return { uuid, status, isDurable: false, isFromExecutor: false };
}

/** Absent where there is nothing to say. */
function extraOf(checked: Checked, { breach }: NewStatus): Pick<TaskStatus, "extra"> {
  const limitation = breach === undefined ? {} : { limitation: limitationOf(breach) };
  const extra = { ...checked, ...limitation };
  return extra.healthy === undefined && extra.checkStatus === undefined && breach === undefined ? {} : { extra };
}

/** Forwards the head of a task's stream, if it may be said, and arms its retry. */
export function forwardHead(turn: Turn, task: Task): void {
  const { state } = turn;
  if (state.connection.kind !== "running") return;
  if (state.frameworks.get(task.frameworkId)?.isShuttingDown === true) return;
  if (task.isAcknowledging) return;
  const head = task.updates[0];
  if (head === undefined || !head.isDurable) return;
  sendToMaster(turn, { kind: "statusUpdate", frameworkId: task.frameworkId, status: head.status, latestState: task.durableState });
  state.retries.set(task, turn.nowMs + task.retryDelayMs);
  task.retryDelayMs = Math.min(task.retryDelayMs * 2, state.config.updateRetryMaxMs);
}

/** The first of these is sent at once and its delays start over: after a (re)registration, or when a framework came back. */
export function resendHeads(turn: Turn, tasks: Iterable<Task>): void {
  for (const task of tasks) {
    task.retryDelayMs = turn.state.config.updateRetryMinMs;
    forwardHead(turn, task);
  }
}

/** Forwards again whatever has waited long enough for its acknowledgement. */
export function retryDueHeads(turn: Turn): void {
  for (const task of turn.state.retries.takeDue(turn.nowMs)) forwardHead(turn, task);
}

/** Updates pause while the agent is not registered. */
export function pauseRetries(turn: Turn): void {
  turn.state.retries.takeDue(Number.POSITIVE_INFINITY);
  turn.state.operationRetries.takeDue(Number.POSITIVE_INFINITY);
}

type Acknowledge = Extract<MasterToAgent, { readonly kind: "acknowledge" }>;

/** The framework has the head. Anything else than the head's uuid is an echo of the past. */
export function acknowledge(turn: Turn, { frameworkId, taskId, uuid }: Acknowledge): void {
  const task = turn.state.tasks.get(taskKey(frameworkId, taskId));
  const head = task?.updates[0];
  if (task === undefined || head === undefined || !isForwarded(task, head) || head.uuid !== uuid) {
    log(turn, "debug", "ignored an acknowledgement that is not for the oldest update", { frameworkId, taskId, uuid });
    return;
  }
  turn.state.retries.delete(task);
  task.retryDelayMs = turn.state.config.updateRetryMinMs;
  task.updates.shift();
  if (head.isFromExecutor) settleUuid(task, head.uuid);
  if (isTerminal(head.status.state)) {
    removeTask(turn, task);
    return;
  }
  task.isAcknowledging = true;
  record(turn, task.key, { kind: "acknowledgementRecorded", task });
}

function settleUuid(task: Task, uuid: Uuid): void {
  task.settledUuids.push(uuid);
  if (task.settledUuids.length > agentLimits.settledUuidsPerTaskMax) task.settledUuids.shift();
}

/** Whether the stream of one more task fits. */
export function hasRoomForTask(turn: Turn): boolean {
  return turn.state.tasks.size < agentLimits.tasksMax;
}
