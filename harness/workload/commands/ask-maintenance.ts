/** GET_MAINTENANCE_SCHEDULE, GET_MAINTENANCE_STATUS and GetMaintenanceProgress: an operator looks how maintenance stands. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";

export interface AskMaintenanceStep {
  readonly kind: "askMaintenance";
  readonly question: "getMaintenanceSchedule" | "getMaintenanceStatus" | "getMaintenanceProgress";
}

export const askMaintenance: CommandKind<AskMaintenanceStep> = {
  arbitrary: fc.record({
    kind: fc.constant("askMaintenance"),
    question: fc.constantFrom("getMaintenanceSchedule", "getMaintenanceStatus", "getMaintenanceProgress"),
  }),
  check: () => true,
  run: (world, { question }) => world.operator.orderMaintenance({ kind: question }),
};
