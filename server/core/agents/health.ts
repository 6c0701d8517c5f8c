/** Pings, and the answers to them. `missing.ts` says what follows when none comes. */

import type { AgentId, LinkId } from "../../../common/ids.ts";
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

export function receivePong(state: MasterState, agentId: AgentId, linkId: LinkId): void {
  const agent = state.agents.get(agentId);
  if (agent?.linkId !== linkId) return;
  agent.isPingUnanswered = false;
  agent.missedPingCount = 0;
}
