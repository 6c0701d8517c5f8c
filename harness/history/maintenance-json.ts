/** How a history tells of the maintenance of machines: windows, orders, answers, progress. Plain JSON, as all of it. */

/** When a machine is unavailable. A start may lie before the run. */
export interface UnavailabilityJson {
  /** Milliseconds since the run began. */
  readonly startAtMs: number;
  /** Absent: nobody knows when it ends. */
  readonly durationMs?: number;
}

/** A machine as an operator names it: by hostname, which is the node's name, by address, or by both. */
export interface MachineJson {
  readonly hostname?: string;
  readonly ip?: string;
}

export interface WindowJson {
  readonly machines: readonly MachineJson[];
  readonly unavailability: UnavailabilityJson;
}

/** What an operator orders about the maintenance of machines, or asks about it. */
export type MaintenanceOrderJson =
  /** `expected`: obeyed only if the schedule is this. */
  | { readonly kind: "updateSchedule"; readonly windows: readonly WindowJson[]; readonly expected?: readonly WindowJson[] }
  | { readonly kind: "startMaintenance"; readonly machines: readonly MachineJson[] }
  | { readonly kind: "stopMaintenance"; readonly machines: readonly MachineJson[] }
  | { readonly kind: "getMaintenanceSchedule" }
  | { readonly kind: "getMaintenanceStatus" }
  | { readonly kind: "getMaintenanceProgress" };

const kinds = {
  updateSchedule: true,
  startMaintenance: true,
  stopMaintenance: true,
  getMaintenanceSchedule: true,
  getMaintenanceStatus: true,
  getMaintenanceProgress: true,
} as const satisfies Record<MaintenanceOrderJson["kind"], true>;

export const maintenanceOrderKinds: ReadonlySet<string> = new Set(Object.keys(kinds));

/** What a question about maintenance was answered with. */
export type MaintenanceAnswerJson =
  | { readonly kind: "schedule"; readonly windows: readonly WindowJson[] }
  | {
      readonly kind: "status";
      readonly draining: readonly { readonly machine: MachineJson; readonly answers: readonly InverseAnswerJson[] }[];
      readonly down: readonly MachineJson[];
    }
  | { readonly kind: "progress"; readonly machines: readonly MachineProgressJson[] };

export interface InverseAnswerJson {
  readonly frameworkId: string;
  readonly accepts: boolean;
}

export type MaintenancePhaseJson = "asking" | "begun" | "emptying" | "empty" | "down" | "over";

export interface MachineProgressJson {
  readonly machine: MachineJson;
  readonly isDown: boolean;
  readonly unavailability: UnavailabilityJson;
  readonly phase: MaintenancePhaseJson;
  /** Those that are registered. */
  readonly agents: readonly {
    readonly agentId: string;
    /** Those that hold something there, or that answered. */
    readonly frameworks: readonly { readonly frameworkId: string; readonly taskCount: number; readonly isAsked: boolean }[];
  }[];
}

export interface MaintenanceTimings {
  /** What the start of a window does. */
  readonly mode: "enforce" | "operator";
  readonly revocationGraceMs: number;
  /** How far the wall clock of a master may be from that of the harness, either way. */
  readonly wallSkewMaxMs: number;
}
