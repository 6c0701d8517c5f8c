/** What is outstanding of an agent: offers, and inverse offers. */

import { rescindInverseOffer } from "../inverse-offers.ts";
import { rescindOffer } from "../offers.ts";
import type { Agent } from "../state.ts";
import type { Turn } from "../turn.ts";

/** Takes all of them back: first the offers, then the inverse offers. */
export function rescindAgentOffers(turn: Turn, agent: Agent): void {
  for (const offer of [...agent.offers]) rescindOffer(turn, offer);
  for (const inverseOffer of [...agent.inverseOffers.values()]) rescindInverseOffer(turn, inverseOffer);
}
