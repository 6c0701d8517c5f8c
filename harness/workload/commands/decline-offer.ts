/** DECLINE: one offer or all, for a while. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at } from "../world.ts";

export interface DeclineOfferStep {
  readonly kind: "declineOffer";
  readonly framework: number;
  readonly offer: number;
  readonly all: boolean;
  readonly refuseSeconds: number;
}

export const declineOffer: CommandKind<DeclineOfferStep> = {
  arbitrary: fc.record({
    kind: fc.constant("declineOffer"),
    framework: position,
    offer: position,
    all: fc.boolean(),
    refuseSeconds: fc.constantFrom(0, 0, 1, 5, 60),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && world.framework(step.framework).offers.size > 0,
  run(world, step) {
    const framework = world.framework(step.framework);
    const known = [...framework.offers.keys()];
    const offerIds = step.all ? known : [at(known, step.offer)];
    framework.send({ kind: "decline", offerIds, refuseSeconds: step.refuseSeconds });
  },
};
