/** REVIVE: filters are forgotten, offers come again. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface ReviveStep {
  readonly kind: "revive";
  readonly framework: number;
}

export const revive: CommandKind<ReviveStep> = {
  arbitrary: fc.record({ kind: fc.constant("revive"), framework: position }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, step) => world.framework(step.framework).send({ kind: "revive", roles: [] }),
};
