/** New agents: an agent without an id gets one, once it is durable. */

import { AgentId, type LinkId } from "../../../common/ids.ts";
import type { AgentDescription, AgentHoldings, AgentToMaster } from "../agent-message.ts";
import { addTotal, subtractTotal } from "../allocator/accounting.ts";
import { removeExecutor } from "../executors.ts";
import { agentsMax } from "../limits.ts";
import { downReason, machineOf } from "../maintenance/agent-machine.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import type { Agent, Link, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { noteAgent } from "../watch.ts";
import { closeLink, connectAgent, startReregisterTimer, totalPingTimeoutMs, welcomeAgent } from "./connection.ts";
import { isOccupied, leavePlace, placeOf, takePlace, vacatePlace } from "./place.ts";

export function receiveRegister(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "register" }>): void {
  const { state, config } = turn;
  if (link.isRegistering) return;
  if (link.agentId !== undefined) {
    sendRegistered(turn, link.linkId, link.agentId);
    return;
  }
  if (state.agents.size + state.recoveredAgents.size >= agentsMax) {
    closeLink(turn, link.linkId, { code: "RESOURCE_EXHAUSTED", message: `agents must be at most ${agentsMax}` });
    return;
  }
  const agent = describeOnLink(link, message.agent);
  const machine = machineOf(state, agent);
  if (machine?.mode === "down") {
    turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: { kind: "refuse", reason: downReason(machine) } });
    return;
  }
  const place = placeOf(link, agent);
  if (isOccupied(state, place)) {
    // It tries again; if the other is really gone, the link is, too, or the pings will tell.
    log(turn, "registration waits until the agent in its place is gone", { hostname: agent.hostname, peer: link.peer });
    return;
  }
  link.isRegistering = true;
  const agentId = AgentId(`${config.masterId}-S${state.counters.agents++}`);
  const { holdings } = message;
  propose(turn, {
    kind: "admitAgent",
    agentId,
    agent: withAgentId(agent, agentId),
    linkId: link.linkId,
    place,
    holdings,
  });
}

/** The new agent is durable. */
export function agentAdmitted(turn: Turn, op: Extract<RegistryOp, { kind: "admitAgent" }>): void {
  const { state } = turn;
  vacatePlace(turn, op.place);
  const agent = addAgent(turn, op.agentId, { description: op.agent, holdings: op.holdings });
  takePlace(state, agent, op.place);
  const link = state.links.get(op.linkId);
  log(turn, "agent registered", { agentId: op.agentId, hostname: op.agent.hostname, peer: link?.peer ?? "gone" });
  if (link === undefined) {
    startReregisterTimer(turn, op.agentId);
    return;
  }
  link.isRegistering = false;
  connectAgent(turn, agent, link);
  welcomeAgent(turn, agent, { kind: "registered", agentId: op.agentId, pingTimeoutMs: totalPingTimeoutMs(turn) });
}

/** Puts an agent into the books; its resources count from now on. */
export function addAgent(
  turn: Turn,
  agentId: AgentId,
  { description, holdings }: { description: AgentDescription; holdings: AgentHoldings | undefined },
): Agent {
  const { state, wallMs } = turn;
  const agent: Agent = {
    agentId,
    description,
    total: holdings?.total ?? description.resources,
    resourceVersion: holdings?.resourceVersion,
    operations: new Set(),
    linkId: undefined,
    place: undefined,
    used: [],
    free: undefined,
    tasks: new Set(),
    executors: new Map(),
    offers: new Set(),
    inverseOffers: new Map(),
    inverseAnswers: new Map(),
    pingNumber: 0,
    isPingUnanswered: false,
    missedPingCount: 0,
    registeredWallMs: wallMs,
    reregisteredWallMs: undefined,
    departure: undefined,
  };
  state.agents.set(agentId, agent);
  noteAgent(state, agentId);
  state.maintenance.checks.add(agentId);
  addTotal(state, agent.total);
  return agent;
}

/** Takes an agent out of the books, with its executors; it has no offers and no tasks any more. */
export function dropAgent(state: MasterState, agent: Agent): void {
  for (const executor of [...agent.executors.values()]) removeExecutor(state, executor);
  leavePlace(state, agent);
  state.agents.delete(agent.agentId);
  noteAgent(state, agent.agentId);
  state.deadlines.pings.delete(agent.agentId);
  state.deadlines.reregistrations.delete(agent.agentId);
  subtractTotal(state, agent.total);
  for (const framework of state.frameworks.values()) {
    framework.filters.clearAgent(agent.agentId);
    framework.inverseFilters.delete(agent.agentId);
  }
}

/** What an agent says of itself, and where its link comes from. */
export function describeOnLink(link: Link, description: AgentDescription): AgentDescription {
  return { ...description, ip: link.ip };
}

export function withAgentId(description: AgentDescription, agentId: AgentId): AgentDescription {
  return { ...description, info: { ...description.info, id: { value: agentId } } };
}

function sendRegistered(turn: Turn, linkId: LinkId, agentId: AgentId): void {
  turn.emit({ kind: "sendToAgent", linkId, message: { kind: "registered", agentId, pingTimeoutMs: totalPingTimeoutMs(turn) } });
}
