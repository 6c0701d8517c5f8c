/**
 * Where an agent is: the address that its link comes from, and the host and port that it names. No two processes can be
 * in one place, so a new agent there means that the one before it is gone: its work directory was lost, or it never heard
 * of its id. But every process on the machine can say that it is there, so this counts only when the one before it has lost its
 * link. Source: Mesos Master::registerSlave, "from the same address".
 */

import type { AgentDescription } from "../agent-message.ts";
import { propose } from "../registrar.ts";
import type { Agent, Link, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { closeLink, disconnectAgent } from "./connection.ts";

/** Undefined for an agent that names no port: many such may share a host. */
export function placeOf(link: Link, { hostname, info }: AgentDescription): string | undefined {
  if (info.port === undefined) return undefined;
  const peerHost = link.peer.replace(/:\d+$/, "");
  return `${peerHost} ${hostname}:${info.port}`;
}

export function takePlace(state: MasterState, agent: Agent, place: string | undefined): void {
  leavePlace(state, agent);
  agent.place = place;
  if (place !== undefined) state.agentsByPlace.set(place, agent.agentId);
}

export function leavePlace(state: MasterState, agent: Agent): void {
  if (agent.place !== undefined && state.agentsByPlace.get(agent.place) === agent.agentId) state.agentsByPlace.delete(agent.place);
  agent.place = undefined;
}

/** Whether the agent in this place is connected; then nobody else can be there. */
export function isOccupied(state: MasterState, place: string | undefined): boolean {
  const agentId = place === undefined ? undefined : state.agentsByPlace.get(place);
  return agentId !== undefined && state.agents.get(agentId)?.linkId !== undefined;
}

/** Removes the agent that was in this place; what it ran may still run, and nobody is left who could say. */
export function vacatePlace(turn: Turn, place: string | undefined): void {
  const { state, wallMs } = turn;
  const agentId = place === undefined ? undefined : state.agentsByPlace.get(place);
  const agent = agentId === undefined ? undefined : state.agents.get(agentId);
  // An agent that is leaving already is decided by that.
  if (agent === undefined || state.agentChanges.has(agent.agentId)) return;
  log(turn, "agent replaced by another one in its place", { agentId: agent.agentId, tasks: agent.tasks.size });
  state.agentChanges.set(agent.agentId, "removing");
  const { linkId } = agent;
  if (linkId !== undefined) {
    disconnectAgent(turn, agent);
    closeLink(turn, linkId, { code: "ABORTED", message: `another agent registered from the place of agent ${agent.agentId}` });
  }
  const alive = [...agent.tasks].map(({ frameworkId, taskId }) => ({ frameworkId, taskId }));
  propose(turn, { kind: "removeAgent", agentId: agent.agentId, agent: agent.description, atWallMs: wallMs, linkId: undefined, alive });
}
