/** Planted bugs around reservations and persistent volumes. They are not in the reference's history; the slips are the obvious ones. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

export const resourceMutants: readonly Mutant[] = [
  {
    id: "M108",
    title: "who asks for an operation that has ended hears that it is pending",
    breaks: ["S53"],
    file: "server/core/calls/operation-feedback.ts",
    search: '  sendEvent(turn, framework, { kind: "operationUpdate", status: { ...status, uuid: undefined } });',
    replace: `  if (isOperationOver(status.state)) ${acts("M108")};
  sendEvent(turn, framework, { kind: "operationUpdate", status: { ...status, state: "OPERATION_PENDING", uuid: undefined } });`,
  },
  {
    id: "M97",
    title: "what is reserved is offered to every role",
    breaks: ["S52"],
    file: "server/core/allocator/allocator.ts",
    search: "    if (reservation !== undefined && !roles.has(reservation.role)) return false;",
    replace: `    if (reservation !== undefined && !roles.has(reservation.role)) ${acts("M97")};`,
  },
  {
    id: "M98",
    title: "a restarted agent forgets what was made of its resources",
    breaks: ["S54"],
    file: "agent/core/recovery.ts",
    search: '  const created = records.find((one) => one.kind === "resources")?.created ?? [];',
    replace: `  const created: (typeof state)["total"] = [];
  if (records.some((one) => one.kind === "resources" && one.created.length > 0)) ${acts("M98")};`,
  },
  {
    id: "M99",
    title: "what was made of the resources goes with the agent's id",
    breaks: ["S54", "convergence"],
    file: "agent/core/termination.ts",
    search: "  state.operations.clear();",
    replace: `  state.operations.clear();
  if (state.total.length !== state.config.resources.length) ${acts("M99")};
  state.total = state.config.resources;
  record(turn, "resources");`,
  },
];
