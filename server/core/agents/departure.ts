/**
 * Agents that leave the cluster. Unreachable ones may come back; those that unregistered (drain now) may not. In both cases
 * the registry knows first; then the frameworks hear of each task, each offer, and of the agent, in this order.
 */

import type { AgentId } from "../../../common/ids.ts";
import { isTerminal } from "../../../common/task-state.ts";
import type { AgentToMaster, TaskKey } from "../agent-message.ts";
import { retiredAgentsMax, unreachableAgentsMax } from "../limits.ts";
import { dropOperations } from "../operations.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import { broadcastAgentFailure, sendUpdate } from "../scheduler-events.ts";
import type { Agent, Farewell, Framework, Link, MasterState, Task } from "../state.ts";
import { completeTask, moveTask, moveToUnreachable } from "../tasks.ts";
import { log, type Turn } from "../turn.ts";
import { rescindAgentOffers } from "./agent-offers.ts";
import { closeLink, refuseImpostor, startReregisterTimer } from "./connection.ts";
import { isImpostor, knownAgent } from "./identity.ts";
import { leaveCluster } from "./leave.ts";
import { dropAgent } from "./registration.ts";

/** The agent is durably unreachable. */
export function agentUnreachable(turn: Turn, op: Extract<RegistryOp, { kind: "markUnreachable" }>): void {
  const { state } = turn;
  const { agentId, sinceWallMs } = op;
  if (state.agentChanges.get(agentId) === "markingUnreachable") state.agentChanges.delete(agentId);
  state.unreachableAgents.set(agentId, { description: op.agent, sinceWallMs });
  state.maintenance.checks.add(agentId);
  state.recoveredAgents.delete(agentId);
  state.deadlines.reregistrations.delete(agentId);
  const agent = state.agents.get(agentId);
  log(turn, "agent unreachable", { agentId, tasks: agent?.tasks.size ?? 0 });
  if (agent !== undefined) {
    for (const task of [...agent.tasks]) taskUnreachable(turn, task, sinceWallMs);
    dropOperations(turn, agent, "OPERATION_UNREACHABLE");
    rescindAgentOffers(turn, agent);
    const { linkId } = agent;
    dropAgent(state, agent);
    if (linkId !== undefined) {
      closeLink(turn, linkId, { code: "ABORTED", message: `agent ${agentId} missed its pings and was marked unreachable` });
    }
  }
  broadcastAgentFailure(turn, agentId);
  forgetOldest(turn, { agentIds: oldestAbove(state.unreachableAgents, unreachableAgentsMax) });
}

/** The agent kills everything and will unregister: the registry is written while its tasks die. */
export function receiveLeaving(turn: Turn, link: Link, agentId: AgentId): void {
  const { state, wallMs } = turn;
  const agent = state.agents.get(agentId);
  if (agent?.linkId !== link.linkId || state.agentChanges.has(agentId)) return;
  state.agentChanges.set(agentId, "removing");
  agent.departure = { dueAtMs: undefined, isRetired: false, farewell: undefined };
  propose(turn, { kind: "retireAgent", agentId, agent: agent.description, atWallMs: wallMs });
}

/** The id of an agent that is leaving is durably retired; its tasks are announced when it has said that they are dead. */
export function agentRetired(turn: Turn, op: Extract<RegistryOp, { kind: "retireAgent" }>): void {
  const { state } = turn;
  state.removedAgents.set(op.agentId, op.atWallMs);
  const agent = state.agents.get(op.agentId);
  if (agent?.departure === undefined) return;
  agent.departure.isRetired = true;
  if (agent.departure.farewell !== undefined) announceDeparture(turn, { agentId: op.agentId, ...agent.departure.farewell });
  // A time that ran out during the write had nobody to act on it.
  else waitForFarewell(turn, agent);
}

/** An agent that leaves by itself must be gone by `dueAtMs` now, as one that is told to end. */
export function boundDeparture(turn: Turn, agent: Agent, dueAtMs: number): void {
  const { departure } = agent;
  if (departure === undefined || departure.dueAtMs !== undefined) return;
  departure.dueAtMs = dueAtMs;
  if (departure.isRetired) waitForFarewell(turn, agent);
}

function waitForFarewell(turn: Turn, { agentId, linkId, departure }: Agent): void {
  if (linkId === undefined) startReregisterTimer(turn, agentId);
  else turn.state.deadlines.pings.set(agentId, departure?.dueAtMs ?? turn.nowMs + turn.config.agentPingTimeoutMs);
}

/** An agent that was leaving fell silent before it said what is dead. Its id is retired, so its tasks can only be given up. */
export function leftSilently(turn: Turn, agent: Agent): void {
  const alive = [...agent.tasks].map(({ frameworkId, taskId }) => ({ frameworkId, taskId }));
  announceDeparture(turn, { agentId: agent.agentId, linkId: agent.linkId, alive });
}

/** The agent leaves for good. Ignored while its removal is being written, unless that was begun before its tasks were dead. */
export function receiveUnregister(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "unregister" }>): void {
  const { state, wallMs } = turn;
  const { agentId, alive } = message;
  const agent = knownAgent(state, agentId);
  // Only the agent itself says that it leaves. The next one in its place repeats it until that is confirmed; of an id that is gone
  // everybody may say so.
  if (agent !== undefined && link.agentId !== undefined && link.agentId !== agentId) {
    refuseImpostor(turn, link, { field: "unregister.agent_id", agentId });
    return;
  }
  if (isImpostor(turn, link, message)) return;
  const registered = state.agents.get(agentId);
  if (registered?.linkId !== undefined && registered.linkId !== link.linkId) return;
  if (registered?.departure !== undefined) {
    registered.departure.farewell ??= { linkId: link.linkId, alive };
    if (registered.departure.isRetired) announceDeparture(turn, { agentId, ...registered.departure.farewell });
    return;
  }
  if (state.agentChanges.get(agentId) === "removing") return;
  if (agent === undefined) {
    turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: { kind: "unregistered", agentId } });
    return;
  }
  state.agentChanges.set(agentId, "removing");
  propose(turn, { kind: "removeAgent", agentId, agent, atWallMs: wallMs, linkId: link.linkId, alive });
}

/** The agent's id is durably retired. */
export function agentRemoved(turn: Turn, op: Extract<RegistryOp, { kind: "removeAgent" }>): void {
  turn.state.removedAgents.set(op.agentId, op.atWallMs);
  announceDeparture(turn, op);
}

/** Tells the frameworks, and the agent, that an agent with a retired id is gone. */
function announceDeparture(turn: Turn, departed: Farewell & { readonly agentId: AgentId }): void {
  const { state } = turn;
  const { agentId, linkId } = departed;
  const alive = new Set(departed.alive.map(keyText));
  log(turn, "agent unregistered", { agentId, tasks: state.agents.get(agentId)?.tasks.size ?? 0, alive: alive.size });
  leaveCluster(turn, agentId, (framework, task) => {
    taskLost(turn, { framework, task, isAlive: alive.has(keyText(task)) });
  });
  if (linkId !== undefined && state.links.has(linkId)) {
    turn.emit({ kind: "sendToAgent", linkId, message: { kind: "unregistered", agentId } });
  }
  forgetOldest(turn, { agentIds: oldestAbove(state.removedAgents, retiredAgentsMax) });
}

function taskLost(turn: Turn, { framework, task, isAlive }: { framework: Framework; task: Task; isAlive: boolean }): void {
  const { taskId, agentId } = task;
  const message = isAlive ? `Agent ${agentId} is gone; the task is perhaps still alive` : `Agent ${agentId} unregistered; the task is dead`;
  sendUpdate(turn, framework, { taskId, agentId, state: "TASK_LOST", reason: "REASON_AGENT_REMOVED", message });
  moveTask(turn.state, task, "TASK_LOST");
  completeTask(turn.state, framework, task);
}

function taskUnreachable(turn: Turn, task: Task, sinceWallMs: number): void {
  const { state } = turn;
  const framework = state.frameworks.get(task.frameworkId);
  if (framework === undefined) return;
  // The framework was sent the end of this task; an unreachable agent does not change that.
  if (task.statusUpdateState !== undefined && isTerminal(task.statusUpdateState)) {
    completeTask(state, framework, task);
    return;
  }
  const { taskId, agentId } = task;
  sendUpdate(turn, framework, {
    taskId,
    agentId,
    state: "TASK_UNREACHABLE",
    reason: "REASON_AGENT_REMOVED",
    message: `Agent ${agentId} is unreachable`,
    unreachableAtMs: sinceWallMs,
  });
  task.isAnnouncedLost = !framework.description.partitionAware;
  moveTask(state, task, framework.description.partitionAware ? "TASK_UNREACHABLE" : "TASK_LOST");
  moveToUnreachable(state, framework, task);
}

/** The registry and the master forget the oldest ids together. */
function forgetOldest(turn: Turn, { agentIds }: { agentIds: readonly AgentId[] }): void {
  if (agentIds.length > 0) propose(turn, { kind: "forget", agentIds, frameworkIds: [] });
}

function oldestAbove(ids: MasterState["removedAgents"] | MasterState["unreachableAgents"], max: number): AgentId[] {
  return ids.size <= max ? [] : [...ids.keys()].slice(0, ids.size - max);
}

function keyText({ frameworkId, taskId }: TaskKey): string {
  return `${frameworkId}/${taskId}`;
}
