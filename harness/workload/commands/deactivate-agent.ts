/** DEACTIVATE_AGENT: an operator takes an agent out of service and lets its tasks run. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { type AgentStep, agentChoice, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface DeactivateAgentStep extends AgentStep {
  readonly kind: "deactivateAgent";
}

export const deactivateAgent: CommandKind<DeactivateAgentStep> = {
  arbitrary: fc.record({ kind: fc.constant("deactivateAgent"), agent: position, which: agentChoice("current") }),
  check: hasAgent,
  run: (world, step) => world.operator.order({ kind: "deactivateAgent", agentId: chosenAgent(world, step) }),
};
