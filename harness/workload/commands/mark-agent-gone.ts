/** MARK_AGENT_GONE: an operator gives an agent up, there or away; its process ends by itself, and its node comes back with another. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { type AgentStep, agentChoice, chosenAgent, hasAgent } from "./agent-choice.ts";

export interface MarkAgentGoneStep extends AgentStep {
  readonly kind: "markAgentGone";
}

export const markAgentGone: CommandKind<MarkAgentGoneStep> = {
  arbitrary: fc.record({ kind: fc.constant("markAgentGone"), agent: position, which: agentChoice("current") }),
  check: hasAgent,
  run: (world, step) => world.operator.order({ kind: "markAgentGone", agentId: chosenAgent(world, step) }),
};
