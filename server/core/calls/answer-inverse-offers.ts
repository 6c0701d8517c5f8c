/**
 * ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS. An answer is a hint for the operator: nothing is taken sooner or later for it. The last
 * one of each framework about each agent is shown. Inverse offers that are gone are skipped: a RESCIND may have crossed the call. A
 * call that names an inverse offer of another framework is refused.
 */

import type { Refusal } from "../../../common/result.ts";
import { discardInverseOffer } from "../inverse-offers.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

type Answer = Extract<SchedulerCall, { kind: "answerInverseOffers" }>;

export function answerInverseOffers(turn: Turn, framework: Framework, { accepts, inverseOfferIds, refuseMs }: Answer): Refusal | undefined {
  const { state, config, nowMs, wallMs } = turn;
  const { frameworkId } = framework;
  for (const [index, id] of inverseOfferIds.entries()) {
    if ((state.inverseOffers.get(id)?.framework ?? framework) === framework) continue;
    const path = `${accepts ? "accept" : "decline"}_inverse_offers.inverse_offer_ids[${index}]`;
    return { code: "INVALID_ARGUMENT", message: `${path} must be an inverse offer to framework ${frameworkId}, is ${id}` };
  }
  for (const id of inverseOfferIds) {
    const inverseOffer = state.inverseOffers.get(id);
    if (inverseOffer === undefined) continue;
    const { agent } = inverseOffer;
    discardInverseOffer(state, inverseOffer);
    agent.inverseAnswers.set(frameworkId, { accepts, wallMs });
    // As that of an offer, the filter ends only after the next batch.
    if (refuseMs > 0) framework.inverseFilters.set(agent.agentId, nowMs + Math.max(refuseMs, config.allocationIntervalMs));
  }
  return undefined;
}
