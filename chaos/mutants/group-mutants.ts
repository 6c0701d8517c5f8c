/** Planted bugs around groups of tasks and the default executor. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

export const groupMutants: readonly Mutant[] = [
  {
    id: "M120",
    title: "a failed task does not end its group",
    breaks: ["S55"],
    file: "agent/core/group-end.ts",
    search: `  group.fallenBecause ??= \`task \${task.taskId} of its group is \${news.state}\`;
  state.unsettled.groups.add(group);`,
    replace: `  ${acts("M120")};`,
  },
  {
    id: "M121",
    title: "a group with a task that breaks a rule is launched without that task",
    breaks: ["S55"],
    file: "server/core/calls/launch-group.ts",
    search: "  if (problem !== undefined) {",
    replace: `  const last = group.tasks.at(-1);
  if (problem !== undefined && last !== undefined && group.tasks.length > 1) {
    ${acts("M121")};
    sendTaskError(turn, framework, { description: last, reason: "REASON_TASK_GROUP_INVALID", message: problem });
    launchGroup(turn, offer, { rest, group: { ...group, tasks: group.tasks.slice(0, -1) } });
    return;
  }
  if (problem !== undefined) {`,
  },
  {
    id: "M122",
    title: "a default executor outlives its last task, with its resources",
    breaks: ["convergence", "S46"],
    file: "agent/core/default-executor.ts",
    search: "  if (executor.tasks.size === 0) defaultExecutorEnded(turn, executor);",
    replace: `  if (executor.tasks.size === 0) ${acts("M122")};`,
  },
];
