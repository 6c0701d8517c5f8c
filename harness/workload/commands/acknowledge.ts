/** ACKNOWLEDGE: an update that waits, or one that was acknowledged before. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at } from "../world.ts";

export interface AcknowledgeStep {
  readonly kind: "acknowledge";
  readonly framework: number;
  readonly update: number;
  /** Once more with a uuid that was acknowledged already. */
  readonly again: boolean;
}

export const acknowledge: CommandKind<AcknowledgeStep> = {
  arbitrary: fc.record({ kind: fc.constant("acknowledge"), framework: position, update: position, again: fc.boolean() }),
  check(world, step) {
    const framework = world.framework(step.framework);
    if (!framework.isSubscribed) return false;
    return step.again ? framework.acknowledged.length > 0 : framework.unacknowledged.size > 0;
  },
  run(world, step) {
    const framework = world.framework(step.framework);
    if (!step.again) {
      framework.acknowledge(at([...framework.unacknowledged.values()], step.update));
      return;
    }
    // A task that waits for its next acknowledgement is where an old one can do harm.
    const waiting = new Set([...framework.unacknowledged.values()].map((update) => update.taskId));
    const harmful = framework.acknowledged.filter((update) => waiting.has(update.taskId));
    const { agentId, taskId, uuid } = at(harmful.length > 0 ? harmful : framework.acknowledged, step.update);
    framework.send({ kind: "acknowledge", agentId, taskId, uuid });
  },
};
