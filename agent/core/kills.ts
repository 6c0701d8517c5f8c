/** Killing tasks: with grace, and durably, so that a restarted agent still knows that the task was to end. */

import { isTerminal } from "../../common/task-state.ts";
import { record } from "./checkpoint.ts";
import { stopWatching } from "./checks/watches.ts";
import { isProgram } from "./executor-message.ts";
import { deliverKill } from "./executor-stream.ts";
import { programOf } from "./executor-table.ts";
import { retireIdleExecutor } from "./executors.ts";
import { wantsKillingState } from "./framework-traits.ts";
import { becauseOfGroup } from "./group-end.ts";
import type { KillOrder, Task } from "./state.ts";
import { addUpdate } from "./status-updates.ts";
import { endTask } from "./task-end.ts";
import { log, type Turn } from "./turn.ts";

/**
 * Orders the end of a task. A task that was not launched yet never is. A second order may only shorten the grace. `cause`: what the
 * message of the task's end will say of the reason.
 */
export function orderKill(turn: Turn, task: Task, graceMs: number, cause: Pick<KillOrder, "failedChecks"> = {}): void {
  const { frameworkId, taskId } = task;
  if (isTerminal(task.latestState)) {
    log(turn, "debug", "ignored the kill of a task that has ended", { frameworkId, taskId });
    return;
  }
  const executor = programOf(turn.state, task);
  if (task.container === "recording" || (executor !== undefined && task.container === "launching")) {
    endTask(turn, task, {
      state: "TASK_KILLED",
      source: "SOURCE_AGENT",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      message: `killed before it was launched${becauseOfGroup(task)}`,
    });
    if (executor !== undefined) retireIdleExecutor(turn, executor);
    return;
  }
  if (task.kill !== undefined && task.kill.graceMs <= graceMs) {
    if (executor !== undefined) deliverKill(turn, executor, task);
    log(turn, "debug", "ignored a kill with no shorter grace than the first", { frameworkId, taskId, graceMs });
    return;
  }
  stopWatching(turn, task);
  const { failedChecks } = task.kill ?? cause;
  task.kill = { graceMs, isDurable: false, isOverdue: false, ...(failedChecks === undefined ? {} : { failedChecks }) };
  // An executor speaks for its tasks itself.
  if (executor === undefined) sayKilling(turn, task);
  record(turn, task.key, { kind: "killRecorded", task });
}

/** A task has run for as long as it may: SIGKILL without a word before. One that is being killed already keeps its grace. */
export function killOverdue(turn: Turn, task: Task): void {
  const { frameworkId, taskId } = task;
  log(turn, "info", "a task has reached its max_completion_time", { frameworkId, taskId });
  stopWatching(turn, task);
  task.kill = { graceMs: 0, isDurable: false, isOverdue: true };
  record(turn, task.key, { kind: "killRecorded", task });
}

function sayKilling(turn: Turn, task: Task): void {
  const framework = turn.state.frameworks.get(task.frameworkId);
  if (task.latestState !== "TASK_RUNNING" || framework === undefined || framework.isShuttingDown) return;
  if (!wantsKillingState(framework.info)) return;
  addUpdate(turn, task, { state: "TASK_KILLING", source: "SOURCE_EXECUTOR", message: "the task is being killed" });
}

export function killRecorded(turn: Turn, task: Task): void {
  if (task.kill !== undefined) task.kill.isDurable = true;
  carryOutKill(turn, task);
}

/** Kills a task that runs or is being launched, if that was ordered durably. A launch may take long: files are fetched first. */
export function carryOutKill(turn: Turn, task: Task): void {
  if (isProgram(task.toRun?.executor)) {
    const executor = programOf(turn.state, task);
    if (executor !== undefined) deliverKill(turn, executor, task);
    return;
  }
  const mayExist = task.container === "launching" || task.container === "running";
  if (!mayExist || task.containerId === undefined || task.kill?.isDurable !== true) return;
  turn.emit({ kind: "killContainer", containerId: task.containerId, graceMs: task.kill.graceMs });
}
