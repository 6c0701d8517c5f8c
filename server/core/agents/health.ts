/** Pings, and what follows when an agent does not answer or does not come back: it is marked unreachable. */

import type { AgentId, LinkId } from "../../../common/ids.ts";
import type { AgentDescription } from "../agent-message.ts";
import { propose } from "../registrar.ts";
import type { Agent, MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";

/** Sends the next ping and waits for its pong. */
export function pingAgent(turn: Turn, agent: Agent): void {
  if (agent.linkId === undefined) return;
  agent.pingNumber += 1;
  agent.isPingUnanswered = true;
  turn.emit({ kind: "sendToAgent", linkId: agent.linkId, message: { kind: "ping", number: agent.pingNumber, connected: true } });
  turn.state.deadlines.pings.set(agent.agentId, turn.nowMs + turn.config.agentPingTimeoutMs);
}

/** The time for the answer to the last ping is over. */
export function pingDue(turn: Turn, agentId: AgentId): void {
  const agent = turn.state.agents.get(agentId);
  if (agent === undefined) return;
  if (agent.isPingUnanswered) agent.missedPingCount += 1;
  if (agent.missedPingCount >= turn.config.agentPingTimeoutsMax) proposeUnreachable(turn, agentId, agent.description);
  else pingAgent(turn, agent);
}

export function receivePong(state: MasterState, agentId: AgentId, linkId: LinkId): void {
  const agent = state.agents.get(agentId);
  if (agent?.linkId !== linkId) return;
  agent.isPingUnanswered = false;
  agent.missedPingCount = 0;
}

/** A disconnected or recovered agent did not come back in time. */
export function reregistrationDue(turn: Turn, agentId: AgentId): void {
  const { agents, recoveredAgents } = turn.state;
  const agent = agents.get(agentId)?.description ?? recoveredAgents.get(agentId);
  if (agent !== undefined) proposeUnreachable(turn, agentId, agent);
}

function proposeUnreachable(turn: Turn, agentId: AgentId, agent: AgentDescription): void {
  // An agent that is leaving or coming back at this moment is decided by that.
  if (turn.state.agentChanges.has(agentId)) return;
  turn.state.agentChanges.set(agentId, "markingUnreachable");
  propose(turn, { kind: "markUnreachable", agentId, agent, sinceWallMs: turn.wallMs });
}
