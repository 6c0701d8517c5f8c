/**
 * DECLINE: gives offers back, and filters what was declined. Offers that are gone are skipped: a RESCIND may have crossed the
 * call. A call that names an offer of another framework is refused.
 */

import { unallocateResources } from "../../../common/resources.ts";
import type { Refusal } from "../../../common/result.ts";
import { discardOffer, refuseResources } from "../offers.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";
import { foreignOfferRefusal, ownOffers } from "./validate-offers.ts";

export function decline(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "decline" }>): Refusal | undefined {
  const refusal = foreignOfferRefusal(turn.state, framework, call);
  if (refusal !== undefined) return refusal;
  for (const offer of ownOffers(turn.state, framework, call.offerIds)) {
    discardOffer(turn.state, offer);
    refuseResources(turn, offer, unallocateResources(offer.resources), call.refuseMs);
  }
  return undefined;
}
