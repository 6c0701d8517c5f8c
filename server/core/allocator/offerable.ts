/** Which agents can be offered. */

import { isRevoked } from "../maintenance/agent-machine.ts";
import type { Agent, MasterState } from "../state.ts";

export function isOfferable(state: MasterState, agent: Agent): boolean {
  const { agentId } = agent;
  if (agent.linkId === undefined || state.agents.get(agentId) !== agent) return false;
  return !state.agentChanges.has(agentId) && !state.deactivations.has(agentId) && !isRevoked(state, agent.description);
}
