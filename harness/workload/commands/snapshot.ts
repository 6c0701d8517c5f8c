/** An operator looks at the leader: now, or at the moment when something is free that was not offered yet. */

import fc from "fast-check";
import { offerableFree } from "../../history/free-resources.ts";
import type { CommandKind } from "../command.ts";
import type { World } from "../world.ts";

export interface SnapshotStep {
  readonly kind: "snapshot";
  /** How long to wait for free resources, which last for one allocation only; 0 looks at once. */
  readonly freeWithinMs: number;
}

/** Short beside an allocation; looking is not free of cost. */
const lookEveryMs = 100;

export const snapshot: CommandKind<SnapshotStep> = {
  arbitrary: fc.record({ kind: fc.constant("snapshot"), freeWithinMs: fc.constantFrom(0, 2_000) }),
  check: () => true,
  async run(world, { freeWithinMs }) {
    await waitForFree(world, freeWithinMs);
    await world.snapshot();
  },
};

async function waitForFree(world: World, withinMs: number): Promise<void> {
  const untilMs = world.cluster.nowMs() + withinMs;
  while (world.cluster.nowMs() < untilMs) {
    const agents = await world.cluster.agents();
    if (agents?.some((agent) => agent.active && offerableFree(agent) !== undefined)) return;
    await world.advance(lookEveryMs);
  }
}
