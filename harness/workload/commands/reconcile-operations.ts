/** RECONCILE_OPERATIONS: all operations, those that are not known to be over, or one that nobody ever heard of. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface ReconcileOperationsStep {
  readonly kind: "reconcileOperations";
  readonly framework: number;
  readonly which: "implicit" | "open" | "unknown";
}

export const reconcileOperations: CommandKind<ReconcileOperationsStep> = {
  arbitrary: fc.record({
    kind: fc.constant("reconcileOperations"),
    framework: position,
    which: fc.constantFrom("implicit", "open", "unknown"),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run(world, step) {
    const framework = world.framework(step.framework);
    if (step.which === "open") framework.operations.reconcileOpen();
    else {
      const operations = step.which === "implicit" ? [] : [{ operationId: `${framework.name}-nothing` }];
      framework.send({ kind: "reconcileOperations", operations });
    }
  },
};
