/** KILL: a task that lives, is over, or never was. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { at } from "../world.ts";

export interface KillTaskStep {
  readonly kind: "killTask";
  readonly framework: number;
  readonly task: number;
  readonly which: "live" | "any" | "unknown";
  readonly namesAgent: boolean;
  /** Null: the task's own grace. */
  readonly graceMs: number | null;
}

export const killTask: CommandKind<KillTaskStep> = {
  arbitrary: fc.record({
    kind: fc.constant("killTask"),
    framework: position,
    task: position,
    which: fc.oneof(
      { weight: 6, arbitrary: fc.constant("live" as const) },
      { weight: 1, arbitrary: fc.constant("any" as const) },
      { weight: 1, arbitrary: fc.constant("unknown" as const) },
    ),
    namesAgent: fc.boolean(),
    graceMs: fc.constantFrom(null, 0, 500),
  }),
  check(world, step) {
    const framework = world.framework(step.framework);
    if (!framework.isSubscribed) return false;
    if (step.which === "unknown") return true;
    return step.which === "live" ? framework.liveTasks().length > 0 : framework.tasks.size > 0;
  },
  run(world, step) {
    const framework = world.framework(step.framework);
    const tasks = step.which === "live" ? framework.liveTasks() : [...framework.tasks.values()];
    const task = step.which === "unknown" || tasks.length === 0 ? undefined : at(tasks, step.task);
    framework.send({
      kind: "kill",
      taskId: task?.taskId ?? `${framework.name}-nobody`,
      ...(step.namesAgent && task !== undefined ? { agentId: task.agentId } : {}),
      ...(step.graceMs === null ? {} : { graceMs: step.graceMs }),
    });
  },
};
