/** ACKNOWLEDGE_OPERATION_STATUS: of a status that waits. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at } from "../world.ts";

export interface AcknowledgeOperationStep {
  readonly kind: "acknowledgeOperation";
  readonly framework: number;
  readonly status: number;
}

export const acknowledgeOperation: CommandKind<AcknowledgeOperationStep> = {
  arbitrary: fc.record({ kind: fc.constant("acknowledgeOperation"), framework: position, status: position }),
  check(world, step) {
    const framework = world.framework(step.framework);
    return framework.isSubscribed && framework.operations.unacknowledged.size > 0;
  },
  run(world, step) {
    const framework = world.framework(step.framework);
    framework.operations.acknowledge(at([...framework.operations.unacknowledged.values()], step.status));
  },
};
