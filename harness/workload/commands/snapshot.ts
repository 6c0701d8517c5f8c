/** An operator looks at the leader. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";

export interface SnapshotStep {
  readonly kind: "snapshot";
}

export const snapshot: CommandKind<SnapshotStep> = {
  arbitrary: fc.record({ kind: fc.constant("snapshot") }),
  check: () => true,
  async run(world) {
    await world.snapshot();
  },
};
