/** What the environment of a task says of it, for its own command and for those that look at it. */

import type { Task } from "./state.ts";

type Names = Pick<Task, "frameworkId" | "taskId" | "executorId">;

export function taskEnvironment({ frameworkId, taskId, executorId }: Names): readonly (readonly [name: string, value: string])[] {
  const own = [
    ["MESOS_FRAMEWORK_ID", frameworkId],
    ["MESOS_TASK_ID", taskId],
  ] as const;
  return executorId === undefined ? own : [...own, ["MESOS_EXECUTOR_ID", executorId]];
}
