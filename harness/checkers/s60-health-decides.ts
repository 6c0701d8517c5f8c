/**
 * S60: a task that nobody else ends is KILLED for its health only after as many failed health checks in a row as it allows, and one that
 * fails so often is.
 */

import type { WatchJson } from "../history/event.ts";
import type { LookRecord, TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, isReliable, onlyLaunch, watchOf } from "./evidence.ts";
import { killWasAsked } from "./kill-requests.ts";

/** The grace of a task without a kill policy, and how long its processes may take to go then. */
const killMaxMs = 5_000;

export const healthDecides: Checker = {
  id: "S60",
  title: "health checks end the tasks that fail them, and no others",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const watch = watchOf(task);
      if (watch?.purposes.includes("health") !== true) continue;
      for (const verdict of [endVerdict(view, task, watch), failureVerdict(view, task, watch), enoughVerdict(view, task, watch)]) {
        if (verdict?.kind === "fail") return verdict;
        if (verdict !== undefined) evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function endVerdict(view: HistoryView, task: TaskRecord, watch: WatchJson): Verdict | undefined {
  const end = task.updates.find((update) => update.terminal && isReliable(update));
  if (end?.status.state !== "TASK_KILLED" || end.status.healthy !== false || killWasAsked(view, task, end)) return undefined;
  if (!wasCalm(view, task, end)) return undefined;
  const looks = healthLooks(task).filter((look) => look.seq < end.seq);
  const lastPass = looks.findLastIndex((look) => look.outcome === "pass");
  const startedAtMs = task.ledger[0]?.atMs ?? Number.NEGATIVE_INFINITY;
  // Before the first success, what was over in the grace period did not count.
  const counted = looks
    .slice(lastPass + 1)
    .filter((look) => lastPass >= 0 || look.atMs + watch.timeoutMs + view.noticeMs > startedAtMs + watch.gracePeriodMs);
  if (counted.length >= watch.failuresMax) return pass(1);
  const found = `${counted.length} failed health checks in a row, ${watch.failuresMax} would have ended it`;
  return fail(`task ${task.taskId} was killed for its health after ${found}`, [end.seq]);
}

function failureVerdict(view: HistoryView, task: TaskRecord, watch: WatchJson): Verdict | undefined {
  const last = lastAllowedFailure(task, watch);
  const stream = task.updates.at(-1)?.stream;
  const acknowledged = acknowledgedAtMs(task);
  const launch = onlyLaunch(task);
  if (last === undefined || stream === undefined || acknowledged === undefined || launch === undefined) return undefined;
  const deadlineMs = Math.max(last.atMs + watch.timeoutMs + killMaxMs, acknowledged) + view.noticeMs;
  if (streamOf(view, launch.call) !== stream || !isUpUntil(view, stream, launch.call.invokeSeq, deadlineMs)) return undefined;
  if (view.tornDown.has(task.frameworkId) || !isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`task ${task.taskId} failed ${watch.failuresMax} health checks in a row and runs on`, [last.seq]);
}

/** With the last failure that it allows looking is over: the task is on its way to its end. */
function enoughVerdict(view: HistoryView, task: TaskRecord, watch: WatchJson): Verdict | undefined {
  const last = lastAllowedFailure(task, watch);
  const next = last && healthLooks(task).find((look) => look.seq > last.seq);
  const launch = onlyLaunch(task);
  if (last === undefined || next === undefined || launch === undefined) return undefined;
  // Another process of the agent counts anew.
  if (!isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, next.atMs)) return undefined;
  return fail(`task ${task.taskId} failed ${watch.failuresMax} health checks in a row and was looked at again`, [last.seq, next.seq]);
}

/** The failure that makes the first row that is too long; all of it after the grace period. */
function lastAllowedFailure(task: TaskRecord, watch: WatchJson): LookRecord | undefined {
  // The agent takes the task for started a moment after the task does.
  const started = task.updates.find((update) => update.status.state === "TASK_RUNNING");
  if (started === undefined) return undefined;
  let count = 0;
  for (const look of healthLooks(task)) {
    if (look.outcome === "pass") count = 0;
    else if (look.atMs > started.atMs + watch.gracePeriodMs) count++;
    if (count >= Math.max(1, watch.failuresMax)) return look;
  }
  return undefined;
}

/** Without those that the agent could not do. */
function healthLooks(task: TaskRecord): readonly LookRecord[] {
  return task.looks.filter((look) => look.purpose === "health" && look.outcome !== "error");
}

/** An agent that stands still takes answers for late ones. */
function wasCalm(view: HistoryView, task: TaskRecord, end: UpdateRecord): boolean {
  const launch = onlyLaunch(task);
  return launch !== undefined && isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, end.atMs);
}
