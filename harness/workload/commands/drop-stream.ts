/** A framework's stream closes from its side; `subscribe` brings it back, or its failover timeout passes. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface DropStreamStep {
  readonly kind: "dropStream";
  readonly framework: number;
}

export const dropStream: CommandKind<DropStreamStep> = {
  arbitrary: fc.record({ kind: fc.constant("dropStream"), framework: position }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run: (world, step) => world.framework(step.framework).dropStream(),
};
