/** DRAIN_AGENT: an operator has everything on an agent end, each task in its own grace or in the order's. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { type AgentStep, agentChoice, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface DrainAgentStep extends AgentStep {
  readonly kind: "drainAgent";
  /** Null: each task has its own grace. */
  readonly maxGraceMs: number | null;
  readonly markGone: boolean;
  /** After how long the operator looks how far the drain is; 0: not at all. */
  readonly lookAfterMs: number;
}

export const drainAgent: CommandKind<DrainAgentStep> = {
  arbitrary: fc.record({
    kind: fc.constant("drainAgent"),
    agent: position,
    which: agentChoice("current"),
    maxGraceMs: fc.constantFrom(null, 0, 500, 10_000),
    markGone: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    lookAfterMs: fc.constantFrom(0, 1_000, 5_000),
  }),
  check: hasAgent,
  async run(world, step) {
    const { maxGraceMs, markGone, lookAfterMs } = step;
    const agentId = chosenAgent(world, step);
    world.operator.order({ kind: "drainAgent", agentId, ...(maxGraceMs === null ? {} : { maxGraceMs }), markGone });
    if (lookAfterMs === 0) return;
    await world.advance(lookAfterMs);
    await world.snapshot();
  },
};
