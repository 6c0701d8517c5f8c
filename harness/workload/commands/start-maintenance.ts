/** START_MAINTENANCE: an operator takes machines DOWN, when their window has begun or before. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";
import { chosenMachines, hasMachine, type MachinesStep, machinesOf } from "./machine-choice.ts";

export interface StartMaintenanceStep extends MachinesStep {
  readonly kind: "startMaintenance";
}

export const startMaintenance: CommandKind<StartMaintenanceStep> = {
  arbitrary: fc.record({ kind: fc.constant("startMaintenance"), ...machinesOf("scheduled") }),
  check: hasMachine,
  run: (world, step) => world.operator.orderMaintenance({ kind: "startMaintenance", machines: chosenMachines(world, step) }),
};
