/** L02: what was declined is offered again once the refusal is over, by its time or by REVIVE. */

import type { DeclineRecord, OfferRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isOfferable, OfferDemand } from "./offer-demand.ts";

export const expiredFiltersFreeOffers: Checker = {
  id: "L02",
  title: "declined resources come back",
  check(view) {
    let evaluated = 0;
    const demand = new OfferDemand(view);
    for (const offer of view.offers) {
      const decline = onlyDecline(offer);
      if (decline === undefined) continue;
      const freeAtMs = demand.filterUntilMs(decline, decline.body.refuseSeconds, offer.role);
      const deadlineMs = freeAtMs + 2 * view.timings.allocationIntervalMs + view.noticeMs;
      if (!isDecidable(view, demand, offer, decline, freeAtMs, deadlineMs)) continue;
      evaluated++;
      if (demand.wasOffered(offer.agentId, decline.invokeAtMs, deadlineMs)) continue;
      return fail(`agent ${offer.agentId} was not offered again after the refusal of ${offer.offerId} was over`, [
        offer.seq,
        decline.invokeSeq,
        decline.outcomeSeq,
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

function isDecidable(
  view: HistoryView,
  demand: OfferDemand,
  offer: OfferRecord,
  decline: DeclineRecord,
  freeAtMs: number,
  deadlineMs: number,
): boolean {
  const { stream, agentId, resources, seq } = offer;
  const framework = view.frameworks.get(stream.framework);
  if (stream.frameworkId === undefined || framework === undefined || !isOfferable(resources)) return false;
  if (seq > decline.invokeSeq || view.tornDown.has(stream.frameworkId)) return false;
  if (!isUpUntil(view, stream, seq, deadlineMs) || demand.isAnyStreamClosed(decline.invokeAtMs, deadlineMs)) return false;
  if (!isAgentCalm(view, agentId, decline.invokeAtMs, deadlineMs)) return false;
  if (view.orders.mayWithhold(agentId, decline.invokeAtMs, deadlineMs)) return false;
  if (view.roles.mayHoldBack(decline.invokeAtMs, deadlineMs)) return false;
  return demand.isWilling(framework, stream.frameworkId, agentId, freeAtMs, deadlineMs);
}
