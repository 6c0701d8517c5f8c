/**
 * Time passes: moments in which messages race, seconds in which tasks end, minutes in which time-outs come. A suite may have it pass until
 * a machine's window begins, because on real clusters the steps before take as long as they take.
 */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";
import { at, type World } from "../world.ts";

export interface AdvanceTimeStep {
  readonly kind: "advanceTime";
  /** The longest that it passes. */
  readonly durationMs: number;
  /** Only until so long after the start of a machine's window, as far as the operator knows of one; negative: before it. */
  readonly until?: { readonly machine: number; readonly laterMs: number };
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
  run: (world, step) => world.advance(durationOf(world, step)),
};

function durationOf({ operator: { maintenance }, cluster }: World, { durationMs, until }: AdvanceTimeStep): number {
  if (until === undefined || maintenance.nodes.length === 0) return durationMs;
  const startAtMs = maintenance.windowOf(at(maintenance.nodes, until.machine))?.startAtMs;
  return startAtMs === undefined ? durationMs : Math.min(durationMs, Math.max(0, startAtMs + until.laterMs - cluster.nowMs()));
}
