/** MESSAGE: data for an executor that may run, or for one that never was. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { chosenExecutor, unknownExecutor } from "./executor-choice.ts";

export interface MessageExecutorStep {
  readonly kind: "messageExecutor";
  readonly framework: number;
  readonly task: number;
  readonly executor: number;
  readonly data: string;
}

export const messageExecutor: CommandKind<MessageExecutorStep> = {
  arbitrary: fc.record({
    kind: fc.constant("messageExecutor"),
    framework: position,
    task: position,
    executor: fc.nat({ max: unknownExecutor }),
    data: fc.constantFrom("", "ping"),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && world.framework(step.framework).tasks.size > 0,
  run(world, step) {
    const framework = world.framework(step.framework);
    framework.send({ kind: "message", ...chosenExecutor(framework, step), data: step.data });
  },
};
