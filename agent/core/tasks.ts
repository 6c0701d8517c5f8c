/**
 * The life of a command, of a task by itself or of one in a group: recorded, launched, running, ended. A task is recorded before it
 * is launched, and its end before the supervisor may forget it. There is no TASK_STARTING: nothing happens between the order and the
 * fork that a framework could use.
 */

import { assertDefined } from "../../common/assert.ts";
import { ContainerId, ExecutorId, type FrameworkId } from "../../common/ids.ts";
import { stateForFramework } from "../../common/task-state.ts";
import type { StatusReason } from "../../common/task-status.ts";
import { breached } from "./breach.ts";
import { record, taskKey } from "./checkpoint.ts";
import { uncheckedOf } from "./checks/check-status.ts";
import { startWatching } from "./checks/watches.ts";
import { isProgram } from "./executor-message.ts";
import { programOf } from "./executor-table.ts";
import { executorConflict, executorFor, executorNotLaunched, taskReady } from "./executors.ts";
import { isCheckpointed, isPartitionAware } from "./framework-traits.ts";
import { becauseOfGroup } from "./group-end.ts";
import type { ContainerEnd } from "./input.ts";
import { carryOutKill } from "./kills.ts";
import { sendToMaster } from "./link.ts";
import type { TaskKey, TaskToRun } from "./master-message.ts";
import type { NewStatus } from "./new-status.ts";
import type { AgentState, Framework, KillOrder, Task } from "./state.ts";
import { addUpdate, createUpdate, hasRoomForTask } from "./status-updates.ts";
import { endTask } from "./task-end.ts";
import { taskEnvironment } from "./task-environment.ts";
import { addFramework, addTask } from "./task-table.ts";
import { log, type Turn } from "./turn.ts";

/** Takes a task over. A second order for a task that the agent still holds has no effect on it. */
export function runTask(turn: Turn, order: TaskToRun): void {
  const { state } = turn;
  const { frameworkId, taskId } = order;
  const known = state.frameworks.get(frameworkId);
  if (known?.isShuttingDown === true) {
    log(turn, "warn", "ignored a task of a framework that is shut down", { frameworkId, taskId });
    return;
  }
  if (state.tasks.has(taskKey(frameworkId, taskId))) {
    log(turn, "warn", "ignored a task whose id is still in use", { frameworkId, taskId });
    executorNotLaunched(turn, toExecutorOrder(order));
    return;
  }
  const key: TaskKey = { frameworkId, taskId, partitionAware: isPartitionAware(order.framework) };
  const conflict = order.executor === undefined ? undefined : executorConflict(turn, order, order.executor);
  if (!hasRoomForTask(turn)) answer(turn, key, "REASON_TASK_INVALID", tooManyTasks(state));
  else if (state.drain !== undefined) answer(turn, key, "REASON_AGENT_DRAINING", "the agent is being drained");
  else if (conflict !== undefined) answer(turn, key, "REASON_EXECUTOR_TERMINATED", conflict);
  else {
    const framework = known ?? addFramework(state, frameworkId, order.framework);
    if (known === undefined) record(turn, framework.key);
    takeTask(turn, framework, order);
  }
  executorNotLaunched(turn, toExecutorOrder(order));
}

/** The executor that the order names, even where the task cannot be run. */
function toExecutorOrder({ frameworkId, info, launchesExecutor }: TaskToRun): Parameters<typeof executorNotLaunched>[1] {
  return { frameworkId, executorId: ExecutorId(info.executor?.executorId?.value ?? ""), launchesExecutor };
}

function takeTask(turn: Turn, framework: Framework, order: TaskToRun): void {
  const { state } = turn;
  // Whether the executor is new says nothing once it is there.
  const { launchesExecutor: _, ...toRun } = order;
  const { frameworkId, taskId } = order;
  const executor = order.executor === undefined ? undefined : executorFor(turn, framework, order.executor);
  const runnable = order.command !== undefined || executor !== undefined;
  const task = addTask(state, {
    frameworkId,
    taskId,
    toRun: { ...toRun, framework: framework.info },
    containerId: executor?.containerId ?? (runnable ? ContainerId(state.prng.uuid()) : undefined),
    state: "TASK_STAGING",
  });
  executor?.tasks.add(task);
  if (executor !== undefined && isProgram(executor.toRun)) state.unsettled.resized.add(executor);
  if (runnable) record(turn, task.key, { kind: "taskRecorded", task });
  else addUpdate(turn, task, invalidTask(order.problem));
}

function invalidTask(problem: string | undefined): NewStatus {
  return { state: "TASK_ERROR", source: "SOURCE_AGENT", reason: "REASON_TASK_INVALID", message: problem ?? "the task has no command" };
}

function tooManyTasks(state: AgentState): string {
  return `the agent holds ${state.tasks.size} tasks, more than it may; their updates are not acknowledged`;
}

/** Continues `runTask` once the task is recorded, unless it was killed or forgotten meanwhile. */
export function launchRecorded(turn: Turn, task: Task): void {
  const executor = programOf(turn.state, task);
  if (executor === undefined) launchCommand(turn, task);
  else if (task.container === "recording") taskReady(turn, executor, task);
}

/** Launches the command of a recorded task, by itself or in a default executor. */
export function launchCommand(turn: Turn, task: Task): void {
  if (task.container !== "recording" || task.containerId === undefined || task.toRun?.command === undefined) return;
  task.container = "launching";
  const { frameworkId, taskId, containerId, executorId } = task;
  const environment = taskEnvironment(task);
  const { command, volumes, framework, limits, setup } = task.toRun;
  // A command task counts as an executor of its own name.
  const sandbox = { agentId: assertDefined(turn.state.agentId, "agent id"), frameworkId, executorId: executorId ?? ExecutorId(taskId) };
  const { user: frameworkUser } = framework;
  const endsWithAgent = !isCheckpointed(framework);
  const key = { frameworkId, taskId };
  const spec = { containerId, sandbox, task: key, environment, command, frameworkUser, volumes, endsWithAgent, limits, setup };
  turn.emit({ kind: "launchContainer", spec });
}

export function containerStarted(turn: Turn, containerId: ContainerId): void {
  const task = turn.state.containers.get(containerId);
  if (task?.container !== "launching") return;
  task.container = "running";
  if (!isShutDown(turn.state, task.frameworkId)) startedRunning(turn, task);
  carryOutKill(turn, task);
}

/** The task runs: that is said, and it is looked at from now on. */
export function startedRunning(turn: Turn, task: Task): void {
  task.startedWallMs = turn.wallMs;
  task.checked = uncheckedOf(task);
  addUpdate(turn, task, { state: "TASK_RUNNING", source: "SOURCE_EXECUTOR" });
  startWatching(turn, task);
}

export function containerFailed(turn: Turn, containerId: ContainerId, reason: string): void {
  const task = turn.state.containers.get(containerId);
  if (task === undefined || task.container === "ended") return;
  endTask(turn, task, task.kill === undefined ? failedLaunch(reason) : killedDuringLaunch(reason));
}

function failedLaunch(reason: string): NewStatus {
  return {
    state: "TASK_FAILED",
    source: "SOURCE_AGENT",
    reason: "REASON_CONTAINER_LAUNCH_FAILED",
    message: `the task could not be launched: ${reason}`,
  };
}

function killedDuringLaunch(reason: string): NewStatus {
  return {
    state: "TASK_KILLED",
    source: "SOURCE_AGENT",
    reason: "REASON_TASK_KILLED_DURING_LAUNCH",
    message: `killed while it was launched: ${reason}`,
  };
}

/** A task's main process ended. The supervisor keeps the record of it until the end is durable here, too. */
export function containerExited(turn: Turn, end: ContainerEnd): void {
  const { containerId } = end;
  const task = turn.state.containers.get(containerId);
  if (task === undefined) {
    turn.emit({ kind: "removeContainer", containerId });
    return;
  }
  if (task.container === "ended") return;
  endTask(turn, task, toEnd(task, end));
}

/** What the end of the main process means for the task. */
function toEnd(task: Task, { exit, breach }: ContainerEnd): NewStatus {
  const message = exit.kind === "exited" ? `command exited with status ${exit.code}` : `command was ended by signal ${exit.signal}`;
  if (task.kill?.isOverdue === true) return overdue;
  if (task.kill !== undefined)
    return { state: "TASK_KILLED", source: "SOURCE_EXECUTOR", message: message + becauseOfHealth(task.kill) + becauseOfGroup(task) };
  if (breach !== undefined) return breached(breach);
  const succeeded = exit.kind === "exited" && exit.code === 0;
  return { state: succeeded ? "TASK_FINISHED" : "TASK_FAILED", source: "SOURCE_EXECUTOR", message };
}

function becauseOfHealth({ failedChecks }: KillOrder): string {
  if (failedChecks === undefined) return "";
  return `: its health check failed ${failedChecks === 1 ? "once" : `${failedChecks} times in a row`}`;
}

const overdue: NewStatus = {
  state: "TASK_FAILED",
  source: "SOURCE_EXECUTOR",
  reason: "REASON_MAX_COMPLETION_TIME_REACHED",
  message: "killed because it ran for its max_completion_time",
};

/** Nothing of a running task is left and nobody saw its end. */
export function containerVanished(turn: Turn, task: Task): void {
  const message = "the task's processes are gone and their end was not recorded";
  if (task.kill?.isOverdue === true) endTask(turn, task, overdue);
  else if (task.kill !== undefined) endTask(turn, task, { state: "TASK_KILLED", source: "SOURCE_AGENT", message });
  else endTask(turn, task, { state: "TASK_FAILED", source: "SOURCE_AGENT", reason: "REASON_EXECUTOR_TERMINATED", message });
}

/**
 * The agent stopped between taking the task over and launching it. It is not launched late: its framework may have been
 * told that it is lost.
 */
export function neverLaunched(turn: Turn, task: Task): void {
  const framework = turn.state.frameworks.get(task.frameworkId);
  const partitionAware = framework !== undefined && isPartitionAware(framework.info);
  if (task.kill !== undefined) endTask(turn, task, killedDuringLaunch("the agent was restarted before the launch"));
  else
    endTask(turn, task, {
      state: stateForFramework("TASK_DROPPED", partitionAware),
      source: "SOURCE_AGENT",
      reason: "REASON_AGENT_RESTARTED",
      message: "the agent was restarted before it launched the task",
    });
}

/** The master knows tasks that the agent did not list. Those that the agent has meanwhile speak for themselves. */
export function reconcileTasks(turn: Turn, keys: readonly TaskKey[]): void {
  for (const key of keys) {
    if (turn.state.tasks.has(taskKey(key.frameworkId, key.taskId))) continue;
    answer(turn, key, "REASON_RECONCILIATION", "the agent does not have the task");
  }
}

/** Says reliably that the agent does not have a task, so that nobody waits for it. */
export function answer(turn: Turn, key: TaskKey, reason: StatusReason, message: string): void {
  const { state } = turn;
  const { frameworkId, taskId } = key;
  const framework = state.frameworks.get(frameworkId);
  const partitionAware = key.partitionAware ?? (framework !== undefined && isPartitionAware(framework.info));
  const news: NewStatus = { state: stateForFramework("TASK_DROPPED", partitionAware), source: "SOURCE_AGENT", reason, message };
  if (hasRoomForTask(turn)) {
    addUpdate(turn, addTask(state, { frameworkId, taskId, toRun: undefined, containerId: undefined, state: "TASK_STAGING" }), news);
    return;
  }
  // Without room for a stream it is said once; if that is lost, the master asks at the next registration.
  const { status } = createUpdate(turn, { frameworkId, taskId, containerId: undefined, executorId: undefined }, news);
  sendToMaster(turn, { kind: "statusUpdate", frameworkId, status, latestState: status.state });
}

function isShutDown(state: AgentState, frameworkId: FrameworkId): boolean {
  return state.frameworks.get(frameworkId)?.isShuttingDown === true;
}
