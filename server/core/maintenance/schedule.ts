/** The maintenance schedule: a value that is replaced as a whole, with what has become of each machine. */

import type { AgentId } from "../../../common/ids.ts";
import type { AgentDescription } from "../agent-message.ts";
import { keysOfAgent, type MachineId, machineKey } from "./machine.ts";

/** Nanoseconds, as in the protocol. */
export interface Unavailability {
  /** Of Unix time; may be negative. */
  readonly startNs: bigint;
  /** Undefined: nobody knows when it ends. */
  readonly durationNs: bigint | undefined;
}

/** Machines that are unavailable at the same time. */
export interface PlannedWindow {
  readonly machineIds: readonly MachineId[];
  readonly unavailability: Unavailability;
}

export interface Machine {
  readonly id: MachineId;
  /** "down": its agents are gone and may not register. */
  readonly mode: "draining" | "down";
  /** What was not returned in time is being taken away. Undefined: frameworks are only asked. */
  readonly revocation: Revocation | undefined;
}

export interface Revocation {
  /** Unix time in milliseconds. */
  readonly startedWallMs: number;
  /** Bounds the grace of each task. */
  readonly graceMs: number;
}

export interface Window {
  readonly unavailability: Unavailability;
  readonly machines: readonly Machine[];
}

/** A machine is in one window at most. */
export type Schedule = readonly Window[];

export interface ScheduledMachine extends Machine {
  readonly unavailability: Unavailability;
}

export interface MaintenanceState {
  /** What is durable; it holds. */
  schedule: Schedule;
  /** The newest on its way into the registry; `schedule` when none is. Calls are checked against it, one after the other. */
  proposed: Schedule;
  /** Those of `schedule`, by key. */
  machines: MachineIndex;
  /** Agents that came, or changed, in this step: they may have to go at once. */
  readonly checks: Set<AgentId>;
}

export type MachineIndex = ReadonlyMap<string, ScheduledMachine>;

export function createMaintenance(): MaintenanceState {
  return { schedule: [], proposed: [], machines: new Map(), checks: new Set() };
}

export function indexSchedule(schedule: Schedule): MachineIndex {
  const machines = new Map<string, ScheduledMachine>();
  for (const { unavailability, machines: members } of schedule) {
    for (const machine of members) machines.set(machineKey(machine.id), { ...machine, unavailability });
  }
  return machines;
}

/** The scheduled machine that an agent is on. Of two that name it a DOWN one counts, then the one that says more. */
export function findMachine(machines: MachineIndex, agent: Pick<AgentDescription, "hostname" | "ip">): ScheduledMachine | undefined {
  if (machines.size === 0) return undefined;
  let found: ScheduledMachine | undefined;
  for (const key of keysOfAgent(agent)) {
    const machine = machines.get(key);
    if (machine?.mode === "down") return machine;
    found ??= machine;
  }
  return found;
}

export function isSameUnavailability(left: Unavailability, right: Unavailability): boolean {
  return left.startNs === right.startNs && left.durationNs === right.durationNs;
}

/** Unix time in milliseconds. */
export function startWallMs({ startNs }: Unavailability): number {
  return Number(startNs) / 1e6;
}
