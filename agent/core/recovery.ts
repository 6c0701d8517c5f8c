/** The start: what the checkpoint and the containers say together about the tasks of the last run. */

import type { ContainerId, Uuid } from "../../common/ids.ts";
import { withCreated } from "../../common/resource-operations.ts";
import { describeResources } from "../../common/resources.ts";
import { isTerminal } from "../../common/task-state.ts";
import { agentKey, departedKey, executorKey, foundOnDisk, keyOf, operationKey, record } from "./checkpoint.ts";
import type { CheckpointRecord } from "./checkpoint-record.ts";
import { startWatching } from "./checks/watches.ts";
import { type ForbiddenChange, forbiddenChange, isSameConfiguration, type ReconfigurationPolicy } from "./configuration.ts";
import { lookForLeader } from "./connection.ts";
import { isProgram } from "./executor-message.ts";
import { addExecutor, executorOf, programOf } from "./executor-table.ts";
import { settleExecutor } from "./executors.ts";
import type { AgentInput, RecoveredContainer } from "./input.ts";
import { carryOutKill } from "./kills.ts";
import { limitContainer } from "./limit-containers.ts";
import { keepVolumes } from "./operations.ts";
import type { AgentState, Executor, Task, TaskGroup } from "./state.ts";
import { addFramework, addTask, removeFramework } from "./task-table.ts";
import { containerExited, containerVanished, neverLaunched, startedRunning } from "./tasks.ts";
import { drainNow } from "./termination.ts";
import { exit, log, type Turn } from "./turn.ts";

type Recovered = Extract<AgentInput, { readonly kind: "recovered" }>;

/** Rebuilds the tables, settles what happened to each task meanwhile, and starts to look for a master. */
export function recovered(turn: Turn, { records, containers }: Recovered): void {
  const { state } = turn;
  if (state.connection.kind !== "recovering") {
    log(turn, "warn", "ignored a second recovery");
    return;
  }
  const found = new Map<ContainerId, RecoveredContainer>();
  for (const container of containers) found.set(container.containerId, container);
  for (const one of records) foundOnDisk(state, keyOf(one));
  for (const one of records) if (one.kind === "departed") state.departed.set(one.agentId, one.credential);
  const change = findChange(turn, records);
  if (change === "forbidden" || !restoreResources(turn, records)) return;
  if (change === "none") restore(turn, records);
  else dropAll(turn, records);
  log(turn, "info", "recovered", { agentId: state.agentId ?? "none", tasks: state.tasks.size, containers: containers.length });
  state.connection = { kind: "disconnected" };
  if (state.isDrainRequested) {
    drainNow(turn);
    return;
  }
  for (const executor of [...state.executors.values()]) settleWithTasks(turn, executor, found.get(executor.containerId));
  for (const task of [...state.tasks.values()])
    settle(turn, task, task.containerId === undefined ? undefined : found.get(task.containerId));
  removeOrphans(turn, found);
  lookForLeader(turn);
}

/**
 * Whether the agent goes on under its id: "none" of what it was given has changed, or only what may; or it has no id that it could go on
 * under. The machine was restarted: nothing of the last run lives, so a new id does no harm, and the masters hear that the old one is
 * gone. Otherwise the change is forbidden.
 */
function findChange(turn: Turn, records: readonly CheckpointRecord[]): "none" | "newId" | "forbidden" {
  const { state } = turn;
  const { given, bootId, reconfigurationPolicy } = state.config;
  const last = records.find((one) => one.kind === "agent");
  if (last === undefined) return "newId";
  const change = last.given === undefined || state.isDrainRequested ? undefined : forbiddenChange(last.given, given, reconfigurationPolicy);
  if (change === undefined) {
    const isRecorded = last.given !== undefined && isSameConfiguration(last.given, given) && last.bootId === bootId;
    if (!isRecorded) record(turn, agentKey);
    return "none";
  }
  if (last.bootId === bootId) {
    exit(turn, 1, refuseChange(change, reconfigurationPolicy));
    return "forbidden";
  }
  log(turn, "warn", "started with other flags after a restart of the machine: the agent gets a new id", { ...change });
  state.departed.set(last.agentId, last.credential);
  record(turn, departedKey(last.agentId));
  return "newId";
}

function refuseChange({ name, before, now }: ForbiddenChange, policy: ReconfigurationPolicy): string {
  const growth = "with --reconfiguration-policy=additive, under which resources and attributes may grow; or ";
  return (
    `--${name} must stay "${before}" while this agent has its id and its tasks, is "${now}" ` +
    `(--reconfiguration-policy=${policy}). Start it with the old value; or ${policy === "equal" ? growth : ""}` +
    "start it with the old value and send SIGUSR1: that ends its tasks, and the next start gets a new id"
  );
}

/** Tasks belong to the id; without one nothing of them can be told to anyone. */
function dropAll(turn: Turn, records: readonly CheckpointRecord[]): void {
  for (const one of records) {
    if (one.kind !== "departed" && one.kind !== "resources") record(turn, keyOf(one));
  }
}

function restore(turn: Turn, records: readonly CheckpointRecord[]): void {
  const { state } = turn;
  for (const one of records) {
    if (one.kind === "agent") {
      state.agentId = one.agentId;
      if (one.credential === undefined) record(turn, agentKey);
      else state.credential = one.credential;
      state.isAgentIdDurable = true;
    } else if (one.kind === "framework") addFramework(state, one.frameworkId, one.framework);
    else if (one.kind === "drain") {
      state.drain = { maxGraceMs: one.maxGraceMs, markGone: one.markGone };
      state.drainStartedWallMs = turn.wallMs;
    }
  }
  for (const one of records) if (one.kind === "executor") restoreExecutor(turn, one);
  const groups = new Map<Uuid, TaskGroup>();
  for (const one of records) {
    restoreTask(state, one, groups);
    restoreOperation(state, one);
  }
  for (const framework of [...state.frameworks.values()])
    if (framework.tasks.size === 0 && framework.executors.size === 0) removeFramework(turn, framework);
}

function restoreExecutor(turn: Turn, one: Extract<CheckpointRecord, { readonly kind: "executor" }>): void {
  const framework = turn.state.frameworks.get(one.frameworkId);
  if (framework === undefined) {
    // Both are written together; without its framework nothing of the executor can be told to anyone.
    record(turn, executorKey(one.frameworkId, one.executor.executorId));
    return;
  }
  const executor = addExecutor(turn.state, framework, { toRun: one.executor, containerId: one.containerId });
  executor.hadTask = one.hadTask;
  if (one.isShuttingDown) executor.phase = "terminating";
}

/** False when the flags have less than what operations made of the resources: going on would lose volumes. */
function restoreResources(turn: Turn, records: readonly CheckpointRecord[]): boolean {
  const { state } = turn;
  const created = records.find((one) => one.kind === "resources")?.created ?? [];
  const total = withCreated(state.config.resources, created);
  if (total === undefined) {
    const needed = `${describeResources(created)}; they are ${describeResources(state.config.resources)}`;
    exit(turn, 1, `the resources of the flags must have room for what is reserved and for the volumes: ${needed}`);
    return false;
  }
  state.total = total;
  state.durableTotal = total;
  keepVolumes(turn);
  return true;
}

function restoreOperation(state: AgentState, one: CheckpointRecord): void {
  if (one.kind !== "operation") return;
  const { kind: _, ...kept } = one;
  const key = operationKey(one.uuid);
  const retryDelayMs = state.config.updateRetryMinMs;
  state.operations.set(key, { key, ...kept, conversion: undefined, linkId: undefined, isDurable: true, retryDelayMs });
}

function restoreTask(state: AgentState, one: CheckpointRecord, groups: Map<Uuid, TaskGroup>): void {
  if (one.kind !== "task" && one.kind !== "answer") return;
  const task =
    one.kind === "task"
      ? restoreOwnTask(state, one, groups)
      : addTask(state, { ...one, toRun: undefined, containerId: undefined, state: "TASK_STAGING" });
  for (const status of one.updates) {
    if (status.uuid === undefined) continue;
    const isFromExecutor = task.executorId !== undefined && status.source === "SOURCE_EXECUTOR";
    task.updates.push({ uuid: status.uuid, status, isDurable: true, isFromExecutor });
    task.latestState = status.state;
    task.durableState = status.state;
    task.durableStatus = status;
  }
  if (!isTerminal(task.latestState)) executorOf(state, task)?.tasks.add(task);
}

function restoreOwnTask(state: AgentState, one: Extract<CheckpointRecord, { readonly kind: "task" }>, groups: Map<Uuid, TaskGroup>): Task {
  const { task: toRun, containerId, kill, latestState, groupId } = one;
  const group = groupId === undefined ? undefined : (groups.get(groupId) ?? { groupId, tasks: new Set(), fallenBecause: undefined });
  if (group !== undefined) groups.set(group.groupId, group);
  const { frameworkId, taskId } = toRun;
  const framework = state.frameworks.get(frameworkId) ?? addFramework(state, frameworkId, toRun.framework);
  const task = addTask(state, {
    frameworkId,
    taskId,
    toRun: { ...toRun, framework: framework.info },
    containerId,
    state: latestState,
    group,
  });
  if (kill !== undefined) task.kill = { ...kill, isDurable: true };
  task.startedWallMs = one.startedWallMs;
  task.checked = one.checked;
  task.durableChecked = one.checked;
  task.settledUuids.push(...one.settledUuids);
  return task;
}

/** Tasks of an executor that was never launched never ran; of all others the executor, or its end, will tell. */
function settleWithTasks(turn: Turn, executor: Executor, container: RecoveredContainer | undefined): void {
  const isNew = isProgram(executor.toRun) && container === undefined;
  const waiting = [...executor.tasks].filter((task) => isNew && task.latestState === "TASK_STAGING");
  for (const task of waiting) neverLaunched(turn, task);
  settleExecutor(turn, executor, container);
}

/** Compares a task with its container and goes on from there. */
function settle(turn: Turn, task: Task, container: RecoveredContainer | undefined): void {
  if (isTerminal(task.latestState)) {
    // The end was durable; what is left of the container is removed with the orphans.
    if (task.containerId !== undefined) turn.state.containers.delete(task.containerId);
    task.container = "ended";
    return;
  }
  if (task.containerId === undefined || programOf(turn.state, task) !== undefined) return;
  if (container === undefined && task.latestState === "TASK_STAGING") {
    neverLaunched(turn, task);
    return;
  }
  task.container = "running";
  if (container === undefined || container.state === "vanished") containerVanished(turn, task);
  else if (container.state === "ended") containerExited(turn, container);
  else adopt(turn, task);
}

/** The task outlived the agent: it is watched again, and a kill that was ordered is ordered again. */
function adopt(turn: Turn, task: Task): void {
  if (task.latestState === "TASK_STAGING") startedRunning(turn, task);
  else startWatching(turn, task);
  if (task.containerId !== undefined) limitContainer(turn, task.containerId, task.toRun?.limits);
  carryOutKill(turn, task);
}

/**
 * Containers that no task needs: of forgotten tasks, of ended ones whose end is durable, and of frameworks without checkpoint, of which
 * nothing else is found.
 */
function removeOrphans(turn: Turn, found: ReadonlyMap<ContainerId, RecoveredContainer>): void {
  for (const [containerId, container] of found) {
    if (turn.state.containers.has(containerId) || turn.state.executorContainers.has(containerId)) continue;
    if (container.state === "running") turn.emit({ kind: "killContainer", containerId, graceMs: 0 });
    turn.emit({ kind: "removeContainer", containerId });
  }
}
