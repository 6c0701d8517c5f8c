/** S29: a call with the id of an old stream is refused and has no effect. */

import { type CallRecord, type FrameworkRecord, isCall } from "../history/records.ts";
import { type HistoryView, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { effectSeq, onlyLaunch } from "./evidence.ts";
import { successionsOf } from "./successions.ts";

export const oldStreamsHaveNoSay: Checker = {
  id: "S29",
  title: "calls of old streams are refused",
  check(view) {
    let evaluated = 0;
    for (const framework of view.frameworks.values()) {
      for (const call of staleCalls(framework)) {
        evaluated++;
        const problem = staleProblem(view, call);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

/** Calls made with the id of a stream after a newer one had begun. */
function staleCalls(framework: FrameworkRecord): readonly CallRecord[] {
  const replacedSeq = new Map(successionsOf(framework).map(({ older, newer }) => [older.streamId, newer.openedSeq]));
  return framework.calls.filter(
    ({ body, streamId, invokeSeq }) =>
      body.kind !== "subscribe" && streamId !== undefined && (replacedSeq.get(streamId) ?? invokeSeq) < invokeSeq,
  );
}

function staleProblem(view: HistoryView, call: CallRecord): Verdict | undefined {
  if (call.outcome === "ok") {
    return fail(`${call.body.kind} with the id of old stream ${call.streamId} was obeyed`, [call.invokeSeq, call.outcomeSeq]);
  }
  if (!isCall(call, "accept") || call.frameworkId === undefined) return undefined;
  for (const { taskId } of call.body.tasks) {
    const task = view.tasks.get(taskKey(call.frameworkId, taskId));
    const seq = task === undefined || onlyLaunch(task) === undefined ? undefined : effectSeq(task);
    if (seq !== undefined) return fail(`an ACCEPT with the id of old stream ${call.streamId} launched ${taskId}`, [call.invokeSeq, seq]);
  }
  return undefined;
}
