/** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS of inverse offers that are not there: the answer changes nothing. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface AnswerInverseOffersStep {
  readonly kind: "answerInverseOffers";
  readonly framework: number;
  readonly accepts: boolean;
  readonly inverseOfferIds: readonly string[];
}

export const answerInverseOffers: CommandKind<AnswerInverseOffersStep> = {
  arbitrary: fc.record({
    kind: fc.constant("answerInverseOffers"),
    framework: position,
    accepts: fc.boolean(),
    inverseOfferIds: fc.array(fc.constantFrom("unknown-1", "unknown-2"), { maxLength: 2 }),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, { framework, kind, accepts, inverseOfferIds }) => world.framework(framework).send({ kind, accepts, inverseOfferIds }),
};
