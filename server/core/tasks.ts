/**
 * A task in the master's books: added at launch or when its agent reports it, released when it ends, completed when that is
 * acknowledged.
 */

import { assertDefined } from "../../common/assert.ts";
import { isTerminal, type TaskState } from "../../common/task-state.ts";
import { returnResources, takeUnoffered } from "./allocator/accounting.ts";
import { unreachableTasksPerFrameworkMax } from "./limits.ts";
import type { Agent, Framework, MasterState, Task } from "./state.ts";
import { noteNewTask, noteTask } from "./watch.ts";

/** Puts a task on its agent. `resourcesFrom`: those of an offer are used already, those of a task that the agent reports are not. */
export function addTask(
  state: MasterState,
  { framework, agent, task }: { framework: Framework; agent: Agent; task: Task },
  resourcesFrom: "offer" | "agent",
): void {
  framework.tasks.set(task.taskId, task);
  agent.tasks.add(task);
  noteNewTask(state, task);
  if (resourcesFrom === "offer" || !task.holdsResources) return;
  takeUnoffered(state, { agent, framework, role: task.role, resources: task.resources });
}

/** Moves a task to a state, unless it has ended; an ended task holds nothing. */
export function moveTask(state: MasterState, task: Task, to: TaskState): void {
  if (isTerminal(task.state)) return;
  if (task.state !== to) noteTask(state, task);
  task.state = to;
  if (isTerminal(to)) releaseTask(state, task);
}

/** Gives the resources of a task back, once. */
export function releaseTask(state: MasterState, task: Task): void {
  if (!task.holdsResources) return;
  task.holdsResources = false;
  const agent = assertDefined(state.agents.get(task.agentId), `agent ${task.agentId} of task ${task.taskId}`);
  const framework = assertDefined(state.frameworks.get(task.frameworkId), `framework ${task.frameworkId} of task ${task.taskId}`);
  returnResources(state, { agent, framework, role: task.role, resources: task.resources });
}

/** Takes a task out of the active books; it stays visible to operators. */
export function completeTask(state: MasterState, framework: Framework, task: Task): void {
  removeTask(state, framework, task);
  framework.completedTasks.add(task);
}

/** Takes a task off its agent that became unreachable. */
export function moveToUnreachable(state: MasterState, framework: Framework, task: Task): void {
  removeTask(state, framework, task);
  framework.unreachableTasks.set(task.taskId, task);
  if (framework.unreachableTasks.size <= unreachableTasksPerFrameworkMax) return;
  const oldest = framework.unreachableTasks.keys().next();
  if (!oldest.done) framework.unreachableTasks.delete(oldest.value);
}

/** The state that a framework is told when it asks: of the last update that it could acknowledge. */
export function acknowledgeableState(task: Task): TaskState {
  const state = task.statusUpdateState ?? task.state;
  // TASK_LOST was final; until the task is dead nothing else is said of it.
  return task.isAnnouncedLost && !isTerminal(state) ? "TASK_LOST" : state;
}

function removeTask(state: MasterState, framework: Framework, task: Task): void {
  releaseTask(state, task);
  framework.tasks.delete(task.taskId);
  state.agents.get(task.agentId)?.tasks.delete(task);
  state.drainChecks.add(task.agentId);
}
