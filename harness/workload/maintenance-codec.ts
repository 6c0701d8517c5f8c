/** Machines, windows and what is answered about them, between the history's form and messages. A run counts its time from its own start. */

import { InverseOfferStatus_Status } from "../../protos/gen/mesos/v1/allocator/allocator.ts";
import type { Schedule } from "../../protos/gen/mesos/v1/maintenance/maintenance.ts";
import { Response_GetMaintenanceSchedule, Response_GetMaintenanceStatus } from "../../protos/gen/mesos/v1/master/master.ts";
import { type MachineID, MachineInfo_Mode, type Unavailability } from "../../protos/gen/mesos/v1/mesos.ts";
import { type MachineProgress, MaintenancePhase, MaintenanceProgress } from "../../protos/gen/tepui/v1/maintenance.ts";
import type { OrderJson } from "../history/event.ts";
import type {
  MachineJson,
  MachineProgressJson,
  MaintenanceAnswerJson,
  MaintenancePhaseJson,
  UnavailabilityJson,
  WindowJson,
} from "../history/maintenance-json.ts";

const nanosPerMs = 1_000_000n;

export function toMachineMessage({ hostname, ip }: MachineJson): MachineID {
  return { hostname, ip };
}

export function toScheduleMessage(windows: readonly WindowJson[], startedWallMs: number): Schedule {
  return {
    windows: windows.map(({ machines, unavailability: { startAtMs, durationMs } }) => ({
      machineIds: machines.map(toMachineMessage),
      unavailability: {
        start: { nanoseconds: BigInt(startedWallMs + startAtMs) * nanosPerMs },
        duration: durationMs === undefined ? undefined : { nanoseconds: BigInt(durationMs) * nanosPerMs },
      },
    })),
  };
}

export function toUnavailabilityJson(message: Unavailability | undefined, startedWallMs: number): UnavailabilityJson {
  const startAtMs = Number((message?.start?.nanoseconds ?? 0n) / nanosPerMs) - startedWallMs;
  const duration = message?.duration;
  return duration === undefined ? { startAtMs } : { startAtMs, durationMs: Number(duration.nanoseconds / nanosPerMs) };
}

/** What a question was answered with; undefined for an order, whose answer says nothing. */
export function decodeAnswer(kind: OrderJson["kind"], bytes: Uint8Array, startedWallMs: number): MaintenanceAnswerJson | undefined {
  switch (kind) {
    case "getMaintenanceSchedule":
      return { kind: "schedule", windows: toWindows(Response_GetMaintenanceSchedule.decode(bytes).schedule, startedWallMs) };
    case "getMaintenanceStatus": {
      const { status } = Response_GetMaintenanceStatus.decode(bytes);
      const draining = (status?.drainingMachines ?? []).map(({ id, statuses }) => ({
        machine: toMachineJson(id),
        answers: statuses.map(({ frameworkId, status: answer }) => ({
          frameworkId: frameworkId?.value ?? "",
          accepts: answer === InverseOfferStatus_Status.ACCEPT,
        })),
      }));
      return { kind: "status", draining, down: (status?.downMachines ?? []).map(toMachineJson) };
    }
    case "getMaintenanceProgress": {
      const { machines } = MaintenanceProgress.decode(bytes);
      return { kind: "progress", machines: machines.map((machine) => toProgress(machine, startedWallMs)) };
    }
    default:
      return undefined;
  }
}

function toMachineJson(message: MachineID | undefined): MachineJson {
  const { hostname, ip } = message ?? {};
  return { ...(hostname === undefined ? {} : { hostname }), ...(ip === undefined ? {} : { ip }) };
}

function toWindows(schedule: Schedule | undefined, startedWallMs: number): WindowJson[] {
  return (schedule?.windows ?? []).map(({ machineIds, unavailability }) => ({
    machines: machineIds.map(toMachineJson),
    unavailability: toUnavailabilityJson(unavailability, startedWallMs),
  }));
}

const phases: ReadonlyMap<number, MaintenancePhaseJson> = new Map([
  [MaintenancePhase.MAINTENANCE_PHASE_ASKING, "asking"],
  [MaintenancePhase.MAINTENANCE_PHASE_BEGUN, "begun"],
  [MaintenancePhase.MAINTENANCE_PHASE_EMPTYING, "emptying"],
  [MaintenancePhase.MAINTENANCE_PHASE_EMPTY, "empty"],
  [MaintenancePhase.MAINTENANCE_PHASE_DOWN, "down"],
  [MaintenancePhase.MAINTENANCE_PHASE_OVER, "over"],
]);

function toProgress({ id, mode, unavailability, phase, agents }: MachineProgress, startedWallMs: number): MachineProgressJson {
  return {
    machine: toMachineJson(id),
    isDown: mode === MachineInfo_Mode.DOWN,
    unavailability: toUnavailabilityJson(unavailability, startedWallMs),
    phase: phases.get(phase ?? 0) ?? "asking",
    agents: agents.map(({ agentId, frameworks }) => ({
      agentId: agentId?.value ?? "",
      frameworks: frameworks.map(({ frameworkId, taskCount = 0, asked = false }) => ({
        frameworkId: frameworkId?.value ?? "",
        taskCount,
        isAsked: asked,
      })),
    })),
  };
}
