/** The maintenance schedule, between the core's form and that of the registry. */

import { type Result, succeed } from "../../common/result.ts";
import type { RegistryMachine, RegistrySchedule } from "../../protos/gen/tepui/v1/registry.ts";
import type { Machine, Schedule, Window } from "../core/maintenance/schedule.ts";
import { toUnavailabilityMessage } from "../core/operator/unavailability-message.ts";
import type { RegistryRecord } from "../core/registry-record.ts";
import { readMachineId, readUnavailability } from "./machine-codec.ts";

export function writeSchedule(schedule: Schedule): RegistrySchedule {
  return {
    windows: schedule.map(({ unavailability, machines }) => ({
      unavailability: toUnavailabilityMessage(unavailability),
      machines: machines.map(writeMachine),
    })),
  };
}

function writeMachine({ id, mode, revocation }: Machine): RegistryMachine {
  return {
    id: { ...id },
    isDown: mode === "down",
    revocation: revocation && {
      startedAtMs: BigInt(Math.round(revocation.startedWallMs)),
      graceMs: BigInt(Math.round(revocation.graceMs)),
    },
  };
}

export function readSchedule(message: RegistrySchedule): Result<RegistryRecord> {
  const schedule: Window[] = [];
  for (const [index, window] of message.windows.entries()) {
    const path = `schedule.windows[${index}]`;
    const unavailability = readUnavailability(window.unavailability, `${path}.unavailability`);
    if (!unavailability.ok) return unavailability;
    const machines: Machine[] = [];
    for (const [place, machine] of window.machines.entries()) {
      const read = readMachine(machine, `${path}.machines[${place}]`);
      if (!read.ok) return read;
      machines.push(read.value);
    }
    schedule.push({ unavailability: unavailability.value, machines });
  }
  return succeed({ kind: "schedule", schedule });
}

function readMachine({ id, isDown, revocation }: RegistryMachine, path: string): Result<Machine> {
  const machineId = readMachineId(id ?? {}, `${path}.id`);
  if (!machineId.ok) return machineId;
  return succeed({
    id: machineId.value,
    mode: isDown === true ? "down" : "draining",
    revocation: revocation && { startedWallMs: Number(revocation.startedAtMs ?? 0n), graceMs: Number(revocation.graceMs ?? 0n) },
  });
}
