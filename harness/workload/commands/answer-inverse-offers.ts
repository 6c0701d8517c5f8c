/**
 * ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS: of what waits for an answer, of what was answered or taken back, of another
 * framework's, or of what never was.
 */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at, type World } from "../world.ts";

export interface AnswerInverseOffersStep {
  readonly kind: "answerInverseOffers";
  readonly framework: number;
  readonly accepts: boolean;
  readonly which: "open" | "allOpen" | "old" | "foreign" | "unknown";
  readonly inverseOffer: number;
  /** Null: the master's own. */
  readonly refuseSeconds: number | null;
}

type Which = AnswerInverseOffersStep["which"];

export const answerInverseOffers: CommandKind<AnswerInverseOffersStep> = {
  arbitrary: fc.record({
    kind: fc.constant("answerInverseOffers"),
    framework: position,
    accepts: fc.boolean(),
    which: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<Which>("open", "allOpen") },
      { weight: 3, arbitrary: fc.constant<Which>("foreign") },
      { weight: 1, arbitrary: fc.constantFrom<Which>("old", "unknown") },
    ),
    inverseOffer: position,
    refuseSeconds: fc.constantFrom(null, 0, 1, 10, 60),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && (step.which === "unknown" || chosenIds(world, step).length > 0),
  run(world, step) {
    const { kind, accepts, refuseSeconds } = step;
    const inverseOfferIds = chosenIds(world, step);
    world.framework(step.framework).send({ kind, accepts, inverseOfferIds, ...(refuseSeconds === null ? {} : { refuseSeconds }) });
  },
};

function chosenIds(world: World, { framework, which, inverseOffer }: AnswerInverseOffersStep): readonly string[] {
  const { open, old } = world.framework(framework).inverseOffers;
  const one = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? [] : [at(ids, inverseOffer)]);
  switch (which) {
    case "open":
      return one([...open.keys()]);
    case "allOpen":
      return [...open.keys()];
    case "old":
      return one(old);
    case "foreign":
      return one(world.frameworks.flatMap((other) => (other === world.framework(framework) ? [] : [...other.inverseOffers.open.keys()])));
    case "unknown":
      // By chance none at all: a call without ids is allowed.
      return inverseOffer === 0 ? [] : ["unknown-1"];
  }
}
