/**
 * L06: who asks again gets an answer. A leader may be silent about a task only while it awaits agents after its election,
 * and a stream is of one leader: what is asked later than that time after the stream began is answered, wherever the task is.
 */

import { isCall, type ReconcileRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf, taskKey } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isLeaderFree } from "./evidence.ts";

export const repeatedQuestionsAreAnswered: Checker = {
  id: "L06",
  title: "repeated questions are answered",
  check(view) {
    let evaluated = 0;
    for (const call of view.calls) {
      if (!isCall(call, "reconcile") || !mustBeAnswered(view, call)) continue;
      evaluated += call.body.tasks.length;
      const unanswered = call.body.tasks.find(({ taskId }) => !isAnswered(view, call, taskId));
      if (unanswered !== undefined)
        return fail(`a late question about task ${unanswered.taskId} was not answered`, [call.invokeSeq, call.outcomeSeq]);
    }
    return pass(evaluated);
  },
};

function mustBeAnswered(view: HistoryView, call: ReconcileRecord): boolean {
  const stream = streamOf(view, call);
  if (call.outcome !== "ok" || stream === undefined || call.invokeSeq < stream.openedSeq) return false;
  const deadlineMs = call.outcomeAtMs + view.noticeMs;
  if (call.invokeAtMs < stream.openedAtMs + view.timings.reregisterTimeoutMs + view.noticeMs) return false;
  return isUpUntil(view, stream, call.invokeSeq, deadlineMs) && isLeaderFree(view, stream.openedAtMs, deadlineMs);
}

function isAnswered(view: HistoryView, call: ReconcileRecord, taskId: string): boolean {
  const task = call.frameworkId === undefined ? undefined : view.tasks.get(taskKey(call.frameworkId, taskId));
  const deadlineMs = call.outcomeAtMs + view.noticeMs;
  return task?.updates.some((update) => update.seq > call.invokeSeq && update.atMs <= deadlineMs) ?? false;
}
