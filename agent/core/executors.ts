/**
 * The life of an executor: recorded, launched, subscribed, told to end, ended. It runs any number of tasks; those wait until
 * it has subscribed. It outlives the agent, and what it does not say itself about its tasks its end says.
 */

import { assertDefined } from "../../common/assert.ts";
import { ContainerId, type ExecutorId, type FrameworkId } from "../../common/ids.ts";
import { stateForFramework } from "../../common/task-state.ts";
import { breached } from "./breach.ts";
import { record } from "./checkpoint.ts";
import { executorEnvironment } from "./executor-environment.ts";
import { type ExecutorKey, type ExecutorToRun, isProgram } from "./executor-message.ts";
import { closeExecutorStream, deliverTask, sendToExecutor } from "./executor-stream.ts";
import { addExecutor, findExecutor, removeExecutor } from "./executor-table.ts";
import { isCheckpointed, isPartitionAware } from "./framework-traits.ts";
import type { ContainerEnd, RecoveredContainer } from "./input.ts";
import { executorLimits } from "./limit-containers.ts";
import { agentLimits } from "./limits.ts";
import { sendToMaster } from "./link.ts";
import type { ExitedExecutor, TaskToRun } from "./master-message.ts";
import type { NewStatus } from "./new-status.ts";
import type { Executor, Framework, Task } from "./state.ts";
import { endTask } from "./task-end.ts";
import { log, type Turn } from "./turn.ts";

/** What waitpid cannot say of an executor whose end nobody saw. */
const unknownWaitStatus = -1;

/** What an order of the master says of the executor that it needs. */
type ExecutorOrder = Pick<TaskToRun, "frameworkId" | "launchesExecutor">;

/** Why a task cannot be given to its executor: the master's books and the agent's differ about it. */
export function executorConflict(turn: Turn, order: ExecutorOrder, wanted: ExecutorToRun): string | undefined {
  const { executorId } = wanted;
  const known = findExecutor(turn.state, order.frameworkId, executorId);
  if (known?.phase === "terminating") return `executor ${executorId} is ending`;
  if (order.launchesExecutor === true && known !== undefined) return `executor ${executorId} runs already`;
  if (order.launchesExecutor === false && known === undefined) return `executor ${executorId} has ended`;
  if (known !== undefined && isProgram(known.toRun) !== isProgram(wanted)) return `executor ${executorId} is of another type`;
  if (known === undefined && turn.state.executors.size >= agentLimits.executorsMax)
    return `the agent has ${agentLimits.executorsMax} executors`;
  return undefined;
}

/** The executor that will run the task: the one that is there, or a new one, which is launched once it is recorded. */
export function executorFor(turn: Turn, framework: Framework, toRun: ExecutorToRun): Executor {
  const known = findExecutor(turn.state, framework.frameworkId, toRun.executorId);
  if (known !== undefined) return known;
  const executor = addExecutor(turn.state, framework, { toRun, containerId: ContainerId(turn.state.prng.uuid()) });
  record(turn, executor.key, { kind: "executorRecorded", executor });
  return executor;
}

/** The master counts an executor that this order would have started, and nothing is started: it learns that. */
export function executorNotLaunched(
  turn: Turn,
  order: { readonly frameworkId: FrameworkId; readonly executorId: ExecutorId; readonly launchesExecutor?: boolean | undefined },
): void {
  const { frameworkId, executorId } = order;
  if (order.launchesExecutor !== true || findExecutor(turn.state, frameworkId, executorId) !== undefined) return;
  tellExit(turn, { frameworkId, executorId, waitStatus: unknownWaitStatus });
}

/** The record of the executor is durable: it is launched, unless it was told to end meanwhile. */
export function executorRecorded(turn: Turn, executor: Executor): void {
  if (executor.phase === "terminating") {
    executorEnded(turn, executor, { news: terminated("it was told to end before it was launched"), waitStatus: unknownWaitStatus });
    return;
  }
  if (executor.phase !== "recording") return;
  const framework = turn.state.frameworks.get(executor.frameworkId);
  if (framework === undefined) return;
  const { containerId, frameworkId, executorId, toRun } = executor;
  if (toRun.command === undefined) {
    executor.phase = "running";
    return;
  }
  executor.phase = "launching";
  executor.isContainerOrdered = true;
  const environment = executorEnvironment(turn.state, { executor, framework });
  const sandbox = { agentId: assertDefined(turn.state.agentId, "agent id"), frameworkId, executorId };
  const { command, volumes, setup } = toRun;
  const { user: frameworkUser } = framework.info;
  const endsWithAgent = !isCheckpointed(framework.info);
  turn.emit({
    kind: "launchContainer",
    spec: {
      containerId,
      sandbox,
      task: undefined,
      environment,
      command,
      frameworkUser,
      volumes,
      endsWithAgent,
      limits: executorLimits(executor),
      setup,
    },
  });
}

export function executorStarted(turn: Turn, executor: Executor): void {
  if (executor.phase !== "launching") return;
  executor.phase = "registering";
  turn.state.executorDeadlines.set(executor, turn.nowMs + turn.state.config.executorRegistrationTimeoutMs);
}

export function executorFailed(turn: Turn, executor: Executor, reason: string): void {
  executorEnded(turn, executor, {
    news: {
      state: "TASK_FAILED",
      source: "SOURCE_AGENT",
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: `executor ${executor.executorId} could not be launched: ${reason}`,
    },
    waitStatus: unknownWaitStatus,
  });
}

export function executorExited(turn: Turn, executor: Executor, { exit, breach }: Pick<ContainerEnd, "exit" | "breach">): void {
  const waitStatus = exit.kind === "exited" ? exit.code * 256 : exit.signal;
  if (breach !== undefined) {
    executorEnded(turn, executor, { news: breached(breach), waitStatus });
    return;
  }
  const how = exit.kind === "exited" ? `it exited with status ${exit.code}` : `signal ${exit.signal} ended it`;
  executorEnded(turn, executor, { news: terminated(how), waitStatus });
}

function terminated(how: string): NewStatus {
  return {
    state: "TASK_FAILED",
    source: "SOURCE_AGENT",
    reason: "REASON_EXECUTOR_TERMINATED",
    message: `the task's executor has ended: ${how}`,
  };
}

/** Nothing of the executor runs any more: its tasks end with it. A reason that the agent had for killing it comes first. */
function executorEnded(turn: Turn, executor: Executor, { news, waitStatus }: { news: NewStatus; waitStatus: number }): void {
  const { frameworkId, executorId, containerId } = executor;
  log(turn, "info", "an executor ended", { frameworkId, executorId, tasks: executor.tasks.size, waitStatus });
  closeExecutorStream(turn, executor);
  for (const task of [...executor.tasks]) endTask(turn, task, executor.ending ?? news);
  removeExecutor(turn, executor);
  // A default executor has a sandbox, which goes with its container.
  const hasContainer = executor.isContainerOrdered || !isProgram(executor.toRun) ? containerId : undefined;
  record(turn, executor.key, { kind: "executorForgotten", exited: { frameworkId, executorId, waitStatus }, containerId: hasContainer });
}

/** A default executor has no task left. */
export function defaultExecutorEnded(turn: Turn, executor: Executor): void {
  executorEnded(turn, executor, { news: terminated("it has no task left"), waitStatus: 0 });
}

/** The end of the executor and of its tasks is durable: its container may go, and the master is told. */
export function executorForgotten(turn: Turn, exited: ExitedExecutor, containerId: ContainerId | undefined): void {
  if (containerId !== undefined) turn.emit({ kind: "removeContainer", containerId });
  tellExit(turn, exited);
}

/** An exit that falls between a registration and its answer would be missed: it waits for the answer. */
function tellExit(turn: Turn, exited: ExitedExecutor): void {
  const { connection, unsentExits } = turn.state;
  if (connection.kind === "running") sendToMaster(turn, { kind: "exitedExecutor", ...exited });
  else if (unsentExits.length < agentLimits.executorsMax) unsentExits.push(exited);
}

/** The registration was answered: what ended since it was written is told. */
export function tellUnsentExits(turn: Turn): void {
  for (const exited of turn.state.unsentExits.splice(0)) sendToMaster(turn, { kind: "exitedExecutor", ...exited });
}

/** Tells an executor to end with its tasks, and ends its container when the grace is over. */
export function shutDownExecutor(turn: Turn, executor: Executor): void {
  if (executor.phase === "terminating") return;
  const { frameworkId, executorId } = executor;
  log(turn, "info", "shutting an executor down", { frameworkId, executorId, tasks: executor.tasks.size });
  executor.phase = "terminating";
  record(turn, executor.key);
  if (!isProgram(executor.toRun)) {
    turn.state.unsettled.executors.add(executor);
    return;
  }
  sendToExecutor(turn, executor, { kind: "shutdown" });
  armGrace(turn, executor);
}

function armGrace(turn: Turn, executor: Executor): void {
  const graceMs = executor.toRun.shutdownGraceMs ?? turn.state.config.executorShutdownGraceMs;
  turn.state.executorDeadlines.set(executor, turn.nowMs + graceMs);
}

/** SHUTDOWN of a framework. Unknown executors and those that end already are none of its business. */
export function shutDownNamed(turn: Turn, { frameworkId, executorId }: ExecutorKey): void {
  const executor = findExecutor(turn.state, frameworkId, executorId);
  if (executor === undefined) log(turn, "debug", "ignored the shutdown of an executor that is not here", { frameworkId, executorId });
  else shutDownExecutor(turn, executor);
}

/** An executor that subscribed, never had a task and has none coming was started for nothing. */
export function retireIdleExecutor(turn: Turn, executor: Executor): void {
  if (executor.phase === "running" && !executor.hadTask && executor.tasks.size === 0) shutDownExecutor(turn, executor);
}

/** Grace that is over, and executors that did not subscribe in time. */
export function executorsTick(turn: Turn): void {
  for (const executor of turn.state.executorDeadlines.takeDue(turn.nowMs)) {
    const { containerId, phase } = executor;
    if (phase === "registering") {
      executor.ending = executor.isReturning ? didNotReturn(turn, executor) : didNotRegister(executor);
      executor.phase = "terminating";
    }
    if (executor.phase === "terminating" && executor.isContainerOrdered) turn.emit({ kind: "killContainer", containerId, graceMs: 0 });
  }
}

function didNotRegister({ executorId }: Executor): NewStatus {
  return {
    state: "TASK_FAILED",
    source: "SOURCE_AGENT",
    reason: "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
    message: `executor ${executorId} did not subscribe in time`,
  };
}

function didNotReturn({ state }: Turn, { frameworkId, executorId }: Executor): NewStatus {
  const framework = state.frameworks.get(frameworkId);
  return {
    state: stateForFramework("TASK_GONE", framework !== undefined && isPartitionAware(framework.info)),
    source: "SOURCE_AGENT",
    reason: "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
    message: `executor ${executorId} did not subscribe again in time after a restart of the agent`,
  };
}

/** Compares a recovered executor with its container and goes on from there. The caller has settled its tasks that never ran. */
export function settleExecutor(turn: Turn, executor: Executor, container: RecoveredContainer | undefined): void {
  if (!isProgram(executor.toRun)) {
    // Its tasks have containers of their own, and are settled one by one.
    if (executor.phase !== "terminating") executor.phase = "running";
    turn.state.unsettled.executors.add(executor);
    return;
  }
  executor.isContainerOrdered = container !== undefined;
  for (const task of executor.tasks) task.container = "running";
  if (container === undefined || container.state === "vanished") {
    executorEnded(turn, executor, { news: terminated("nobody saw how"), waitStatus: unknownWaitStatus });
  } else if (container.state === "ended") executorExited(turn, executor, container);
  else if (executor.phase === "terminating") armGrace(turn, executor);
  else {
    executor.phase = "registering";
    executor.isReturning = true;
    turn.state.unsettled.resized.add(executor);
    turn.state.executorDeadlines.set(executor, turn.nowMs + turn.state.config.executorReregistrationTimeoutMs);
  }
}

/** Data of the scheduler for an executor; lost when that is not there. */
export function messageToExecutor(turn: Turn, { frameworkId, executorId }: ExecutorKey, data: Uint8Array): void {
  const executor = findExecutor(turn.state, frameworkId, executorId);
  if (executor !== undefined && !isProgram(executor.toRun)) {
    log(turn, "debug", "dropped a message to a default executor, which takes none", { frameworkId, executorId });
  } else if (executor?.phase !== "running" || !sendToExecutor(turn, executor, { kind: "message", data })) {
    log(turn, "debug", "dropped a message to an executor that is not there", { frameworkId, executorId });
  }
}

/** The task is recorded: it is the executor's as soon as that is there. */
export function taskReady(turn: Turn, executor: Executor, task: Task): void {
  task.container = "launching";
  const hadTask = executor.hadTask;
  deliverTask(turn, executor, task);
  if (!hadTask && executor.hadTask) record(turn, executor.key);
}
