/**
 * DECLINE: gives offers back, and filters what was declined. Offers that are not the framework's own, or gone, are skipped:
 * a RESCIND may have crossed the call.
 */

import { unallocateResources } from "../../../common/resources.ts";
import { discardOffer, refuseResources } from "../offers.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";
import { ownOffers } from "./validate-offers.ts";

export function decline(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "decline" }>): void {
  for (const offer of ownOffers(turn.state, framework, call.offerIds)) {
    discardOffer(turn.state, offer);
    refuseResources(turn, offer, unallocateResources(offer.resources), call.refuseMs);
  }
}
