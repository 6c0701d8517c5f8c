/**
 * What has ended, for operators who ask: the last ones of each kind, in memory only. A restarted agent knows what its tasks are, and not
 * what they were.
 */

import { BoundedList } from "../../common/bounded-list.ts";
import type { FrameworkId } from "../../common/ids.ts";
import { writeTaskState } from "../../common/mesos-task-status.ts";
import { isTerminal } from "../../common/task-state.ts";
import { agentLimits } from "./limits.ts";
import { toTaskMessage } from "./operator/task-message.ts";
import type { AgentState, Executor, Framework, History, Task } from "./state.ts";

export function createHistory(): History {
  return {
    tasks: new BoundedList(agentLimits.completedTasksMax),
    executors: new BoundedList(agentLimits.completedExecutorsMax),
    frameworks: new Map(),
  };
}

/** The framework is told of it, or does not want to be: its record goes. Answers about tasks that the agent never had are none. */
export function taskCompleted(state: AgentState, task: Task): void {
  if (task.toRun === undefined) return;
  const { statuses, ...message } = toTaskMessage(state, task);
  state.history.tasks.add({
    ...message,
    // Of a framework that was shut down nobody was told how its tasks ended: they were killed for it.
    state: isTerminal(task.durableState) ? message.state : writeTaskState("TASK_KILLED"),
    // What a framework may write at any length is not kept.
    statuses: statuses.map((status) => ({ ...status, labels: undefined, message: status.message?.slice(0, agentLimits.keptMessageMax) })),
    labels: undefined,
    discovery: undefined,
    container: undefined,
  });
}

export function executorCompleted(state: AgentState, { toRun: { info } }: Executor): void {
  // The data of an executor can be as large as a call.
  state.history.executors.add({ ...info, data: undefined, labels: undefined });
}

/** The framework has nothing left here. */
export function frameworkCompleted(state: AgentState, { frameworkId, info }: Framework): void {
  const { frameworks } = state.history;
  frameworks.delete(frameworkId);
  frameworks.set(frameworkId, info);
  const [oldest] = frameworks.keys();
  if (frameworks.size > agentLimits.completedFrameworksMax && oldest !== undefined) frameworks.delete(oldest);
}

/** It has something here again. */
export function frameworkReturned(state: AgentState, frameworkId: FrameworkId): void {
  state.history.frameworks.delete(frameworkId);
}
