/** Agents that do not answer, or do not come back in time: they are marked unreachable. */

import type { AgentId } from "../../../common/ids.ts";
import type { AgentDescription } from "../agent-message.ts";
import { propose } from "../registrar.ts";
import type { Turn } from "../turn.ts";
import { leftSilently } from "./departure.ts";
import { pingAgent } from "./health.ts";

/** The time for the answer to the last ping is over. */
export function pingDue(turn: Turn, agentId: AgentId): void {
  const agent = turn.state.agents.get(agentId);
  if (agent === undefined) return;
  // Told to end, it does not need another ping.
  const isOverdue = agent.departure?.dueAtMs !== undefined && agent.departure.isRetired;
  if (agent.isPingUnanswered) agent.missedPingCount += 1;
  if (isOverdue || agent.missedPingCount >= turn.config.agentPingTimeoutsMax) proposeUnreachable(turn, agentId, agent.description);
  else pingAgent(turn, agent);
}

/** A disconnected or recovered agent did not come back in time. */
export function reregistrationDue(turn: Turn, agentId: AgentId): void {
  const { agents, recoveredAgents } = turn.state;
  const agent = agents.get(agentId)?.description ?? recoveredAgents.get(agentId);
  if (agent !== undefined) proposeUnreachable(turn, agentId, agent);
}

function proposeUnreachable(turn: Turn, agentId: AgentId, agent: AgentDescription): void {
  const leaving = turn.state.agents.get(agentId);
  if (leaving?.departure?.isRetired === true) {
    leftSilently(turn, leaving);
    return;
  }
  // An agent that is leaving or coming back at this moment is decided by that.
  if (turn.state.agentChanges.has(agentId)) return;
  turn.state.agentChanges.set(agentId, "markingUnreachable");
  const tasksAbandoned = turn.state.abandonedAgents.has(agentId);
  propose(turn, { kind: "markUnreachable", agentId, agent, sinceWallMs: turn.wallMs, tasksAbandoned });
}
