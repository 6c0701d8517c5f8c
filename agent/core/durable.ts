/** What follows once a batch of the checkpoint is durable: the second half of everything that must not be seen before. */

import { assertDefined, assertNever } from "../../common/assert.ts";
import { isTerminal } from "../../common/task-state.ts";
import { flush, takeDurable } from "./checkpoint.ts";
import { settleGroups } from "./default-executor.ts";
import { acknowledgeToExecutor, executorUpdateRecorded } from "./executor-updates.ts";
import { executorForgotten, executorRecorded } from "./executors.ts";
import { killRecorded } from "./kills.ts";
import { settleLimits } from "./limit-containers.ts";
import { handleMasterMessage } from "./master-messages.ts";
import { operationRecorded } from "./operations.ts";
import { startRunning } from "./registration.ts";
import type { Continuation, Task, Update } from "./state.ts";
import { checkedBy, forwardHead, pauseRetries } from "./status-updates.ts";
import { groupRecorded } from "./task-groups.ts";
import { launchRecorded } from "./tasks.ts";
import { retired } from "./termination.ts";
import { exit, log, type Turn } from "./turn.ts";

export function checkpointed(turn: Turn, batch: number): void {
  for (const continuation of takeDurable(turn.state, batch)) continueWith(turn, continuation);
}

/** The end of a step: what has to be written leaves, and what waits for nothing goes on, until nothing is left of the latter. */
export function commit(turn: Turn): void {
  for (;;) {
    if (isStaying(turn)) {
      settleGroups(turn);
      settleLimits(turn);
    }
    const continuations = flush(turn);
    if (continuations.length === 0) return;
    for (const continuation of continuations) continueWith(turn, continuation);
  }
}

/**
 * An agent that cannot write must not go on: nothing that waited for this batch was said or done, and the next start
 * finds what was durable before.
 */
export function checkpointFailed(turn: Turn, reason: string): void {
  pauseRetries(turn);
  exit(turn, 1, `the checkpoint cannot be written: ${reason}`);
}

function continueWith(turn: Turn, continuation: Continuation): void {
  switch (continuation.kind) {
    case "agentIdRecorded":
      agentIdRecorded(turn);
      return;
    case "taskRecorded":
      if (isCurrent(turn, continuation.task)) launchRecorded(turn, continuation.task);
      return;
    case "groupRecorded":
      if (isStaying(turn)) groupRecorded(turn, continuation.group);
      return;
    case "killRecorded":
      if (isCurrent(turn, continuation.task)) killRecorded(turn, continuation.task);
      return;
    case "updateRecorded":
      if (isCurrent(turn, continuation.task)) updateRecorded(turn, continuation.task, continuation.update);
      return;
    case "acknowledgementRecorded":
      if (isCurrent(turn, continuation.task)) acknowledgementRecorded(turn, continuation.task);
      return;
    case "operationRecorded":
      operationRecorded(turn, continuation.operation);
      return;
    case "taskForgotten":
      turn.emit({ kind: "removeContainer", containerId: continuation.containerId });
      return;
    case "executorRecorded":
      if (isStaying(turn) && turn.state.executors.get(continuation.executor.key) === continuation.executor)
        executorRecorded(turn, continuation.executor);
      return;
    case "endRecorded":
      if (isStaying(turn)) acknowledgeToExecutor(turn, continuation.executor, continuation);
      return;
    case "executorForgotten":
      if (isStaying(turn)) executorForgotten(turn, continuation.exited, continuation.containerId);
      return;
    case "retired":
      retired(turn);
      return;
    default:
      assertNever(continuation);
  }
}

/** A task that was forgotten meanwhile needs nothing; a leaving agent launches, kills and says nothing more. */
function isCurrent(turn: Turn, task: Task): boolean {
  return isStaying(turn) && turn.state.tasks.get(task.key) === task;
}

function isStaying({ state }: Turn): boolean {
  return state.connection.kind !== "terminating";
}

function agentIdRecorded(turn: Turn): void {
  const { state } = turn;
  state.isAgentIdDurable = true;
  if (state.connection.kind !== "accepting") return;
  const { linkId, deferred } = state.connection;
  // Who reads this may count on the id: the agent would come back with it after a crash.
  log(turn, "info", "registered", { agentId: assertDefined(state.agentId, "agent id") });
  startRunning(turn, linkId);
  for (const message of deferred) handleMasterMessage(turn, message);
}

function updateRecorded(turn: Turn, task: Task, update: Update): void {
  update.isDurable = true;
  task.durableState = update.status.state;
  task.durableChecked = checkedBy(update.status);
  task.durableStatus = update.status;
  executorUpdateRecorded(turn, task, update);
  if (isTerminal(update.status.state)) releaseContainer(turn, task);
  if (task.updates[0] === update) forwardHead(turn, task);
}

/** The end is durable here, so the supervisor's own record of it may go. */
function releaseContainer(turn: Turn, task: Task): void {
  const { containerId } = task;
  if (containerId !== undefined && turn.state.containers.delete(containerId)) turn.emit({ kind: "removeContainer", containerId });
}

function acknowledgementRecorded(turn: Turn, task: Task): void {
  task.isAcknowledging = false;
  forwardHead(turn, task);
}
