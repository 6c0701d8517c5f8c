/**
 * What follows once a schedule is durable. Only agents whose machine it changes are touched: their offers are taken back, what
 * frameworks answered and refused is forgotten, and they are offered anew. Agents of machines that are DOWN have to go.
 */

import { rescindAgentOffers } from "../agents/agent-offers.ts";
import { tellOrder } from "../agents/deactivation.ts";
import { wantAllocation } from "../allocator/allocator.ts";
import type { RegistryOp } from "../registry-op.ts";
import type { Agent, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { watchWindows } from "./deadline.ts";
import { describeMachine } from "./machine.ts";
import { findMachine, indexSchedule, isSameUnavailability, type MachineIndex, type Schedule, type ScheduledMachine } from "./schedule.ts";

export function scheduleChanged(turn: Turn, { schedule, callId }: Extract<RegistryOp, { kind: "changeSchedule" }>): void {
  const { state } = turn;
  const before = state.maintenance.machines;
  takeSchedule(state, schedule);
  logChanges(turn, before, state.maintenance.machines);
  for (const agent of state.agents.values()) {
    const was = findMachine(before, agent.description);
    const is = findMachine(state.maintenance.machines, agent.description);
    if (!isSameFor(was, is)) machineChanged(turn, agent, { was, is });
  }
  checkEveryAgent(state);
  watchWindows(turn);
  if (callId !== undefined) turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
}

/** A new leader goes on where the one before was. */
export function restoreSchedule(turn: Turn, schedule: Schedule): void {
  takeSchedule(turn.state, schedule);
  turn.state.maintenance.proposed = schedule;
  checkEveryAgent(turn.state);
  watchWindows(turn);
}

function takeSchedule({ maintenance }: MasterState, schedule: Schedule): void {
  maintenance.schedule = schedule;
  maintenance.machines = indexSchedule(schedule);
}

function isSameFor(was: ScheduledMachine | undefined, is: ScheduledMachine | undefined): boolean {
  if (was === undefined || is === undefined) return was === is;
  return isSameUnavailability(was.unavailability, is.unavailability) && was.mode === is.mode && was.revocation === is.revocation;
}

function machineChanged(
  turn: Turn,
  agent: Agent,
  { was, is }: { readonly was: ScheduledMachine | undefined; readonly is: ScheduledMachine | undefined },
): void {
  // Those of an agent that goes are taken back after the updates of its tasks.
  if (is?.mode === "down" || turn.state.agentChanges.get(agent.agentId) === "removing") return;
  rescindAgentOffers(turn, agent);
  const isAskedAnew = is === undefined || was === undefined || !isSameUnavailability(was.unavailability, is.unavailability);
  if (isAskedAnew) {
    agent.inverseAnswers.clear();
    for (const { inverseFilters } of turn.state.frameworks.values()) inverseFilters.delete(agent.agentId);
  }
  if (was?.revocation !== is?.revocation) tellOrder(turn, agent);
  wantAllocation(turn.state, agent);
}

function checkEveryAgent({ maintenance, agents, recoveredAgents, unreachableAgents }: MasterState): void {
  if (maintenance.machines.size === 0) return;
  for (const ids of [agents, recoveredAgents, unreachableAgents]) for (const agentId of ids.keys()) maintenance.checks.add(agentId);
}

function logChanges(turn: Turn, before: MachineIndex, after: MachineIndex): void {
  for (const [key, machine] of after) {
    const was = before.get(key);
    const name = describeMachine(machine.id);
    if (was === undefined) log(turn, "machine scheduled for maintenance", { machine: name });
    else if (was.mode !== machine.mode) log(turn, "machine is down", { machine: name });
    else if (was.revocation === undefined && machine.revocation !== undefined) log(turn, "machine is being emptied", { machine: name });
  }
  for (const [key, { id, mode }] of before) {
    if (!after.has(key)) log(turn, mode === "down" ? "machine is up" : "maintenance cancelled", { machine: describeMachine(id) });
  }
}
