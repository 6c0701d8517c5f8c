/**
 * UPDATE_MAINTENANCE_SCHEDULE (with or without what it has to be before), START_MAINTENANCE and STOP_MAINTENANCE: all or nothing, answered
 * when it is durable. Calls that meet are taken one after the other: each is checked against what the ones before it make of the schedule,
 * so none has to be repeated and none overwrites what it has not seen. Source: Mesos master/maintenance.cpp.
 */

import { type Refusal, refuse } from "../../../common/result.ts";
import type { CallId } from "../input.ts";
import { propose } from "../registrar.ts";
import type { MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { describeMachine, keysOfAgent, type MachineId, machineKey } from "./machine.ts";
import {
  findMachine,
  indexSchedule,
  isSameUnavailability,
  type Machine,
  type MachineIndex,
  type PlannedWindow,
  type Schedule,
  type ScheduledMachine,
  startWallMs,
  type Window,
} from "./schedule.ts";

/** What the schedule becomes, and what it has to be before if that matters. */
export interface ScheduleUpdate {
  readonly windows: readonly PlannedWindow[];
  readonly expected: readonly PlannedWindow[] | undefined;
}

/** Replaces the schedule. A machine that stays keeps its mode; one that is DOWN has to stay. */
export function updateSchedule(turn: Turn, callId: CallId, { windows, expected }: ScheduleUpdate): Refusal | undefined {
  const before = indexSchedule(turn.state.maintenance.proposed);
  if (expected !== undefined && !isSchedule(before, expected)) {
    const rule = "must be the schedule, which somebody has changed; read it again";
    return { code: "ABORTED", message: `replace_maintenance_schedule.expected ${rule}` };
  }
  const planned = new Set(windows.flatMap(({ machineIds }) => machineIds.map(machineKey)));
  for (const [key, { id, mode }] of before) {
    if (mode !== "down" || planned.has(key)) continue;
    const rule = `must have every machine that is DOWN, ${describeMachine(id)} is missing; stop its maintenance first`;
    const call = expected === undefined ? "update_maintenance_schedule" : "replace_maintenance_schedule";
    return { code: "FAILED_PRECONDITION", message: `${call}.schedule.windows ${rule}` };
  }
  const revoked = revokedNames(turn.state, before);
  const schedule = windows.map(({ machineIds, unavailability }): Window => {
    const machines = machineIds.map((id): Machine => {
      const key = machineKey(id);
      return planMachine(turn, { id, unavailability, before: before.get(key), isRenamed: revoked.has(key) });
    });
    return { unavailability, machines };
  });
  proposeSchedule(turn, schedule, callId);
  return undefined;
}

function isSchedule(machines: MachineIndex, windows: readonly PlannedWindow[]): boolean {
  const named = windows.flatMap(({ machineIds, unavailability }) => machineIds.map((id) => ({ key: machineKey(id), unavailability })));
  return (
    named.length === machines.size &&
    named.every(({ key, unavailability }) => {
      const machine = machines.get(key);
      return machine !== undefined && isSameUnavailability(machine.unavailability, unavailability);
    })
  );
}

interface Planned {
  readonly id: MachineId;
  readonly unavailability: Window["unavailability"];
  readonly before: ScheduledMachine | undefined;
  /** Something is being taken from an agent that the machine's name means. */
  readonly isRenamed: boolean;
}

/** What is being taken away stays taken unless the window now begins later. Under a new name that begins anew, with the whole grace. */
function planMachine({ wallMs, config }: Turn, { id, unavailability, before, isRenamed }: Planned): Machine {
  const hasBegun = startWallMs(unavailability) <= wallMs;
  if (before === undefined) {
    const revocation = hasBegun && isRenamed ? { startedWallMs: wallMs, graceMs: config.revocationGraceMs } : undefined;
    return { id, mode: "draining", revocation };
  }
  const isKept = hasBegun || isSameUnavailability(before.unavailability, unavailability);
  return { id, mode: before.mode, revocation: isKept ? before.revocation : undefined };
}

/** All names of the agents from which something is being taken: their machines may be planned anew under another one. */
function revokedNames({ agents }: MasterState, machines: MachineIndex): ReadonlySet<string> {
  const found = new Set<string>();
  if (![...machines.values()].some(({ revocation }) => revocation !== undefined)) return found;
  for (const { description } of agents.values()) {
    if (findMachine(machines, description)?.revocation === undefined) continue;
    for (const key of keysOfAgent(description)) found.add(key);
  }
  return found;
}

/** Takes machines whose window is scheduled DOWN, whether it has begun or not. */
export function startMaintenance(turn: Turn, callId: CallId, machineIds: readonly MachineId[]): Refusal | undefined {
  const refusal = modeRefusal(turn.state, machineIds, { call: "start_maintenance", mode: "draining" });
  if (refusal !== undefined) return refusal;
  const keys = new Set(machineIds.map(machineKey));
  const schedule = turn.state.maintenance.proposed.map(({ unavailability, machines }) => ({
    unavailability,
    machines: machines.map(
      (machine): Machine => (keys.has(machineKey(machine.id)) ? { ...machine, mode: "down", revocation: undefined } : machine),
    ),
  }));
  proposeSchedule(turn, schedule, callId);
  return undefined;
}

/** Brings machines that are DOWN back into service: they leave the schedule. */
export function stopMaintenance(turn: Turn, callId: CallId, machineIds: readonly MachineId[]): Refusal | undefined {
  const refusal = modeRefusal(turn.state, machineIds, { call: "stop_maintenance", mode: "down" });
  if (refusal !== undefined) return refusal;
  const keys = new Set(machineIds.map(machineKey));
  const schedule = turn.state.maintenance.proposed.flatMap(({ unavailability, machines }) => {
    const rest = machines.filter(({ id }) => !keys.has(machineKey(id)));
    return rest.length === 0 ? [] : [{ unavailability, machines: rest }];
  });
  proposeSchedule(turn, schedule, callId);
  return undefined;
}

/** `callId`: the call to answer; undefined for a change that this master makes by itself. */
export function proposeSchedule(turn: Turn, schedule: Schedule, callId: CallId | undefined): void {
  turn.state.maintenance.proposed = schedule;
  propose(turn, { kind: "changeSchedule", schedule, callId });
}

const modeNames = { draining: "DRAINING", down: "DOWN" } as const satisfies Record<Machine["mode"], string>;

/** Every machine has to be scheduled, under this very name, and in this mode. */
function modeRefusal(
  { maintenance }: MasterState,
  machineIds: readonly MachineId[],
  { call, mode }: { readonly call: string; readonly mode: Machine["mode"] },
): Refusal | undefined {
  const machines = indexSchedule(maintenance.proposed);
  for (const [index, id] of machineIds.entries()) {
    const path = `${call}.machines[${index}]`;
    const machine = machines.get(machineKey(id));
    if (machine === undefined) return refuse("NOT_FOUND", `${path} must be in the schedule, ${describeMachine(id)} is not`).refusal;
    if (machine.mode === mode) continue;
    return refuse("FAILED_PRECONDITION", `${path} must be ${modeNames[mode]}, ${describeMachine(id)} is ${modeNames[machine.mode]}`)
      .refusal;
  }
  return undefined;
}
