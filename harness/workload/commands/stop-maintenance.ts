/** STOP_MAINTENANCE: an operator takes machines up again. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";
import { chosenMachines, hasMachine, type MachinesStep, machinesOf } from "./machine-choice.ts";

export interface StopMaintenanceStep extends MachinesStep {
  readonly kind: "stopMaintenance";
}

export const stopMaintenance: CommandKind<StopMaintenanceStep> = {
  arbitrary: fc.record({ kind: fc.constant("stopMaintenance"), ...machinesOf("down") }),
  check: hasMachine,
  run: (world, step) => world.operator.orderMaintenance({ kind: "stopMaintenance", machines: chosenMachines(world, step) }),
};
