/** SUPPRESS: no offers until REVIVE. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface SuppressStep {
  readonly kind: "suppress";
  readonly framework: number;
}

export const suppress: CommandKind<SuppressStep> = {
  arbitrary: fc.record({ kind: fc.constant("suppress"), framework: position }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, step) => world.framework(step.framework).send({ kind: "suppress", roles: [] }),
};
