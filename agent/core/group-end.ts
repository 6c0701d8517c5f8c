/**
 * When a group falls. In the default executor a member that ends in any other way than TASK_FINISHED takes the others along; a group
 * that waits for a program of the framework is given to it whole or not at all. What follows is done at the end of the step.
 */

import { isProgram } from "./executor-message.ts";
import type { NewStatus } from "./new-status.ts";
import type { AgentState, Task } from "./state.ts";

/** A member ends; called before it is marked as ended. */
export function memberEnds(state: AgentState, task: Task, news: NewStatus): void {
  const { group } = task;
  if (group === undefined) return;
  const isWithProgram = isProgram(task.toRun?.executor) && task.container === "running";
  if (isWithProgram || news.state === "TASK_FINISHED") return;
  group.fallenBecause ??= `task ${task.taskId} of its group is ${news.state}`;
  state.unsettled.groups.add(group);
}

/** What to add to the message of a task that is killed: why its group fell, unless it did that itself. */
export function becauseOfGroup({ group }: Task): string {
  return group?.fallenBecause === undefined ? "" : `: ${group.fallenBecause}`;
}
