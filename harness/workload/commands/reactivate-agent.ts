/** REACTIVATE_AGENT: an operator takes an agent back into service; refused of one that drains, or that was never taken out. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { type AgentStep, agentChoice, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface ReactivateAgentStep extends AgentStep {
  readonly kind: "reactivateAgent";
}

export const reactivateAgent: CommandKind<ReactivateAgentStep> = {
  arbitrary: fc.record({ kind: fc.constant("reactivateAgent"), agent: position, which: agentChoice("withheld") }),
  check: hasAgent,
  run: (world, step) => world.operator.order({ kind: "reactivateAgent", agentId: chosenAgent(world, step) }),
};
