/** KillTask: an operator ends a task that lives, is over, or never was, whether its framework is there or not. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import type { Framework } from "../framework.ts";
import type { KnownTask } from "../knowledge.ts";
import { at } from "../world.ts";

export interface OrderKillStep {
  readonly kind: "orderKill";
  readonly framework: number;
  readonly task: number;
  readonly which: "live" | "any" | "unknown";
  /** Null: the task's own grace. */
  readonly graceMs: number | null;
}

export const orderKill: CommandKind<OrderKillStep> = {
  arbitrary: fc.record({
    kind: fc.constant("orderKill"),
    framework: position,
    task: position,
    which: fc.oneof(
      { weight: 6, arbitrary: fc.constant("live" as const) },
      { weight: 1, arbitrary: fc.constant("any" as const) },
      { weight: 1, arbitrary: fc.constant("unknown" as const) },
    ),
    graceMs: fc.constantFrom(null, 0, 500),
  }),
  check(world, step) {
    const framework = world.framework(step.framework);
    return framework.frameworkId !== undefined && (step.which === "unknown" || choices(framework, step).length > 0);
  },
  run(world, step) {
    const framework = world.framework(step.framework);
    const tasks = choices(framework, step);
    const taskId = tasks.length === 0 ? `${framework.name}-nobody` : at(tasks, step.task).taskId;
    const { frameworkId = "" } = framework;
    world.operator.orderFrameworks({ kind: "killTask", frameworkId, taskId, ...(step.graceMs === null ? {} : { graceMs: step.graceMs }) });
  },
};

function choices(framework: Framework, { which }: OrderKillStep): readonly KnownTask[] {
  if (which === "unknown") return [];
  // Of one that nothing was heard of the leader may know nothing either.
  return which === "live" ? framework.liveTasks().filter(({ toldBy }) => toldBy !== undefined) : [...framework.tasks.values()];
}
