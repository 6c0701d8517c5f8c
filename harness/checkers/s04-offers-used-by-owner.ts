/**
 * S04: an offer can be used only by the framework, and on the stream, that it was sent to; any other use leaves no trace. An answer to
 * another framework's inverse offer is refused.
 */

import type { InverseOfferRecord, LaunchRecord, OfferRecord } from "../history/records.ts";
import { type HistoryView, taskKey } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { effectSeq, onlyLaunch } from "./evidence.ts";

export const offersUsedByOwner: Checker = {
  id: "S04",
  title: "an offer is used by its owner only",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const launch = onlyLaunch(task);
      if (launch === undefined) continue;
      const foreign = launch.call.body.offerIds
        .map((offerId) => view.offersById.get(offerId) ?? [])
        .find((deliveries) => deliveries.length > 0 && !deliveries.some((offer) => isOwn(offer, launch)));
      if (foreign === undefined) continue;
      evaluated++;
      const offer = foreign[0];
      const seq = effectSeq(task) ?? ownersTrace(view, offer, task.taskId);
      if (seq === undefined) continue;
      const owner = `${offer?.stream.framework} on stream ${offer?.stream.streamId}`;
      const user = `${launch.call.framework} on stream ${launch.call.streamId ?? "unknown"}`;
      const events = [...foreign.map((one) => one.seq), launch.call.invokeSeq, seq];
      return fail(`offer ${offer?.offerId} of ${owner} was used by ${user} for task ${task.taskId}`, events);
    }
    for (const inverseOffer of view.inverseOffers) {
      const foreign = inverseOffer.answers.find((answer) => answer.outcome === "ok" && isForeign(view, inverseOffer, answer));
      if (foreign === undefined) continue;
      const message = `${foreign.framework} answered inverse offer ${inverseOffer.inverseOfferId} of ${inverseOffer.stream.framework}`;
      return fail(message, [inverseOffer.seq, foreign.invokeSeq, foreign.outcomeSeq]);
    }
    return pass(evaluated);
  },
};

/** Whether another framework answered while the inverse offer surely was outstanding. */
function isForeign(view: HistoryView, inverseOffer: InverseOfferRecord, answer: InverseOfferRecord["answers"][number]): boolean {
  const { stream, seq, rescindedAtMs, answers } = inverseOffer;
  if (answer.framework === stream.framework || answer.invokeSeq < seq) return false;
  const untilMs = answer.outcomeAtMs + view.noticeMs;
  if (rescindedAtMs <= untilMs || stream.closedAtMs <= untilMs) return false;
  if (!view.calm.isCalm(answer.invokeAtMs - view.noticeMs, untilMs)) return false;
  return !answers.some((other) => other !== answer && other.outcome !== "fail" && other.invokeSeq < answer.outcomeSeq);
}

/** A master that mixes the two up may launch the task in the owner's name, who never asked for it. */
function ownersTrace(view: HistoryView, offer: OfferRecord | undefined, taskId: string): number | undefined {
  const task = view.tasks.get(taskKey(offer?.stream.frameworkId ?? "", taskId));
  return task === undefined || task.launches.length > 0 ? undefined : effectSeq(task);
}

function isOwn(offer: OfferRecord, launch: LaunchRecord): boolean {
  const { framework, streamId } = launch.call;
  return offer.stream.framework === framework && (streamId === undefined || streamId === offer.stream.streamId);
}
