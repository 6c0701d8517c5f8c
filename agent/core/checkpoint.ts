/**
 * Group commit. Handlers say which records changed and what becomes possible once that is durable; at the end of a step
 * the changed records leave as one batch, unless one is in flight: then they wait for it. A record is built when its
 * batch leaves, so many changes of one task cost one write.
 */

import { assert, assertNever } from "../../common/assert.ts";
import { AgentId, type ExecutorId, type FrameworkId, type TaskId, type Uuid } from "../../common/ids.ts";
import { createdByOperations } from "../../common/resource-operations.ts";
import type { CheckpointChange, CheckpointKey, CheckpointRecord } from "./checkpoint-record.ts";
import { isCheckpointed } from "./framework-traits.ts";
import type { AgentState, Continuation, Executor, Framework, Task } from "./state.ts";
import type { Turn } from "./turn.ts";

export const agentKey: CheckpointKey = "agent";
export const resourcesKey: CheckpointKey = "resources";
export const drainKey: CheckpointKey = "drain";
const departedPrefix = "departed/";
const frameworkPrefix = "framework/";

export function departedKey(agentId: AgentId): CheckpointKey {
  return `${departedPrefix}${agentId}`;
}

export function frameworkKey(frameworkId: FrameworkId): CheckpointKey {
  return `${frameworkPrefix}${frameworkId}`;
}

/** Ids cannot contain a slash, so the key is unique. */
export function taskKey(frameworkId: FrameworkId, taskId: TaskId): CheckpointKey {
  return `task/${frameworkId}/${taskId}`;
}

export function operationKey(uuid: Uuid): CheckpointKey {
  return `operation/${uuid}`;
}

export function executorKey(frameworkId: FrameworkId, executorId: ExecutorId): CheckpointKey {
  return `executor/${frameworkId}/${executorId}`;
}

/** Notes that the record of `key` changed, appeared or went away, and what follows once that is durable. */
export function record(turn: Turn, key: CheckpointKey, continuation?: Continuation): void {
  turn.state.checkpoint.dirty.add(key);
  if (continuation !== undefined) turn.state.checkpoint.waiting.push(continuation);
}

/**
 * Lets the waiting changes leave as one batch unless one is in flight. Called at the end of each step. Answers what follows at once,
 * because nothing of it has to be written.
 */
export function flush(turn: Turn): readonly Continuation[] {
  const queue = turn.state.checkpoint;
  if (queue.inFlight !== undefined || queue.dirty.size === 0) return [];
  const changes: CheckpointChange[] = [];
  for (const key of queue.dirty) {
    const change = toChange(turn.state, key);
    if (change !== undefined) changes.push(change);
  }
  const continuations = queue.waiting;
  queue.waiting = [];
  queue.dirty.clear();
  if (changes.length === 0) return continuations;
  queue.lastBatch += 1;
  queue.inFlight = { batch: queue.lastBatch, continuations };
  turn.emit({ kind: "checkpoint", batch: queue.lastBatch, changes });
  return [];
}

/** The record of this key was found on disk. */
export function foundOnDisk(state: AgentState, key: CheckpointKey): void {
  state.checkpoint.written.add(key);
}

/** The key under which a record is kept. */
export function keyOf(one: CheckpointRecord): CheckpointKey {
  switch (one.kind) {
    case "agent":
      return agentKey;
    case "drain":
      return drainKey;
    case "departed":
      return departedKey(one.agentId);
    case "framework":
      return frameworkKey(one.frameworkId);
    case "task":
      return taskKey(one.task.frameworkId, one.task.taskId);
    case "answer":
      return taskKey(one.frameworkId, one.taskId);
    case "executor":
      return executorKey(one.frameworkId, one.executor.executorId);
    case "resources":
      return resourcesKey;
    case "operation":
      return operationKey(one.uuid);
    default:
      return assertNever(one);
  }
}

/** Ends the batch in flight and answers what follows from it. */
export function takeDurable(state: AgentState, batch: number): readonly Continuation[] {
  const inFlight = state.checkpoint.inFlight;
  assert(inFlight?.batch === batch, `batch ${batch} became durable while ${inFlight?.batch ?? "none"} was in flight`);
  state.checkpoint.inFlight = undefined;
  return inFlight.continuations;
}

/** Undefined when the disk has nothing under this key and needs nothing. */
function toChange(state: AgentState, key: CheckpointKey): CheckpointChange | undefined {
  const { written } = state.checkpoint;
  const current = toRecord(state, key);
  // An agent that leaves always writes that it has no id, and hears meanwhile which one a master was giving it.
  if (current === undefined) return written.delete(key) || key === agentKey ? { kind: "delete", key } : undefined;
  written.add(key);
  return { kind: "put", key, record: current };
}

function toRecord(state: AgentState, key: CheckpointKey): CheckpointRecord | undefined {
  if (key === agentKey) return toAgentRecord(state);
  if (key === drainKey) return state.drain === undefined ? undefined : { kind: "drain", ...state.drain };
  if (key === resourcesKey) return { kind: "resources", created: createdByOperations(state.total) };
  const operation = state.operations.get(key);
  if (operation !== undefined) {
    const { uuid, frameworkId, operation: done, status } = operation;
    return { kind: "operation", uuid, frameworkId, operation: done, status };
  }
  const task = state.tasks.get(key);
  if (task !== undefined) return isKept(state.frameworks.get(task.frameworkId)) ? toTaskRecord(task) : undefined;
  const executor = state.executors.get(key);
  if (executor !== undefined) return isKept(state.frameworks.get(executor.frameworkId)) ? toExecutorRecord(executor) : undefined;
  if (key.startsWith(departedPrefix)) {
    const agentId = AgentId(key.slice(departedPrefix.length));
    return state.departed.has(agentId) ? { kind: "departed", agentId, credential: state.departed.get(agentId) } : undefined;
  }
  if (!key.startsWith(frameworkPrefix)) return undefined;
  const framework = state.frameworks.get(key.slice(frameworkPrefix.length) as FrameworkId);
  if (framework === undefined || !isKept(framework)) return undefined;
  return { kind: "framework", frameworkId: framework.frameworkId, framework: framework.info };
}

function toAgentRecord({ agentId, credential, config: { given, bootId } }: AgentState): CheckpointRecord | undefined {
  return agentId === undefined ? undefined : { kind: "agent", agentId, credential, given, bootId };
}

/** A framework that does not checkpoint leaves nothing behind; of one that the agent does not know everything is kept. */
function isKept(framework: Framework | undefined): boolean {
  return framework === undefined || isCheckpointed(framework.info);
}

function toTaskRecord(task: Task): CheckpointRecord {
  const updates = task.updates.map((update) => update.status);
  if (task.toRun === undefined || task.containerId === undefined) {
    return { kind: "answer", frameworkId: task.frameworkId, taskId: task.taskId, updates };
  }
  return {
    kind: "task",
    task: task.toRun,
    containerId: task.containerId,
    kill: task.kill && { graceMs: task.kill.graceMs, isOverdue: task.kill.isOverdue },
    latestState: task.latestState,
    updates,
    settledUuids: [...task.settledUuids],
    groupId: task.group?.groupId,
    startedWallMs: task.startedWallMs,
    checked: task.checked,
  };
}

function toExecutorRecord({ frameworkId, toRun, containerId, hadTask, phase, ending }: Executor): CheckpointRecord {
  const isShuttingDown = phase === "terminating" && ending === undefined;
  return { kind: "executor", frameworkId, executor: toRun, containerId, hadTask, isShuttingDown };
}
