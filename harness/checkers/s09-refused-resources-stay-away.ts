/** S09: after a DECLINE nothing that it refused is offered again in its role before the refusal is over or taken back. */

import type { CallRecord, DeclineRecord, OfferRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { firstIndexFrom } from "./evidence.ts";
import { ResourceSum } from "./resource-sum.ts";

/** A master keeps this many refusals of a role for an agent; an older one may go before its time. */
const refusalsKept = 16;

const defaultRefuseSeconds = 5;

export const refusedResourcesStayAway: Checker = {
  id: "S09",
  title: "refused resources stay away",
  check(view) {
    let evaluated = 0;
    for (const offer of view.offers) {
      const decline = onlyDecline(offer);
      if (decline === undefined || offer.seq > decline.invokeSeq) continue;
      const { refuseSeconds } = decline.body;
      const untilMs = decline.invokeAtMs + (refuseSeconds < 0 ? defaultRefuseSeconds : refuseSeconds) * 1_000;
      const fromMs = decline.outcomeAtMs + view.noticeMs;
      if (untilMs <= fromMs || refusalCount(view, offer, decline) > refusalsKept) continue;
      evaluated++;
      const again = offeredAgain(view, offer, { decline, fromMs, untilMs });
      if (again === undefined) continue;
      return fail(`agent ${offer.agentId} was offered again in role ${offer.role} while the refusal of ${offer.offerId} lasted`, [
        offer.seq,
        decline.invokeSeq,
        decline.outcomeSeq,
        again.seq,
      ]);
    }
    return pass(evaluated);
  },
};

/** The DECLINE that surely ended this offer, if one did. */
function onlyDecline(offer: OfferRecord): DeclineRecord | undefined {
  const [use, ...others] = offer.uses.filter((one) => one.outcome !== "fail");
  if (use === undefined || others.length > 0 || Number.isFinite(offer.rescindedSeq)) return undefined;
  return isCall(use, "decline") && use.outcome === "ok" && use.framework === offer.stream.framework ? use : undefined;
}

interface Refusal {
  readonly decline: DeclineRecord;
  readonly fromMs: number;
  readonly untilMs: number;
}

function offeredAgain(view: HistoryView, offer: OfferRecord, { decline, fromMs, untilMs }: Refusal): OfferRecord | undefined {
  const offers = view.offersByAgent.get(offer.agentId) ?? [];
  const refused = ResourceSum.exact(offer.resources);
  for (let index = firstIndexFrom(offers, fromMs); index < offers.length; index++) {
    const later = offers[index];
    if (later === undefined || later.atMs >= untilMs) return undefined;
    if (later.stream !== offer.stream || later.role !== offer.role) continue;
    if (refused.excess(ResourceSum.exact(later.resources)) !== undefined) continue;
    // An agent that was gone meanwhile comes back without the refusals of its resources.
    if (later.stream.failures.some(({ agentId, seq }) => agentId === offer.agentId && seq > decline.invokeSeq && seq < later.seq)) continue;
    if (!view.calm.isCalm(decline.invokeAtMs, later.atMs) || isTakenBack(view, offer, { decline, beforeSeq: later.seq })) continue;
    return later;
  }
  return undefined;
}

/** Whether the framework made a call that ends refusals, or may have, before the position. */
function isTakenBack(view: HistoryView, offer: OfferRecord, { decline, beforeSeq }: { decline: CallRecord; beforeSeq: number }): boolean {
  const calls = view.frameworks.get(offer.stream.framework)?.calls ?? [];
  return calls.some(
    (call) =>
      (isCall(call, "revive") || isCall(call, "updateFramework")) &&
      call.outcome !== "fail" &&
      call.invokeSeq < beforeSeq &&
      call.outcomeSeq > decline.invokeSeq,
  );
}

/** How many refusals of the agent's resources the framework had made on the stream until some time after this one. */
function refusalCount(view: HistoryView, offer: OfferRecord, decline: CallRecord): number {
  const offers = view.offersByAgent.get(offer.agentId) ?? [];
  return offers.filter(
    (one) => one.stream === offer.stream && one.role === offer.role && one.uses.some((use) => use.outcomeSeq > decline.invokeSeq),
  ).length;
}
