/** DRAIN_AGENT: an operator has everything on an agent end, each task in its own grace or in the order's. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { type AgentStep, agentChoice, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface DrainAgentStep extends AgentStep {
  readonly kind: "drainAgent";
  /** Null: each task has its own grace. */
  readonly maxGraceMs: number | null;
  readonly markGone: boolean;
}

export const drainAgent: CommandKind<DrainAgentStep> = {
  arbitrary: fc.record({
    kind: fc.constant("drainAgent"),
    agent: position,
    which: agentChoice("current"),
    maxGraceMs: fc.constantFrom(null, 0, 500, 10_000),
    markGone: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
  check: hasAgent,
  run(world, step) {
    const { maxGraceMs, markGone } = step;
    const agentId = chosenAgent(world, step);
    world.operator.order({ kind: "drainAgent", agentId, ...(maxGraceMs === null ? {} : { maxGraceMs }), markGone });
  },
};
