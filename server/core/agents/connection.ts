/** The links of agents: which agent speaks on which link, and what follows when a link is lost. */

import type { AgentId, LinkId } from "../../../common/ids.ts";
import { ipOfPeer } from "../../../common/ip-address.ts";
import type { MasterToAgent } from "../agent-message.ts";
import { wantAllocation } from "../allocator/allocator.ts";
import type { CallRefusal } from "../effect.ts";
import { linksMax } from "../limits.ts";
import type { Agent, Link } from "../state.ts";
import type { Turn } from "../turn.ts";
import { noteAgent } from "../watch.ts";
import { abandonTasks } from "./abandonment.ts";
import { rescindAgentOffers } from "./agent-offers.ts";
import { pingAgent } from "./health.ts";

export function openLink(turn: Turn, linkId: LinkId, peer: string): void {
  const { links } = turn.state;
  if (links.size >= linksMax) {
    const refusal: CallRefusal = { code: "RESOURCE_EXHAUSTED", message: `agent links must be at most ${linksMax}` };
    turn.emit({ kind: "closeAgentLink", linkId, refusal });
    return;
  }
  links.set(linkId, { linkId, peer, ip: ipOfPeer(peer), agentId: undefined, isRegistering: false, ending: undefined });
}

/** The peer, or the network, closed the link. */
export function linkClosed(turn: Turn, linkId: LinkId): void {
  const { state } = turn;
  const link = state.links.get(linkId);
  if (link === undefined) return;
  state.links.delete(linkId);
  const agent = link.agentId === undefined ? undefined : state.agents.get(link.agentId);
  if (agent?.linkId === linkId) disconnectAgent(turn, agent);
}

/** The master closes the link of an agent, with the reason. */
export function closeLink(turn: Turn, linkId: LinkId, refusal: CallRefusal): void {
  if (!turn.state.links.delete(linkId)) return;
  turn.emit({ kind: "closeAgentLink", linkId, refusal });
}

/** Closes the link of a peer that speaks for an agent that it is not; with `field` rule, value. */
export function refuseImpostor(turn: Turn, link: Link, { field, agentId }: { readonly field: string; readonly agentId: string }): void {
  const agent = link.agentId === undefined ? undefined : turn.state.agents.get(link.agentId);
  if (agent?.linkId === link.linkId) disconnectAgent(turn, agent);
  const message = `${field} must be ${link.agentId ?? "absent"}, the agent of this link, is ${agentId}`;
  closeLink(turn, link.linkId, { code: "INVALID_ARGUMENT", message });
}

/** From now on the agent is reached on this link, and may be offered. */
export function connectAgent(turn: Turn, agent: Agent, link: Link): void {
  agent.linkId = link.linkId;
  noteAgent(turn.state, agent.agentId);
  link.agentId = agent.agentId;
  turn.state.deadlines.reregistrations.delete(agent.agentId);
  agent.isPingUnanswered = false;
  agent.missedPingCount = 0;
  turn.state.drainChecks.add(agent.agentId);
  wantAllocation(turn.state, agent);
}

/** The agent lost its link: nothing of it is offered until it is back, and it must be back in time. */
export function disconnectAgent(turn: Turn, agent: Agent): void {
  agent.linkId = undefined;
  noteAgent(turn.state, agent.agentId);
  turn.state.deadlines.pings.delete(agent.agentId);
  // An agent that has unregistered closes its link early; its offers then go after the updates of its tasks. One that was
  // about to, and fell silent, keeps nobody waiting for its offers.
  const { departure } = agent;
  const isAnnounced =
    turn.state.agentChanges.get(agent.agentId) === "removing" && (departure === undefined || departure.farewell !== undefined);
  if (isAnnounced) {
    if (departure !== undefined) startReregisterTimer(turn, agent.agentId);
    return;
  }
  abandonTasks(turn, agent);
  rescindAgentOffers(turn, agent);
  startReregisterTimer(turn, agent.agentId);
}

export function startReregisterTimer({ state, config, nowMs }: Turn, agentId: AgentId): void {
  const dueAtMs = state.agents.get(agentId)?.departure?.dueAtMs;
  state.deadlines.reregistrations.set(agentId, dueAtMs ?? nowMs + config.agentReregisterTimeoutMs);
}

/** Tells an agent something, if it is connected. */
export function sendToAgent(turn: Turn, agent: Agent, message: MasterToAgent): void {
  if (agent.linkId !== undefined) turn.emit({ kind: "sendToAgent", linkId: agent.linkId, message });
}

/** Answers a registration; the first ping follows. */
export function welcomeAgent(turn: Turn, agent: Agent, message: MasterToAgent): void {
  sendToAgent(turn, agent, message);
  pingAgent(turn, agent);
}

/** How long an agent waits without a ping before it looks for a leader again. */
export function totalPingTimeoutMs(turn: Turn): number {
  return turn.config.agentPingTimeoutMs * turn.config.agentPingTimeoutsMax;
}
