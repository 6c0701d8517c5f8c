/**
 * S36: when the window of a machine changes, or its agent leaves, every offer and inverse offer of before is taken back; a framework hears
 * of no old window after a new one.
 */

import { isSameWindow } from "../history/machine-times.ts";
import type { UnavailabilityJson } from "../history/maintenance-json.ts";
import type { InverseOfferRecord, MaintenanceOrderRecord, OfferRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { describeWindow, firstAnswer } from "./window-evidence.ts";

export const oldWindowsAreTakenBack: Checker = {
  id: "S36",
  title: "what tells an old window is taken back",
  check(view) {
    let evaluated = 0;
    for (const [agentId, inverseOffers] of view.inverseOffersByAgent) {
      for (const told of byStream(view.offersByAgent.get(agentId) ?? [], inverseOffers)) {
        const judged = sequenceVerdict(view, agentId, told);
        if (judged.kind !== "pass") return judged;
        evaluated += judged.evaluated;
      }
      for (const inverseOffer of inverseOffers) {
        const judged = failureVerdict(view, inverseOffer) ?? changeVerdict(view, inverseOffer);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

type Told = OfferRecord | InverseOfferRecord;

/** What was said of one agent on each stream, in order. */
function byStream(offers: readonly OfferRecord[], inverseOffers: readonly InverseOfferRecord[]): Iterable<readonly Told[]> {
  const streams = new Map<string, Told[]>();
  for (const told of [...offers, ...inverseOffers].sort((a, b) => a.seq - b.seq)) {
    const { streamId } = told.stream;
    streams.get(streamId)?.push(told) ?? streams.set(streamId, [told]);
  }
  return streams.values();
}

/** A stream is in the order of the master: before it tells a window it has taken back all that told another one. */
function sequenceVerdict(view: HistoryView, agentId: string, told: readonly Told[]): Verdict {
  const place = view.placeOf(agentId);
  let evaluated = 0;
  let open: Told[] = [];
  let last: Told | undefined;
  for (const one of told) {
    if (last !== undefined && !isSameWindow(last.unavailability, one.unavailability)) {
      const old = open.find((other) => isOpen(other, one.seq));
      if (old !== undefined) return fail(`${nameOf(old)} tells an old window and was not taken back`, [old.seq, one.seq]);
      if (place !== undefined && !view.machines.mayFollow(place, last.unavailability, one.unavailability)) {
        return fail(`${nameOf(one)} tells ${describeWindow(one.unavailability)}, which was over already`, [last.seq, one.seq]);
      }
      evaluated++;
      open = [];
    }
    open.push(one);
    last = one;
  }
  return pass(evaluated);
}

function nameOf(told: Told): string {
  return "offerId" in told ? `offer ${told.offerId}` : `inverse offer ${told.inverseOfferId}`;
}

/** Whether nobody took it back or used it before a position. */
function isOpen(told: Told, seq: number): boolean {
  if (told.rescindedSeq < seq) return false;
  const calls = "offerId" in told ? told.uses : told.answers;
  return !calls.some((call) => call.outcome !== "fail" && call.invokeSeq < seq);
}

/** The word that the agent is gone comes after what was outstanding there is taken back. */
function failureVerdict(view: HistoryView, inverseOffer: InverseOfferRecord): Verdict | undefined {
  const { stream, agentId, seq, inverseOfferId } = inverseOffer;
  const failure = stream.failures.find((one) => one.agentId === agentId && one.seq > seq);
  if (failure === undefined || !isOpen(inverseOffer, failure.seq)) return undefined;
  const deadlineMs = failure.atMs + view.noticeMs;
  if (!isUpUntil(view, stream, failure.seq, deadlineMs) || firstAnswer(inverseOffer) !== undefined) return undefined;
  if (inverseOffer.rescindedAtMs <= deadlineMs) return pass(1);
  return fail(`inverse offer ${inverseOfferId} was not taken back although its agent has left`, [seq, failure.seq]);
}

/** A change that is sure is followed by the end of what was asked before. */
function changeVerdict(view: HistoryView, inverseOffer: InverseOfferRecord): Verdict | undefined {
  const { stream, seq, inverseOfferId, unavailability } = inverseOffer;
  const change = view.maintenanceOrders.find((order) => order.invokeSeq > seq && isChangeFor(view, inverseOffer, order, unavailability));
  if (change === undefined || firstAnswer(inverseOffer) !== undefined) return undefined;
  // Those of an agent that is on its way out are taken back when it is told what became of its tasks.
  if (view.orders.mayBeGone(inverseOffer.agentId, change.outcomeSeq) || view.drainOf.has(inverseOffer.agentId)) return undefined;
  const deadlineMs = change.outcomeAtMs + view.noticeMs;
  if (!isUpUntil(view, stream, change.invokeSeq, deadlineMs) || !view.calm.isCalm(change.invokeAtMs, deadlineMs)) return undefined;
  if (inverseOffer.rescindedAtMs <= deadlineMs) return pass(1);
  return fail(`inverse offer ${inverseOfferId} was not taken back although the schedule changed`, [seq, change.invokeSeq]);
}

function isChangeFor(
  view: HistoryView,
  { agentId }: InverseOfferRecord,
  { body, outcome, outcomeAtMs }: MaintenanceOrderRecord,
  old: UnavailabilityJson,
): boolean {
  if (outcome !== "ok" || body.kind !== "updateSchedule") return false;
  const place = view.placeOf(agentId);
  if (place === undefined) return false;
  // Just after the answer, so that the schedule of before is not counted any more.
  return !view.machines.windows(place, outcomeAtMs + 1, outcomeAtMs + view.noticeMs).some((window) => isSameWindow(window, old));
}
