/** Adds tasks and frameworks to the agent's tables and takes them out, so that the tables and the indexes agree. */

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId, FrameworkId, TaskId } from "../../common/ids.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { frameworkKey, record, taskKey } from "./checkpoint.ts";
import { stopWatching } from "./checks/watches.ts";
import { isProgram } from "./executor-message.ts";
import { frameworkCompleted, frameworkReturned, taskCompleted } from "./history.ts";
import type { TaskToRun } from "./master-message.ts";
import type { AgentState, Framework, Task, TaskGroup } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What the tables need of a task; the rest starts empty. */
export interface NewTask {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly toRun: TaskToRun | undefined;
  readonly containerId: ContainerId | undefined;
  readonly state: TaskState;
  readonly group?: TaskGroup | undefined;
}

export function addTask(state: AgentState, { frameworkId, taskId, toRun, containerId, state: taskState, group }: NewTask): Task {
  const task: Task = {
    key: taskKey(frameworkId, taskId),
    frameworkId,
    taskId,
    toRun,
    executorId: toRun?.executor?.executorId,
    group,
    containerId,
    container: containerId === undefined ? "ended" : "recording",
    kill: undefined,
    latestState: taskState,
    durableState: taskState,
    updates: [],
    settledUuids: [],
    isAcknowledging: false,
    retryDelayMs: state.config.updateRetryMinMs,
    startedWallMs: undefined,
    checked: {},
    durableChecked: {},
    durableStatus: undefined,
    watches: [],
  };
  state.tasks.set(task.key, task);
  group?.tasks.add(task);
  if (containerId !== undefined && !isProgram(toRun?.executor)) state.containers.set(containerId, task);
  state.frameworks.get(frameworkId)?.tasks.add(task);
  return task;
}

/** Forgets a task, and its framework with the last thing of it. The container, if it is still there, is the caller's business. */
export function removeTask(turn: Turn, task: Task): void {
  const { state } = turn;
  taskCompleted(state, task);
  state.tasks.delete(task.key);
  stopWatching(turn, task);
  if (task.containerId !== undefined) state.containers.delete(task.containerId);
  leaveExecutor(state, task);
  task.group?.tasks.delete(task);
  state.retries.delete(task);
  record(turn, task.key);
  const framework = state.frameworks.get(task.frameworkId);
  if (framework === undefined) return;
  framework.tasks.delete(task);
  if (framework.tasks.size === 0 && framework.executors.size === 0) removeFramework(turn, framework);
}

/** The task has ended, which its executor need not tell any more. A default executor may be done with that. */
export function leaveExecutor(state: AgentState, task: Task): void {
  if (task.containerId === undefined || task.executorId === undefined) return;
  const executor = state.executorContainers.get(parentContainerId(task.containerId) ?? task.containerId);
  if (executor?.tasks.delete(task) !== true) return;
  const { executors, resized } = state.unsettled;
  (isProgram(executor.toRun) ? resized : executors).add(executor);
}

/** The framework, known from now on; a newer `info` replaces the older one. */
export function addFramework(state: AgentState, frameworkId: FrameworkId, info: FrameworkInfo): Framework {
  const known = state.frameworks.get(frameworkId);
  if (known !== undefined) {
    known.info = info;
    return known;
  }
  const framework: Framework = {
    key: frameworkKey(frameworkId),
    frameworkId,
    info,
    tasks: new Set(),
    executors: new Set(),
    isShuttingDown: false,
  };
  frameworkReturned(state, frameworkId);
  state.frameworks.set(frameworkId, framework);
  return framework;
}

export function removeFramework(turn: Turn, framework: Framework): void {
  turn.state.frameworks.delete(framework.frameworkId);
  frameworkCompleted(turn.state, framework);
  record(turn, framework.key);
}
