/** MESSAGE: data for an executor that may run, or for one that never was. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at } from "../world.ts";
import { executorIdOf } from "./accept-offer.ts";

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
    executor: fc.nat({ max: 2 }),
    data: fc.constantFrom("", "ping"),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed && world.framework(step.framework).tasks.size > 0,
  run(world, step) {
    const framework = world.framework(step.framework);
    const { agentId } = at([...framework.tasks.values()], step.task);
    framework.send({ kind: "message", executorId: executorIdOf(framework, step.executor), agentId, data: step.data });
  },
};
