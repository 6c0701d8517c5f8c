/** RECONCILE: all tasks, or named ones, known or not. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface ReconcileStep {
  readonly kind: "reconcile";
  readonly framework: number;
  readonly which: "implicit" | "live" | "all" | "unknown";
  readonly namesAgent: boolean;
}

export const reconcile: CommandKind<ReconcileStep> = {
  arbitrary: fc.record({
    kind: fc.constant("reconcile"),
    framework: position,
    which: fc.constantFrom("implicit", "live", "all", "unknown"),
    namesAgent: fc.boolean(),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run(world, step) {
    const framework = world.framework(step.framework);
    if (step.which === "implicit") return framework.send({ kind: "reconcile", tasks: [] });
    if (step.which === "unknown") return framework.send({ kind: "reconcile", tasks: [{ taskId: `${framework.name}-nobody` }] });
    const known = step.which === "live" ? framework.liveTasks() : [...framework.tasks.values()].slice(-tasksPerCallMax);
    if (known.length === 0) return;
    const tasks = known.map(({ taskId, agentId }) => ({ taskId, ...(step.namesAgent ? { agentId } : {}) }));
    framework.send({ kind: "reconcile", tasks });
  },
};

/** Finished tasks named in one call: each is answered, and the answers say nothing new. */
const tasksPerCallMax = 20;
