/** SHUTDOWN: an executor that may run, or one that never was. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { chosenExecutor, unknownExecutor } from "./executor-choice.ts";

export interface ShutdownExecutorStep {
  readonly kind: "shutdownExecutor";
  readonly framework: number;
  readonly task: number;
  readonly executor: number;
}

export const shutdownExecutor: CommandKind<ShutdownExecutorStep> = {
  arbitrary: fc.record({
    kind: fc.constant("shutdownExecutor"),
    framework: position,
    task: position,
    executor: fc.nat({ max: unknownExecutor }),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && world.framework(step.framework).tasks.size > 0,
  run(world, step) {
    const framework = world.framework(step.framework);
    framework.send({ kind: "shutdown", ...chosenExecutor(framework, step) });
  },
};
