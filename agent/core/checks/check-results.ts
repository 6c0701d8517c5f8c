/** What follows from a look at a task: updates where something changed, and the end of a task that stays unhealthy or runs too long. */

import type { CheckId } from "../../../common/ids.ts";
import { defaultKillGraceMs } from "../config.ts";
import { killOverdue, orderKill } from "../kills.ts";
import type { Watch } from "../state.ts";
import { addCheckUpdate } from "../status-updates.ts";
import { log, type Turn } from "../turn.ts";
import type { ProbeResult } from "./check-spec.ts";
import { describeResult, isHealthy, isSameCheckStatus, toCheckStatus } from "./check-status.ts";
import { finishLook, takeDueWatches } from "./watches.ts";

type WatchOf<Purpose extends Watch["purpose"]> = Extract<Watch, { readonly purpose: Purpose }>;

/** A look has ended by itself. One that was stopped, or given up, meanwhile says nothing any more. */
export function checkDone(turn: Turn, checkId: CheckId, result: ProbeResult): void {
  const watch = turn.state.checks.running.get(checkId);
  if (watch === undefined) return;
  finishLook(turn, watch);
  take(turn, watch, result);
}

/** Does what time has come for: looks that start, looks that took too long, tasks that ran too long. */
export function checksTick(turn: Turn): void {
  for (const watch of takeDueWatches(turn)) {
    // The other check of the same task may just have ended it.
    if (watch.checkId === undefined) continue;
    turn.emit({ kind: "stopCheck", checkId: watch.checkId });
    finishLook(turn, watch);
    take(turn, watch, { kind: "timedOut" });
  }
  for (const task of turn.state.checks.completions.takeDue(turn.nowMs)) killOverdue(turn, task);
}

function take(turn: Turn, watch: Watch, result: ProbeResult): void {
  if (result.kind === "notDone") {
    const { frameworkId, taskId } = watch.task;
    log(turn, "warn", "a task could not be checked", { frameworkId, taskId, purpose: watch.purpose, reason: result.reason });
  } else if (watch.purpose === "check") takeCheck(turn, watch, result);
  else if (isHealthy(result)) takeSuccess(turn, watch);
  else takeFailure(turn, watch, result);
}

function takeCheck(turn: Turn, { task, spec }: WatchOf<"check">, result: ProbeResult): void {
  const checkStatus = toCheckStatus(spec, result);
  if (isSameCheckStatus(task.checked.checkStatus, checkStatus)) return;
  task.checked = { ...task.checked, checkStatus };
  addCheckUpdate(turn, task, {
    state: task.latestState,
    source: "SOURCE_EXECUTOR",
    reason: "REASON_TASK_CHECK_STATUS_UPDATED",
    message: `check: ${describeResult(result)}`,
  });
}

/** Said the first time, and after failures. */
function takeSuccess(turn: Turn, watch: WatchOf<"health">): void {
  watch.failureCount = 0;
  if (watch.task.checked.healthy !== true) sayHealth(turn, watch, { healthy: true, message: "health check succeeded" });
}

/** Said each time, but for the first moments of a task. */
function takeFailure(turn: Turn, watch: WatchOf<"health">, result: ProbeResult): void {
  const { task, spec, startedAtMs } = watch;
  const { frameworkId, taskId, toRun } = task;
  const isStarting = task.checked.healthy === undefined && turn.nowMs - startedAtMs <= spec.gracePeriodMs && spec.gracePeriodMs > 0;
  if (isStarting) {
    log(turn, "debug", "a health check failed in the grace period", { frameworkId, taskId, result: describeResult(result) });
    return;
  }
  watch.failureCount += 1;
  const counted = `${watch.failureCount} in a row, ${spec.failuresMax} end the task`;
  sayHealth(turn, watch, { healthy: false, message: `health check failed: ${describeResult(result)}; ${counted}` });
  if (watch.failureCount < spec.failuresMax) return;
  log(turn, "info", "killing a task that stays unhealthy", { frameworkId, taskId, failures: watch.failureCount });
  orderKill(turn, task, toRun?.killGraceMs ?? defaultKillGraceMs, { failedChecks: watch.failureCount });
}

function sayHealth(turn: Turn, { task }: Watch, { healthy, message }: { readonly healthy: boolean; readonly message: string }): void {
  task.checked = { ...task.checked, healthy };
  addCheckUpdate(turn, task, {
    state: task.latestState,
    source: "SOURCE_EXECUTOR",
    reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
    message,
  });
}
