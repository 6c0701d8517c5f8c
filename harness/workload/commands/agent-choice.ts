/** Which agent a step of an operator is about. */

import fc from "fast-check";
import type { AgentChoice } from "../operator.ts";
import { at, type World } from "../world.ts";

export interface AgentStep {
  /** Position among the agents of the choice. */
  readonly agent: number;
  readonly which: AgentChoice;
}

/** Mostly `usual`; sometimes an agent that the order cannot be about. */
export function agentChoice(usual: "current" | "withheld"): fc.Arbitrary<AgentChoice> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom<AgentChoice>("current", "withheld") },
    { weight: 1, arbitrary: fc.constantFrom<AgentChoice>("former", "unknown") },
  );
}

export function hasAgent(world: World, { which }: AgentStep): boolean {
  return world.operator.agentIds(which).length > 0;
}

/** There is one: `hasAgent` was asked. */
export function chosenAgent(world: World, { agent, which }: AgentStep): string {
  return at(world.operator.agentIds(which), agent);
}
