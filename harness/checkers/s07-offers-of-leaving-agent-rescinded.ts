/**
 * S07: when an agent leaves or an operator takes it out of service, each outstanding offer on it is rescinded to each framework whose
 * stream stays up.
 */

import type { OfferRecord, StreamLife } from "../history/records.ts";
import { type HistoryView, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isOutstanding } from "./evidence.ts";

interface Departure {
  readonly agentId: string;
  readonly seq: number;
  readonly atMs: number;
  readonly why: string;
  /** The only stream that this departure was announced on, when it is known by an event of that stream. */
  readonly stream: StreamLife | undefined;
}

export const offersOfLeavingAgentRescinded: Checker = {
  id: "S07",
  title: "offers of an agent that leaves are rescinded",
  check(view) {
    let evaluated = 0;
    for (const departure of departures(view)) {
      for (const offer of view.offersByAgent.get(departure.agentId) ?? []) {
        if (wasJustRescinded(view, departure, offer)) evaluated++;
        if (!isDue(view, departure, offer)) continue;
        evaluated++;
        if (offer.rescindedAtMs > departure.atMs + view.noticeMs) {
          return fail(`offer ${offer.offerId} was not rescinded although its agent ${departure.why}`, [offer.seq, departure.seq]);
        }
      }
    }
    return pass(evaluated);
  },
};

function departures(view: HistoryView): Departure[] {
  const found: Departure[] = [];
  for (const stream of view.streams) {
    for (const { agentId, seq, atMs } of stream.failures) found.push({ agentId, seq, atMs, why: "was announced as failed", stream });
  }
  for (const [node, lives] of view.lives) {
    for (const life of lives) {
      if (!Number.isFinite(life.exitedAtMs)) continue;
      const registration = view.registrations.findLast((one) => one.node === node && one.seq < life.exitedSeq);
      if (registration === undefined || !view.calm.isCalm(life.exitedAtMs - view.noticeMs, life.exitedAtMs)) continue;
      const { agentId } = registration;
      found.push({ agentId, seq: life.exitedSeq, atMs: life.exitedAtMs, why: `on ${node} exited`, stream: undefined });
    }
  }
  for (const agentId of view.orders.agentIds) {
    for (const { order } of view.orders.withholdings(agentId)) {
      found.push({ agentId, seq: order.outcomeSeq, atMs: order.outcomeAtMs, why: "was taken out of service", stream: undefined });
    }
  }
  return found;
}

/** The RESCIND may come before the word of the departure. */
function wasJustRescinded(view: HistoryView, departure: Departure, offer: OfferRecord): boolean {
  return offer.rescindedSeq < departure.seq && offer.rescindedAtMs >= departure.atMs - view.noticeMs;
}

function isDue(view: HistoryView, departure: Departure, offer: OfferRecord): boolean {
  const { stream } = offer;
  const deadlineMs = departure.atMs + view.noticeMs;
  if (departure.stream !== undefined && departure.stream !== stream) return false;
  if (!isUpUntil(view, stream, departure.seq, deadlineMs) || !view.calm.isCalm(departure.atMs, deadlineMs)) return false;
  if (departure.stream !== undefined) return isOutstanding(offer, departure.seq);
  // An exit or an answer to an operator says nothing of when the master knew: a use on the way may still have won. A cut link hides the
  // exit.
  const unused = offer.uses.every((use) => use.outcome === "fail" || use.invokeAtMs > deadlineMs);
  const node = view.nodeOf.get(departure.agentId);
  const cut = view.faults.some(
    (fault) => fault.target === node && /cut|pause/.test(fault.name) && fault.beginAtMs <= deadlineMs && fault.endAtMs >= departure.atMs,
  );
  return unused && !cut && isOutstanding(offer, departure.seq);
}
