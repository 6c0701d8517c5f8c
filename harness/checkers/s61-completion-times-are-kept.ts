/** S61: a task is failed for its max_completion_time only when it has run for so long, and does not run for longer. */

import type { TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReliable, killRequests, onlyLaunch, watchOf } from "./evidence.ts";

/** How long the order may take to become durable, and the processes to go. */
const endMaxMs = 2_000;

export const completionTimesAreKept: Checker = {
  id: "S61",
  title: "tasks run no longer than they may",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      for (const verdict of [reasonVerdict(task), lengthVerdict(view, task)]) {
        if (verdict?.kind === "fail") return verdict;
        if (verdict !== undefined) evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function reasonVerdict(task: TaskRecord): Verdict | undefined {
  const end = task.updates.find((update) => update.terminal && isReliable(update));
  if (end?.status.reason !== "REASON_MAX_COMPLETION_TIME_REACHED" || onlyLaunch(task) === undefined) return undefined;
  const started = task.ledger.find((line) => line.line === "start");
  const maxMs = watchOf(task)?.maxCompletionMs;
  const ranMs = end.atMs - (started?.atMs ?? Number.NEGATIVE_INFINITY);
  if (maxMs !== undefined && ranMs >= maxMs && end.status.state === "TASK_FAILED") return pass(1);
  return fail(`task ${task.taskId} is ${end.status.state} for its completion time of ${maxMs ?? "no"} ms after ${ranMs} ms`, [end.seq]);
}

function lengthVerdict(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const maxMs = watchOf(task)?.maxCompletionMs;
  const started = task.ledger.find((line) => line.line === "start");
  // A KILL gives a task its own grace.
  if (launch === undefined || maxMs === undefined || started === undefined || killRequests(task).length > 0) return undefined;
  const deadlineMs = started.atMs + maxMs + endMaxMs + view.noticeMs;
  if (view.endAtMs < deadlineMs || !isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, deadlineMs)) return undefined;
  const late = task.ledger.find((line) => line.process.startsWith(started.process) && line.atMs > deadlineMs);
  return late === undefined ? pass(1) : fail(`task ${task.taskId} runs on after its completion time of ${maxMs} ms`, [late.seq]);
}
