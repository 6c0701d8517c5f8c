/** L03: each task of an ACCEPT that was obeyed is heard of, and a task that ended is heard to have ended, both soon. */

import type { TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, isReconciliation, onlyLaunch } from "./evidence.ts";

/** How long the start of a task may take on a busy machine. */
const startMaxMs = 5_000;
/** How long the end of a process may take to be noticed and written down. */
const endMaxMs = 2_000;

export const launchesAndEndsAreTold: Checker = {
  id: "L03",
  title: "launches and ends are told",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      for (const judged of [startVerdict(view, task), endVerdict(view, task)]) {
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function startVerdict(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  if (launch === undefined || launch.call.outcome !== "ok") return undefined;
  const { call, agentId } = launch;
  const stream = streamOf(view, call);
  const deadlineMs = call.outcomeAtMs + startMaxMs + view.noticeMs;
  if (stream === undefined || !isUpUntil(view, stream, call.invokeSeq, deadlineMs)) return undefined;
  if (!isAgentCalm(view, agentId, call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.seq > call.invokeSeq && update.atMs <= deadlineMs && !isReconciliation(update))) return pass(1);
  return fail(`task ${task.taskId} was launched and not heard of`, [call.invokeSeq, call.outcomeSeq]);
}

function endVerdict(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const end = task.ledger.find((line) => line.line === "end");
  if (launch === undefined || end === undefined) return undefined;
  const acknowledged = acknowledgedAtMs(task);
  if (acknowledged === undefined) return undefined;
  const fromMs = Math.max(end.atMs, acknowledged);
  const deadlineMs = fromMs + endMaxMs + view.noticeMs;
  const stream = streamOf(view, launch.call);
  if (stream === undefined || view.tornDown.has(task.frameworkId)) return undefined;
  if (!isUpUntil(view, stream, launch.call.invokeSeq, deadlineMs)) return undefined;
  if (!isAgentCalm(view, launch.agentId, launch.call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`task ${task.taskId} ended and that was not told in time`, [launch.call.invokeSeq, end.seq]);
}
