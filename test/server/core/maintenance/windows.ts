/** What the tests about maintenance have in common: windows in the driver's time, and calls that must succeed. */

import assert from "node:assert/strict";
import type { MachineId } from "../../../../server/core/maintenance/machine.ts";
import type { PlannedWindow } from "../../../../server/core/maintenance/schedule.ts";
import type { OperatorCall } from "../../../../server/core/operator/operator-call.ts";
import { type MasterDriver, wallStartMs } from "../master-driver.ts";

export const named = (hostname: string): MachineId => ({ hostname, ip: undefined });

/** Begins at an instant of the driver's time, and lasts an hour. */
export function windowAt(startMs: number, ...hostnames: readonly string[]): PlannedWindow {
  const startNs = BigInt(wallStartMs + startMs) * 1_000_000n;
  return { machineIds: hostnames.map(named), unavailability: { startNs, durationNs: 3_600_000_000_000n } };
}

export function planOf(...windows: readonly PlannedWindow[]): OperatorCall {
  return { kind: "updateSchedule", windows, expected: undefined };
}

/** Gives the order, which must be taken. */
export function ordered(driver: MasterDriver, call: OperatorCall): void {
  assert.equal(driver.outcomeOf(driver.order(call)), "done");
}

export function refusalOf(driver: MasterDriver, call: OperatorCall): { readonly code: string; readonly message: string } {
  const outcome = driver.outcomeOf(driver.order(call));
  assert.ok(outcome !== undefined && outcome !== "done", `${call.kind} is taken`);
  return outcome;
}

export const start = (...hostnames: readonly string[]): OperatorCall => ({ kind: "startMaintenance", machineIds: hostnames.map(named) });
export const stop = (...hostnames: readonly string[]): OperatorCall => ({ kind: "stopMaintenance", machineIds: hostnames.map(named) });

/** Machines by mode, as GET_MAINTENANCE_STATUS has them. */
export function modes(driver: MasterDriver): { readonly draining: string[]; readonly down: string[] } {
  const { drainingMachines, downMachines } = driver.operator("getMaintenanceStatus").status;
  return {
    draining: drainingMachines.map(({ id }) => id?.hostname ?? id?.ip ?? ""),
    down: downMachines.map(({ hostname, ip }) => hostname ?? ip ?? ""),
  };
}

export const anHourMs = 3_600_000;
