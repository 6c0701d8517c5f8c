/** TEARDOWN by an operator: the framework and all its tasks end, wherever its scheduler is. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface OrderTeardownStep {
  readonly kind: "orderTeardown";
  readonly framework: number;
  /** "unknown": of a framework that never was. */
  readonly which: "current" | "unknown";
}

export const orderTeardown: CommandKind<OrderTeardownStep> = {
  arbitrary: fc.record({
    kind: fc.constant("orderTeardown"),
    framework: position,
    which: fc.oneof({ weight: 5, arbitrary: fc.constant("current" as const) }, { weight: 1, arbitrary: fc.constant("unknown" as const) }),
  }),
  check: (world, step) => world.framework(step.framework).frameworkId !== undefined,
  run(world, { framework, which }) {
    const frameworkId = which === "current" ? world.framework(framework).frameworkId : undefined;
    world.operator.orderFrameworks({ kind: "teardown", frameworkId: frameworkId ?? "framework-of-nobody" });
  },
};
