/** S03: at most one of ACCEPT, DECLINE and RESCIND wins an offer; a later ACCEPT launches nothing and its tasks are told so once. */

import type { AcceptRecord, OfferRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { effectSeq, onlyLaunch } from "./evidence.ts";

export const offersUsedOnce: Checker = {
  id: "S03",
  title: "an offer is used at most once",
  check(view) {
    let evaluated = 0;
    for (const offer of view.offers) {
      if (offer.uses.length + (Number.isFinite(offer.rescindedSeq) ? 1 : 0) < 2) continue;
      evaluated++;
      const problem = offerProblem(view, offer);
      if (problem !== undefined) return problem;
    }
    for (const task of view.tasks.values()) {
      const told = task.updates.filter(({ status }) => status.reason === "REASON_INVALID_OFFERS" && status.uuid === undefined);
      if (told.length > Math.max(1, task.launches.length)) {
        const events = told.map((update) => update.seq);
        return fail(`task ${task.taskId} was told ${told.length} times of ${task.launches.length} launches with invalid offers`, events);
      }
    }
    return pass(evaluated);
  },
};

function offerProblem(view: HistoryView, offer: OfferRecord): Verdict | undefined {
  const winners: { call: AcceptRecord; seq: number }[] = [];
  for (const use of offer.uses) {
    if (!isCall(use, "accept")) continue;
    const seq = acceptEffectSeq(view, use);
    if (seq === undefined) {
      const problem = unansweredProblem(view, offer, use);
      if (problem !== undefined) return problem;
      continue;
    }
    winners.push({ call: use, seq });
    const lost = whyLost(offer, use);
    if (lost !== undefined)
      return fail(`offer ${offer.offerId} ${lost.why}, and an ACCEPT of it launched a task`, [lost.seq, use.invokeSeq, seq]);
  }
  if (winners.length < 2) return undefined;
  const events = winners.flatMap((winner) => [winner.call.invokeSeq, winner.seq]);
  return fail(`offer ${offer.offerId} was used by ${winners.length} ACCEPTs`, events);
}

/** Why this ACCEPT surely came too late, or undefined. */
function whyLost(offer: OfferRecord, accept: AcceptRecord): { why: string; seq: number } | undefined {
  if (Number.isFinite(offer.rescindedSeq)) return { why: "was rescinded", seq: offer.rescindedSeq };
  const declined = offer.uses.find((use) => isCall(use, "decline") && use.outcome === "ok" && use.outcomeSeq < accept.invokeSeq);
  return declined === undefined ? undefined : { why: "was declined", seq: declined.outcomeSeq };
}

function acceptEffectSeq(view: HistoryView, accept: AcceptRecord): number | undefined {
  if (accept.frameworkId === undefined) return undefined;
  for (const { taskId } of accept.body.tasks) {
    const task = view.tasks.get(taskKey(accept.frameworkId, taskId));
    if (task === undefined || onlyLaunch(task) === undefined) continue;
    const seq = effectSeq(task);
    if (seq !== undefined) return seq;
  }
  return undefined;
}

/** An ACCEPT that was obeyed but came too late must tell each of its tasks' ends on the stream, if that stays up. */
function unansweredProblem(view: HistoryView, offer: OfferRecord, accept: AcceptRecord): Verdict | undefined {
  const stream = streamOf(view, accept);
  const deadlineMs = accept.outcomeAtMs + view.noticeMs;
  if (accept.outcome !== "ok" || stream === undefined || accept.frameworkId === undefined) return undefined;
  const lost = whyLost(offer, accept);
  if (lost === undefined || lost.seq > accept.invokeSeq) return undefined;
  if (!isUpUntil(view, stream, accept.invokeSeq, deadlineMs) || !view.calm.isCalm(accept.invokeAtMs, deadlineMs)) return undefined;
  for (const { taskId } of accept.body.tasks) {
    const task = view.tasks.get(taskKey(accept.frameworkId, taskId));
    if (task?.updates.some((update) => update.seq > accept.invokeSeq && update.atMs <= deadlineMs)) continue;
    return fail(`task ${taskId} of an ACCEPT after offer ${offer.offerId} ${lost.why} was not told its end`, [lost.seq, accept.invokeSeq]);
  }
  return undefined;
}
