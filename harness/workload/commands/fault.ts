/** Something breaks, for a while. Which faults there are, the run says. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface FaultStep {
  readonly kind: "fault";
  readonly name: string;
  /** Position among the targets that fit, or the name of one. */
  readonly target: number | string;
  readonly durationMs: number;
}

/** `names`: the faults to choose from, at least one. */
export function faultCommand(names: readonly string[]): CommandKind<FaultStep> {
  return {
    arbitrary: fc.record({
      kind: fc.constant("fault"),
      name: fc.constantFrom(...names),
      target: position,
      durationMs: fc.constantFrom(10, 300, 2_000, 12_000, 30_000, 60_000),
    }),
    check: (world) => world.faults !== undefined,
    async run(world, step) {
      await world.faults?.begin(step.name, step.target, step.durationMs);
    },
  };
}
