/** What is true of an agent's state after every step. Checked in tests and simulation; each check names the thing and the numbers. */

import { assert } from "../../common/assert.ts";
import { createdByOperations, withCreated } from "../../common/resource-operations.ts";
import { describeResources } from "../../common/resources.ts";
import { isTerminal } from "../../common/task-state.ts";
import { isProgram } from "./executor-message.ts";
import { agentLimits } from "./limits.ts";
import { volumeKeys } from "./operations.ts";
import type { AgentState, Executor, Task } from "./state.ts";

/** Throws InvariantError when the state contradicts itself. */
export function checkInvariants(state: AgentState): void {
  checkConnection(state);
  for (const task of state.tasks.values()) checkTask(state, task);
  for (const [containerId, task] of state.containers) {
    assert(task.containerId === containerId, `container ${containerId} is listed for task ${task.key}, which has ${task.containerId}`);
    assert(state.tasks.get(task.key) === task, `container ${containerId} is listed for task ${task.key}, which is forgotten`);
  }
  for (const executor of state.executors.values()) checkExecutor(state, executor);
  for (const operation of state.operations.values()) {
    const isRetried = state.operationRetries.atMs(operation) !== undefined;
    assert(operation.isDurable || !isRetried, `operation ${operation.uuid} is retried before it is durable`);
  }
  checkWatches(state);
  checkVolumes(state);
  for (const framework of state.frameworks.values()) checkFramework(state, framework.frameworkId);
}

function checkWatches({ checks, tasks }: AgentState): void {
  const { checksAtOnceMax } = agentLimits;
  assert(checks.running.size <= checksAtOnceMax, `${checks.running.size} checks run, the limit is ${checksAtOnceMax}`);
  assert(checks.waiting.size === 0 || checks.running.size === checksAtOnceMax, `${checks.waiting.size} checks wait while there is room`);
  for (const [checkId, watch] of checks.running) {
    assert(watch.checkId === checkId, `check ${checkId} runs for a watch that waits for ${watch.checkId ?? "nothing"}`);
    assert(watch.task.watches.includes(watch), `check ${checkId} looks at task ${watch.task.key}, which is not watched any more`);
  }
  for (const task of tasks.values()) {
    if (task.watches.length === 0) continue;
    assert(task.container === "running" && task.kill === undefined, `task ${task.key} is ${task.container} or killed, and watched`);
    for (const watch of task.watches) {
      const isArmed = checks.deadlines.atMs(watch) !== undefined;
      assert(isArmed !== checks.waiting.has(watch), `a check of task ${task.key} waits for nothing, or for two things`);
    }
  }
}

function checkVolumes(state: AgentState): void {
  const seen = new Set<string>();
  for (const { role, id } of volumeKeys(state.total)) {
    const name = `${role} ${id}`;
    assert(!seen.has(name), `the agent has two volumes ${id} of role ${role}`);
    seen.add(name);
  }
  const created = createdByOperations(state.total);
  assert(withCreated(state.config.resources, created) !== undefined, () => `the agent's flags do not have ${describeResources(created)}`);
}

function checkConnection(state: AgentState): void {
  const { kind } = state.connection;
  if (kind === "running") assert(state.agentId !== undefined && state.isAgentIdDurable, "the agent runs without a durable id");
  if (kind === "waiting" || kind === "opening") assert(state.leader !== undefined, `the agent is ${kind} without a leader`);
  if (kind !== "running")
    assert(
      state.retries.size + state.operationRetries.size === 0,
      `${state.retries.size + state.operationRetries.size} updates are retried while the agent is ${kind}`,
    );
  assert(state.tasks.size <= agentLimits.tasksMax, `the agent holds ${state.tasks.size} tasks, the limit is ${agentLimits.tasksMax}`);
  assert(
    state.checkpoint.inFlight !== undefined || state.checkpoint.dirty.size === 0 || kind === "exited",
    "changes wait without a batch in flight",
  );
}

function checkTask(state: AgentState, task: Task): void {
  const { key, updates } = task;
  // The end is taken in addition to an executor's other updates.
  const isWithProgram = isProgram(task.toRun?.executor);
  const updatesMax = isWithProgram ? agentLimits.executorUpdatesPerTaskMax + 1 : agentLimits.updatesPerTaskMax;
  assert(updates.length <= updatesMax, `task ${key} has ${updates.length} updates, the limit is ${updatesMax}`);
  const newest = updates.at(-1);
  assert(
    newest === undefined || newest.status.state === task.latestState,
    `task ${key} is ${task.latestState}, its newest update ${newest?.status.state}`,
  );
  assert(!isTerminal(task.latestState) || newest !== undefined, `task ${key} is ${task.latestState} and its end was acknowledged`);
  for (const [index, update] of updates.entries()) {
    const isLast = index === updates.length - 1;
    assert(isLast || !isTerminal(update.status.state), `task ${key} has an update after its end`);
    assert(
      isLast || update.isDurable || !updates[index + 1]?.isDurable,
      `task ${key}: update ${index + 1} is durable before update ${index}`,
    );
  }
  const isStanding = task.group?.fallenBecause === undefined || state.connection.kind === "terminating";
  assert(isStanding || isTerminal(task.latestState) || task.kill !== undefined, `task ${key} lives on after its group has fallen`);
  if (isTerminal(task.durableState)) {
    assert(
      task.containerId === undefined || !state.containers.has(task.containerId),
      `the end of task ${key} is durable and its container is kept`,
    );
  } else if (isWithProgram && task.container !== "ended") {
    const executor = task.containerId === undefined ? undefined : state.executorContainers.get(task.containerId);
    assert(executor?.tasks.has(task) === true, `live task ${key} is not a task of its executor`);
  } else if (task.container === "launching" || task.container === "running") {
    assert(
      task.containerId !== undefined && state.containers.get(task.containerId) === task,
      `the container of live task ${key} is not listed`,
    );
  }
  if (state.retries.atMs(task) !== undefined)
    assert(updates[0]?.isDurable === true && !task.isAcknowledging, `task ${key} retries what it may not say`);
}

function checkExecutor(state: AgentState, executor: Executor): void {
  const { key, phase, streamId } = executor;
  assert(state.executorContainers.get(executor.containerId) === executor, `the container of executor ${key} is not listed`);
  assert(state.frameworks.get(executor.frameworkId)?.executors.has(executor) === true, `executor ${key} is not listed by its framework`);
  const mayHear = phase === "running" || phase === "terminating";
  assert(streamId === undefined || mayHear, `executor ${key} is ${phase} and has a stream`);
  assert(streamId === undefined || state.executorStreams.get(streamId) === executor, `the stream of executor ${key} is not listed`);
  const isLeaving = state.connection.kind === "terminating" || state.connection.kind === "exited";
  assert(isProgram(executor.toRun) || executor.tasks.size > 0 || isLeaving, `default executor ${key} is kept without a task`);
  for (const task of executor.tasks) {
    assert(state.tasks.get(task.key) === task, `executor ${key} lists task ${task.key}, which is forgotten`);
    assert(!isTerminal(task.latestState), `executor ${key} lists task ${task.key}, which is ${task.latestState}`);
    const canRun = executor.isContainerOrdered || !isProgram(executor.toRun);
    assert(task.container !== "running" || canRun, `task ${task.key} was given to executor ${key} before its launch`);
  }
}

function checkFramework(state: AgentState, frameworkId: AgentState["frameworks"] extends Map<infer Id, unknown> ? Id : never): void {
  const framework = state.frameworks.get(frameworkId);
  assert(framework !== undefined && framework.tasks.size + framework.executors.size > 0, `framework ${frameworkId} is kept without a task`);
  for (const task of framework.tasks) {
    assert(state.tasks.get(task.key) === task, `framework ${frameworkId} lists task ${task.key}, which is forgotten`);
    assert(
      !framework.isShuttingDown || state.retries.atMs(task) === undefined,
      `an update of ${task.key} is retried after its framework's end`,
    );
  }
}
