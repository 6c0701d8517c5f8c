/** TEARDOWN: the framework and all its tasks end. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface TeardownStep {
  readonly kind: "teardown";
  readonly framework: number;
}

export const teardown: CommandKind<TeardownStep> = {
  arbitrary: fc.record({ kind: fc.constant("teardown"), framework: position }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, step) => world.framework(step.framework).send({ kind: "teardown" }),
};
