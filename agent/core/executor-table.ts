/** Adds executors to the agent's tables and takes them out, so that the tables and the indexes agree. */

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId, ExecutorId, FrameworkId } from "../../common/ids.ts";
import { executorKey, record } from "./checkpoint.ts";
import { type ExecutorToRun, isProgram } from "./executor-message.ts";
import { executorCompleted } from "./history.ts";
import type { AgentState, Executor, Framework, Task } from "./state.ts";
import { removeFramework } from "./task-table.ts";
import type { Turn } from "./turn.ts";

export interface NewExecutor {
  readonly toRun: ExecutorToRun;
  readonly containerId: ContainerId;
}

export function addExecutor(state: AgentState, framework: Framework, { toRun, containerId }: NewExecutor): Executor {
  const { frameworkId } = framework;
  const { executorId } = toRun;
  const executor: Executor = {
    key: executorKey(frameworkId, executorId),
    frameworkId,
    executorId,
    toRun,
    containerId,
    phase: "recording",
    isReturning: false,
    isContainerOrdered: false,
    streamId: undefined,
    tasks: new Set(),
    hadTask: false,
    ending: undefined,
  };
  state.executors.set(executor.key, executor);
  state.executorContainers.set(containerId, executor);
  framework.executors.add(executor);
  return executor;
}

/** Forgets an executor that has ended, and its framework with the last thing of it. The container is the caller's business. */
export function removeExecutor(turn: Turn, executor: Executor): void {
  const { state } = turn;
  state.executors.delete(executor.key);
  executorCompleted(state, executor);
  state.executorContainers.delete(executor.containerId);
  state.executorDeadlines.delete(executor);
  state.executorHeartbeats.delete(executor);
  const framework = state.frameworks.get(executor.frameworkId);
  if (framework === undefined) return;
  framework.executors.delete(executor);
  if (framework.tasks.size === 0 && framework.executors.size === 0) removeFramework(turn, framework);
  else record(turn, framework.key);
}

/** The executor that the task belongs to, if it has one and that one has not ended. */
export function executorOf(state: AgentState, task: Task): Executor | undefined {
  if (task.executorId === undefined) return undefined;
  const executor = findExecutor(state, task.frameworkId, task.executorId);
  if (executor === undefined || task.containerId === undefined) return undefined;
  return executor.containerId === (parentContainerId(task.containerId) ?? task.containerId) ? executor : undefined;
}

/** The framework's own program that runs the task, if that has not ended; undefined for what the agent runs itself. */
export function programOf(state: AgentState, task: Task): Executor | undefined {
  return isProgram(task.toRun?.executor) ? executorOf(state, task) : undefined;
}

export function findExecutor(state: AgentState, frameworkId: FrameworkId, executorId: ExecutorId): Executor | undefined {
  return state.executors.get(executorKey(frameworkId, executorId));
}
