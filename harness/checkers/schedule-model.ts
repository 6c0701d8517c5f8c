/** What the maintenance schedule is and what each order about it does, in a few lines: what checkers hold histories to. */

import type { AnswerJson } from "../history/event.ts";
import { isSameWindow } from "../history/machine-times.ts";
import type { MachineJson, MaintenanceOrderJson, UnavailabilityJson, WindowJson } from "../history/maintenance-json.ts";

export interface PlannedMachine {
  readonly machine: MachineJson;
  readonly window: UnavailabilityJson;
  readonly isDown: boolean;
}

/** The machines that are scheduled, by `machineName`. Never changed in place. */
export type ScheduleModel = ReadonlyMap<string, PlannedMachine>;

export type ModelOutcome =
  | { readonly kind: "done"; readonly schedule: ScheduleModel }
  | { readonly kind: "refused"; readonly code: "INVALID_ARGUMENT" | "NOT_FOUND" | "FAILED_PRECONDITION" | "ABORTED" };

export const emptySchedule: ScheduleModel = new Map();

/** What an order makes of a schedule. A question makes nothing of it. */
export function applyOrder(schedule: ScheduleModel, order: MaintenanceOrderJson): ModelOutcome {
  if (hasFormProblem(order)) return { kind: "refused", code: "INVALID_ARGUMENT" };
  switch (order.kind) {
    case "updateSchedule":
      if (order.expected !== undefined && !isPlan(schedule, order.expected)) return { kind: "refused", code: "ABORTED" };
      return update(schedule, order.windows);
    case "startMaintenance":
      return move(schedule, order.machines, { isDown: false });
    case "stopMaintenance":
      return move(schedule, order.machines, { isDown: true });
    default:
      return { kind: "done", schedule };
  }
}

/** Equal for equal schedules. */
export function scheduleKey(schedule: ScheduleModel): string {
  const lines = [...schedule].map(([name, { window, isDown }]) => `${name} ${window.startAtMs} ${window.durationMs ?? ""} ${isDown}`);
  return lines.sort().join("\n");
}

/** Whether a question may be answered so by who has this schedule. */
export function isAnswer(schedule: ScheduleModel, answer: AnswerJson): boolean {
  switch (answer.kind) {
    case "schedule":
      return isPlan(schedule, answer.windows);
    case "status": {
      const told = [
        ...answer.draining.map(({ machine }) => ({ machine, isDown: false })),
        ...answer.down.map((machine) => ({ machine, isDown: true })),
      ];
      return isAll(schedule, told, (own, { isDown }) => own.isDown === isDown);
    }
    case "progress":
      return isAll(schedule, answer.machines, (own, told) => own.isDown === told.isDown && isSameWindow(own.window, told.unavailability));
    default:
      return false;
  }
}

export function machineName({ hostname = "", ip = "" }: MachineJson): string {
  return `${hostname.toLowerCase()} ${ip}`;
}

function isPlan(schedule: ScheduleModel, windows: readonly WindowJson[]): boolean {
  const told = windows.flatMap(({ machines, unavailability }) => machines.map((machine) => ({ machine, unavailability })));
  return isAll(schedule, told, ({ window }, { unavailability }) => isSameWindow(window, unavailability));
}

/** All of the schedule and nothing else is told. */
function isAll<Told extends { readonly machine: MachineJson }>(
  schedule: ScheduleModel,
  told: readonly Told[],
  isSame: (own: PlannedMachine, one: Told) => boolean,
): boolean {
  if (told.length !== schedule.size) return false;
  return told.every((one) => {
    const own = schedule.get(machineName(one.machine));
    return own !== undefined && isSame(own, one);
  });
}

function update(schedule: ScheduleModel, windows: readonly WindowJson[]): ModelOutcome {
  const next = new Map<string, PlannedMachine>();
  for (const { machines, unavailability } of windows) {
    for (const machine of machines) {
      const name = machineName(machine);
      next.set(name, { machine, window: unavailability, isDown: schedule.get(name)?.isDown ?? false });
    }
  }
  const isMissing = [...schedule].some(([name, { isDown }]) => isDown && !next.has(name));
  return isMissing ? { kind: "refused", code: "FAILED_PRECONDITION" } : { kind: "done", schedule: next };
}

/** Takes machines DOWN, or UP again; `isDown` is what they must be before. */
function move(schedule: ScheduleModel, machines: readonly MachineJson[], { isDown }: { readonly isDown: boolean }): ModelOutcome {
  const next = new Map(schedule);
  for (const machine of machines) {
    const name = machineName(machine);
    const own = schedule.get(name);
    if (own === undefined) return { kind: "refused", code: "NOT_FOUND" };
    if (own.isDown !== isDown) return { kind: "refused", code: "FAILED_PRECONDITION" };
    if (isDown) next.delete(name);
    else next.set(name, { ...own, isDown: true });
  }
  return { kind: "done", schedule: next };
}

/** What is wrong with an order whatever the schedule is. */
function hasFormProblem(order: MaintenanceOrderJson): boolean {
  switch (order.kind) {
    case "updateSchedule": {
      const { windows } = order;
      const isWrong = ({ machines, unavailability: { durationMs = 0 } }: WindowJson): boolean => machines.length === 0 || durationMs < 0;
      return windows.some(isWrong) || hasNameProblem(windows.flatMap(({ machines }) => machines));
    }
    case "startMaintenance":
    case "stopMaintenance":
      return order.machines.length === 0 || hasNameProblem(order.machines);
    default:
      return false;
  }
}

/** A machine has a name, an address is one, and no machine is named twice: not by a part of its name either. */
function hasNameProblem(machines: readonly MachineJson[]): boolean {
  return machines.some((machine, index) => {
    const { hostname, ip } = machine;
    if (hostname === undefined && ip === undefined) return true;
    if (ip !== undefined && !/^(\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:.]*)$/.test(ip)) return true;
    return machines.slice(0, index).some((other) => isSameMachine(machine, other));
  });
}

/** Whether all that both names say is the same, and they say something in common. */
function isSameMachine(left: MachineJson, right: MachineJson): boolean {
  const [hostnames, ips] = [
    [left.hostname?.toLowerCase(), right.hostname?.toLowerCase()],
    [left.ip, right.ip],
  ];
  const differs = ([one, other]: readonly (string | undefined)[] = []): boolean =>
    one !== undefined && other !== undefined && one !== other;
  const meets = ([one, other]: readonly (string | undefined)[] = []): boolean => one !== undefined && one === other;
  if (machineName(left) === machineName(right)) return true;
  return (meets(hostnames) || meets(ips)) && !differs(hostnames) && !differs(ips);
}
