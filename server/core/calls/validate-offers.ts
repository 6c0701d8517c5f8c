/** Whether the offers that a framework names can be used together. Source: Mesos master/validation.cpp, offer::validate. */

import type { OfferId } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import type { Framework, MasterState, Offer } from "../state.ts";

export type ValidatedOffers =
  | { readonly kind: "valid"; readonly first: Offer; readonly offers: readonly Offer[] }
  | { readonly kind: "invalid"; readonly problem: string };

/** The rules in order: at least one id, each once, each still there and the framework's own, all of one role and one agent. */
export function validateOffers(state: MasterState, framework: Framework, offerIds: readonly OfferId[]): ValidatedOffers {
  if (new Set(offerIds).size < offerIds.length) return invalid("offer_ids must not repeat an offer");
  const offers: Offer[] = [];
  for (const offerId of offerIds) {
    const offer = state.offers.get(offerId);
    if (offer === undefined) return invalid(`offer ${offerId} is no longer valid`);
    offers.push(offer);
  }
  for (const offer of offers) {
    if (offer.framework !== framework) return invalid(`offer ${offer.offerId} is not an offer to framework ${framework.frameworkId}`);
  }
  const first = offers[0];
  if (first === undefined) return invalid("offer_ids must not be empty");
  for (const offer of offers) {
    if (offer.role !== first.role) return invalid(`offer ${offer.offerId} is for role "${offer.role}", not for "${first.role}"`);
  }
  for (const offer of offers) {
    if (offer.agent !== first.agent) {
      return invalid(`offer ${offer.offerId} is of agent ${offer.agent.agentId}, not of ${first.agent.agentId}`);
    }
  }
  return { kind: "valid", first, offers };
}

/** Those of the named offers that exist and are the framework's own, each once. */
export function ownOffers(state: MasterState, framework: Framework, offerIds: readonly OfferId[]): readonly Offer[] {
  const offers = new Set<Offer>();
  for (const offerId of offerIds) {
    const offer = state.offers.get(offerId);
    if (offer?.framework === framework) offers.add(offer);
  }
  return [...offers];
}

/** Offers that are gone may have been the framework's own: a RESCIND may have crossed the call. Those of others never were. */
export function foreignOfferRefusal(
  state: MasterState,
  { frameworkId }: Framework,
  { kind, offerIds }: { readonly kind: string; readonly offerIds: readonly OfferId[] },
): Refusal | undefined {
  const index = offerIds.findIndex((offerId) => (state.offers.get(offerId)?.framework.frameworkId ?? frameworkId) !== frameworkId);
  if (index === -1) return undefined;
  return {
    code: "INVALID_ARGUMENT",
    message: `${kind}.offer_ids[${index}] must be an offer to framework ${frameworkId}, is ${offerIds[index]}`,
  };
}

function invalid(problem: string): ValidatedOffers {
  return { kind: "invalid", problem };
}
