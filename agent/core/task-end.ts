/** How a task ends on the agent, whatever ended it. */

import { record } from "./checkpoint.ts";
import { stopWatching } from "./checks/watches.ts";
import { memberEnds } from "./group-end.ts";
import type { NewStatus } from "./new-status.ts";
import type { Task } from "./state.ts";
import { addUpdate } from "./status-updates.ts";
import { removeTask } from "./task-table.ts";
import type { Turn } from "./turn.ts";

/** The task is over: its framework is told, unless that is being shut down. */
export function endTask(turn: Turn, task: Task, news: NewStatus): void {
  const wasLaunched = task.container !== "recording";
  memberEnds(turn.state, task, news);
  task.container = "ended";
  stopWatching(turn, task);
  // What was not launched has no container that would have to be removed.
  if (!wasLaunched && task.containerId !== undefined) turn.state.containers.delete(task.containerId);
  if (turn.state.frameworks.get(task.frameworkId)?.isShuttingDown === true) forgetTask(turn, task);
  else addUpdate(turn, task, news);
}

/** Nobody wants to hear of the task any more. Its container goes once the task is durably forgotten. */
export function forgetTask(turn: Turn, task: Task): void {
  const { containerId } = task;
  const hasContainer = containerId !== undefined && turn.state.containers.has(containerId);
  removeTask(turn, task);
  if (hasContainer) record(turn, task.key, { kind: "taskForgotten", containerId });
}
