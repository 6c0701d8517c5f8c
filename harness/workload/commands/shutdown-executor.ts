/** SHUTDOWN: an executor that may run, or one that never was. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { chosenExecutor, hasHeardExecutor, heardExecutor, unknownExecutor } from "./executor-choice.ts";

export interface ShutdownExecutorStep {
  readonly kind: "shutdownExecutor";
  readonly framework: number;
  readonly task: number;
  readonly executor: number;
  /** Whether nothing else is done until the executor and its tasks should be over. Absent in older plans. */
  readonly waits?: boolean;
}

const whose = { kind: fc.constant("shutdownExecutor" as const), framework: position, task: position };

/** The grace of an executor, and what follows. */
const endMs = 9_000;

export const shutdownExecutor: CommandKind<ShutdownExecutorStep> = {
  arbitrary: fc.oneof(
    { weight: 1, arbitrary: fc.record({ ...whose, executor: fc.nat({ max: unknownExecutor }) }) },
    // Among all that goes on, few executors would be left alone until they are over.
    { weight: 2, arbitrary: fc.record({ ...whose, executor: fc.constant(heardExecutor), waits: fc.constant(true) }) },
  ),
  check(world, { framework: index, waits }) {
    const framework = world.framework(index);
    return framework.isSubscribed && (waits === true ? hasHeardExecutor(framework) : framework.tasks.size > 0);
  },
  async run(world, step) {
    const framework = world.framework(step.framework);
    framework.send({ kind: "shutdown", ...chosenExecutor(framework, step) });
    if (step.waits === true) await world.advance(endMs);
  },
};
