/** Time passes: moments in which messages race, seconds in which tasks end, minutes in which time-outs come. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";

export interface AdvanceTimeStep {
  readonly kind: "advanceTime";
  readonly durationMs: number;
}

export const advanceTime: CommandKind<AdvanceTimeStep> = {
  arbitrary: fc.record({
    kind: fc.constant("advanceTime"),
    durationMs: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 8, arbitrary: fc.integer({ min: 30, max: 2_500 }) },
      { weight: 2, arbitrary: fc.integer({ min: 2_500, max: 15_000 }) },
    ),
  }),
  check: () => true,
  run: (world, step) => world.advance(step.durationMs),
};
