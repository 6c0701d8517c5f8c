/** What the maintenance of its machine means for an agent. */

import type { AgentDescription } from "../agent-message.ts";
import type { Deactivation, Drain } from "../agents/standing.ts";
import type { Agent, MasterState } from "../state.ts";
import { describeMachine } from "./machine.ts";
import { findMachine, type Revocation, type ScheduledMachine } from "./schedule.ts";

/** The scheduled machine that the agent is on. */
export function machineOf({ maintenance }: MasterState, agent: Pick<AgentDescription, "hostname" | "ip">): ScheduledMachine | undefined {
  return findMachine(maintenance.machines, agent);
}

/** What an agent of a machine that is DOWN is told. */
export function downReason({ id }: Pick<ScheduledMachine, "id">): string {
  return `machine ${describeMachine(id)} is down for maintenance`;
}

/** Whether what the agent has is being taken from it because its window has begun. */
export function isRevoked(state: MasterState, agent: Pick<AgentDescription, "hostname" | "ip">): boolean {
  return machineOf(state, agent)?.revocation !== undefined;
}

/** How an agent stands: what its operator ordered, and what the window of its machine adds to that. */
export function standingOf(state: MasterState, agent: Agent): Deactivation | undefined {
  const ordered = state.deactivations.get(agent.agentId);
  const revocation = machineOf(state, agent.description)?.revocation;
  return revocation === undefined ? ordered : { drain: revokedDrain(agent, revocation, ordered?.drain) };
}

function revokedDrain(agent: Agent, { startedWallMs, graceMs }: Revocation, ordered: Drain | undefined): Drain {
  return {
    phase: isEmptied(agent) ? "drained" : "draining",
    maxGraceMs: Math.min(graceMs, ordered?.maxGraceMs ?? graceMs),
    markGone: ordered?.markGone ?? false,
    startedWallMs: ordered?.startedWallMs ?? startedWallMs,
  };
}

/**
 * Whether it is known that nothing is left on the agent that anybody waits for. What a disconnected one holds is not:
 * its last launches may have been lost, or be on their way.
 */
export function isEmptied({ linkId, tasks, executors, operations }: Agent): boolean {
  return linkId !== undefined && tasks.size === 0 && executors.size === 0 && operations.size === 0;
}
