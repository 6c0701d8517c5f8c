/**
 * Agents that come back with their id. What the master does depends on where it finds the id: retired ids are refused,
 * unreachable and unknown ones are written to the registry first, registered and recovered ones only if they changed.
 * Source: Mesos Master::reregisterSlave.
 */

import type { AgentId, LinkId } from "../../../common/ids.ts";
import type { AgentToMaster, MasterToAgent, OperationKey, TaskKey } from "../agent-message.ts";
import { changeTotal } from "../allocator/accounting.ts";
import { takeBackExecutors } from "../executors.ts";
import { downReason, machineOf } from "../maintenance/agent-machine.ts";
import { endedFrameworksOf, takeBackOperations } from "../operations.ts";
import { propose } from "../registrar.ts";
import type { ReturningAgent } from "../registry-op.ts";
import { isSameMessage } from "../same-message.ts";
import type { Agent, Link, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { abandonTasks } from "./abandonment.ts";
import { rescindAgentOffers } from "./agent-offers.ts";
import {
  closeLink,
  connectAgent,
  disconnectAgent,
  sendToAgent,
  startReregisterTimer,
  totalPingTimeoutMs,
  welcomeAgent,
} from "./connection.ts";
import { tellOrder } from "./deactivation.ts";
import { awaitsEnding, untoldOrders } from "./given-up-tasks.ts";
import { refuseGone } from "./gone.ts";
import { isImpostor } from "./identity.ts";
import { placeOf, takePlace } from "./place.ts";
import { addAgent, describeOnLink, withAgentId } from "./registration.ts";
import { type ReturnedFrom, takeBackTasks } from "./returned-tasks.ts";

export function receiveReregister(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "reregister" }>): void {
  const { state } = turn;
  const { agentId } = message;
  if (link.isRegistering) return;
  if (link.agentId === agentId) {
    turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: reregistered(turn, agentId, { tasks: [], operations: [] }) });
    return;
  }
  if (refuseGone(turn, link, message)) return;
  if (isImpostor(turn, link, { agentId, credential: message.agent.credential })) return;
  const described = describeOnLink(link, message.agent);
  const machine = machineOf(state, described);
  const problem = machine?.mode === "down" ? downReason(machine) : reregisterProblem(turn, link, message);
  if (problem !== undefined) {
    log(turn, "agent refused", { agentId, reason: problem });
    turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: { kind: "refuse", reason: problem } });
    return;
  }
  // While the registry decides about this agent its attempts are dropped; it tries again. Source: Mesos, the same.
  if (state.agentChanges.has(agentId)) return;
  if (awaitsEnding(turn, link, message)) return;
  const returning: ReturningAgent = {
    agentId,
    agent: withAgentId(described, agentId),
    linkId: link.linkId,
    frameworks: message.frameworks,
    tasks: message.tasks,
    holdings: message.holdings,
    executors: message.executors,
  };
  dropOldLink(turn, agentId);
  const known = state.agents.get(agentId)?.description ?? state.recoveredAgents.get(agentId);
  // That tasks were given up is on record until the agent is told to end them.
  if (known !== undefined && isSameMessage(known, returning.agent) && !state.abandonedAgents.has(agentId)) {
    agentReturned(turn, returning);
    return;
  }
  link.isRegistering = true;
  state.agentChanges.set(agentId, "reregistering");
  propose(turn, { kind: known === undefined ? "markReachable" : "updateAgent", returning });
}

/** The agent is in the registry as it describes itself now. */
export function agentReturned(turn: Turn, returning: ReturningAgent): void {
  const { state } = turn;
  const { agentId } = returning;
  state.maintenance.checks.add(agentId);
  if (state.agentChanges.get(agentId) === "reregistering") state.agentChanges.delete(agentId);
  const from = whereFound(state, agentId);
  const tasksAbandoned = state.abandonedAgents.delete(agentId);
  state.recoveredAgents.delete(agentId);
  state.unreachableAgents.delete(agentId);
  const agent = describeAgain(turn, returning);
  const { missing, completedFrameworkIds, orders } = takeBackTasks(turn, { agent, returning, from, tasksAbandoned });
  takeBackExecutors(state, agent, returning.executors ?? []);
  const missingOperations = takeBackOperations(state, agent, returning.holdings);
  const endedIds = new Set([...completedFrameworkIds, ...endedFrameworksOf(state, returning.holdings)]);
  log(turn, "agent registered again", { agentId, tasks: agent.tasks.size, missing: missing.length });
  const link = state.links.get(returning.linkId);
  if (link === undefined) {
    // It is away again, and was told nothing.
    abandonTasks(turn, agent);
    startReregisterTimer(turn, agentId);
    return;
  }
  link.isRegistering = false;
  connectAgent(turn, agent, link);
  takePlace(state, agent, placeOf(link, agent.description));
  welcomeAgent(turn, agent, reregistered(turn, agentId, { tasks: missing, operations: missingOperations }));
  tellOrder(turn, agent);
  for (const frameworkId of endedIds) sendToAgent(turn, agent, { kind: "shutdownFramework", frameworkId });
  for (const order of untoldOrders(link, orders)) sendToAgent(turn, agent, order);
}

function whereFound(state: MasterState, agentId: AgentId): ReturnedFrom {
  if (state.unreachableAgents.has(agentId)) return "unreachable";
  return state.agents.has(agentId) || state.recoveredAgents.has(agentId) ? "known" : "unknown";
}

/** Ids are counted, so anybody can guess the next one; who had it in advance would share it with an agent. */
function isYetToBeGiven({ state, config }: Turn, agentId: AgentId): boolean {
  const prefix = `${config.masterId}-S`;
  return agentId.startsWith(prefix) && !(Number(agentId.slice(prefix.length)) < state.counters.agents);
}

/** The rule that this registration breaks for good. */
function reregisterProblem(turn: Turn, link: Link, { agentId, agent }: Extract<AgentToMaster, { kind: "reregister" }>): string | undefined {
  const { state } = turn;
  if (isYetToBeGiven(turn, agentId)) return `agent_id must be one that was given to the agent, is ${agentId}`;
  if (state.removedAgents.has(agentId)) return `agent_id must not be of an agent that was unregistered, is ${agentId}`;
  if (link.agentId !== undefined) return `agent_id must be ${link.agentId} on this link, is ${agentId}`;
  const hostname = state.agents.get(agentId)?.description.hostname;
  if (hostname !== undefined && hostname !== agent.hostname) {
    return `agent.hostname must be ${hostname} for agent ${agentId}, is ${agent.hostname}`;
  }
  return undefined;
}

/** The agent speaks on a new link, so what was sent on the old one may be lost: nothing more goes there. */
function dropOldLink(turn: Turn, agentId: AgentId): void {
  const agent = turn.state.agents.get(agentId);
  const oldLinkId: LinkId | undefined = agent?.linkId;
  if (agent === undefined || oldLinkId === undefined) return;
  disconnectAgent(turn, agent);
  closeLink(turn, oldLinkId, { code: "ABORTED", message: `agent ${agentId} registered again on a new link` });
}

function describeAgain(turn: Turn, { agentId, agent: description, holdings }: ReturningAgent): Agent {
  const { state } = turn;
  const agent = state.agents.get(agentId);
  if (agent === undefined) return addReturned(turn, agentId, { description, holdings });
  rescindAgentOffers(turn, agent);
  agent.inverseAnswers.clear();
  if (!isSameMessage(agent.description.info.attributes, description.info.attributes)) {
    // Whoever refused it refused another sort of agent.
    for (const framework of state.frameworks.values()) framework.filters.clearAgent(agentId);
  }
  agent.description = description;
  agent.resourceVersion = holdings?.resourceVersion;
  changeTotal(state, agent, holdings?.total ?? description.resources);
  agent.reregisteredWallMs = turn.wallMs;
  return agent;
}

function addReturned(turn: Turn, agentId: AgentId, described: Parameters<typeof addAgent>[2]): Agent {
  const agent = addAgent(turn, agentId, described);
  agent.reregisteredWallMs = turn.wallMs;
  return agent;
}

function reregistered(
  turn: Turn,
  agentId: AgentId,
  missing: { tasks: readonly TaskKey[]; operations: readonly OperationKey[] },
): MasterToAgent {
  const { tasks: reconcile, operations: reconcileOperations } = missing;
  return { kind: "reregistered", agentId, pingTimeoutMs: totalPingTimeoutMs(turn), reconcile, reconcileOperations };
}
