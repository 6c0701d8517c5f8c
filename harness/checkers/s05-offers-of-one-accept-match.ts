/** S05: all offers of an ACCEPT are of one agent and one role. Otherwise the whole call is void, and each of its tasks is told so. */

import { type AcceptRecord, isCall, type OfferRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { effectSeq, onlyLaunch } from "./evidence.ts";

export const offersOfOneAcceptMatch: Checker = {
  id: "S05",
  title: "offers of one ACCEPT are of one agent and role",
  check(view) {
    let evaluated = 0;
    for (const call of view.calls) {
      if (!isCall(call, "accept") || call.body.offerIds.length < 2 || !isMixed(view, call)) continue;
      evaluated++;
      const problem = mixedProblem(view, call);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function isMixed(view: HistoryView, { body, invokeSeq }: AcceptRecord): boolean {
  const known = body.offerIds.flatMap((offerId): OfferRecord[] => {
    const offer = view.offersById.get(offerId)?.[0];
    return offer === undefined || offer.seq > invokeSeq ? [] : [offer];
  });
  return known.some(({ agentId, role }) => agentId !== known[0]?.agentId || role !== known[0]?.role);
}

function mixedProblem(view: HistoryView, call: AcceptRecord): Verdict | undefined {
  const stream = streamOf(view, call);
  const deadlineMs = call.outcomeAtMs + view.noticeMs;
  const mustTell =
    call.outcome === "ok" &&
    stream !== undefined &&
    isUpUntil(view, stream, call.invokeSeq, deadlineMs) &&
    view.calm.isCalm(call.invokeAtMs, deadlineMs);
  for (const { taskId } of call.body.tasks) {
    const task = call.frameworkId === undefined ? undefined : view.tasks.get(taskKey(call.frameworkId, taskId));
    if (task === undefined || onlyLaunch(task) === undefined) continue;
    const seq = effectSeq(task);
    if (seq !== undefined) return fail(`an ACCEPT with offers of several agents or roles launched ${taskId}`, [call.invokeSeq, seq]);
    if (!mustTell || task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) continue;
    return fail(`task ${taskId} of an ACCEPT with offers of several agents or roles was not told its end`, [call.invokeSeq]);
  }
  return undefined;
}
