/** The agent's records as the bytes that a store keeps, with the version of their format inside. */

import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { AgentId, ContainerId, FrameworkId, TaskId, type Uuid, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import { readOperationStatus, writeOperationStatus } from "../../common/mesos-operation-status.ts";
import { readOperation, resourceOperationKind, writeOperation } from "../../common/mesos-operations.ts";
import { readResources, writeResources } from "../../common/mesos-resources.ts";
import { readTaskState, writeTaskState, writeTaskStatus } from "../../common/mesos-task-status.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { TaskStatus } from "../../common/task-status.ts";
import { checkMessage } from "../../common/wire-check.ts";
import type { TaskStatus as TaskStatusMessage } from "../../protos/gen/mesos/v1/mesos.ts";
import {
  type AgentRecord,
  type ExecutorRecord,
  type OperationRecord,
  CheckpointRecord as RecordMessage,
  type TaskRecord,
} from "../../protos/gen/tepui/v1/checkpoint.ts";
import type { CheckpointKey, CheckpointRecord } from "../core/checkpoint-record.ts";
import { readConfiguration, writeConfiguration } from "./configuration-codec.ts";
import { checkpointLimits } from "./limits.ts";
import { readTaskStatus } from "./task-status.ts";
import { toExecutorToRun, toTaskToRun } from "./task-to-run.ts";

/** Raised with every change that an older agent would misread. */
export const checkpointFormatVersion = 1;

export function encodeCheckpointRecord(record: CheckpointRecord): Uint8Array {
  return encodeMessage(RecordMessage, { formatVersion: checkpointFormatVersion, record: toWire(record) });
}

function toWire(record: CheckpointRecord): RecordMessage["record"] {
  switch (record.kind) {
    case "agent":
      return { $case: "agent", agent: toWireAgent(record) };
    case "drain": {
      const { maxGraceMs, markGone } = record;
      return { $case: "drain", drain: { maxGraceMs: maxGraceMs === undefined ? undefined : BigInt(maxGraceMs), markGone } };
    }
    case "departed":
      return { $case: "departed", departed: toWireIdentity(record) };
    case "framework":
      return { $case: "framework", framework: { framework: { ...record.framework, id: { value: record.frameworkId } } } };
    case "task":
      return {
        $case: "task",
        task: {
          framework: record.task.framework,
          task: record.task.info,
          containerId: record.containerId,
          kill: record.kill && { graceMs: BigInt(record.kill.graceMs), isOverdue: record.kill.isOverdue },
          latestState: writeTaskState(record.latestState),
          updates: record.updates.map(writeTaskStatus),
          settledUuids: record.settledUuids.map(uuidToBytes),
          groupId: record.groupId === undefined ? undefined : uuidToBytes(record.groupId),
          startedAtMs: record.startedWallMs === undefined ? undefined : BigInt(Math.round(record.startedWallMs)),
          healthy: record.checked?.healthy,
          checkStatus: record.checked?.checkStatus,
        },
      };
    case "resources":
      return { $case: "resources", resources: { created: writeResources(record.created, "stack") } };
    case "operation":
      return {
        $case: "operation",
        operation: {
          uuid: uuidToBytes(record.uuid),
          frameworkId: record.frameworkId && { value: record.frameworkId },
          operation: record.operation && writeOperation(record.operation, record.status.operationId),
          status: writeOperationStatus(record.status),
        },
      };
    case "executor": {
      const { executor, containerId, hadTask, isShuttingDown } = record;
      return { $case: "executor", executor: { executor: executor.info, containerId, hadTask, isShuttingDown } };
    }
    case "answer":
      return {
        $case: "answer",
        answer: {
          frameworkId: { value: record.frameworkId },
          taskId: { value: record.taskId },
          updates: record.updates.map(writeTaskStatus),
        },
      };
  }
}

/** The record of `key`, or the reason why these bytes are none: damaged, or written by a newer agent. */
export function decodeCheckpointRecord(key: CheckpointKey, bytes: Uint8Array): Result<CheckpointRecord> {
  const problem = checkMessage(schema, "tepui.v1.CheckpointRecord", bytes, checkpointLimits);
  if (problem !== undefined) return damaged(key, problem);
  const message = RecordMessage.decode(bytes);
  const version = message.formatVersion ?? 0;
  if (version !== checkpointFormatVersion) {
    return refuse("FAILED_PRECONDITION", `checkpoint record ${key} must have format version ${checkpointFormatVersion}, has ${version}`);
  }
  return fromWire(key, message);
}

function fromWire(key: CheckpointKey, { record }: RecordMessage): Result<CheckpointRecord> {
  switch (record?.$case) {
    case "agent":
      return fromAgentRecord(key, record.agent);
    case "drain": {
      const { maxGraceMs, markGone = false } = record.drain;
      return succeed({ kind: "drain", maxGraceMs: maxGraceMs === undefined ? undefined : Number(maxGraceMs), markGone });
    }
    case "departed": {
      const identity = fromIdentity(key, record.departed);
      return identity.ok ? succeed({ kind: "departed", ...identity.value }) : identity;
    }
    case "framework": {
      const { framework } = record.framework;
      const id = framework?.id?.value;
      if (framework === undefined || !id) return damaged(key, "framework.id is missing");
      return succeed({ kind: "framework", frameworkId: FrameworkId(id), framework });
    }
    case "task":
      return fromTaskRecord(key, record.task);
    case "executor":
      return fromExecutorRecord(key, record.executor);
    case "answer": {
      const frameworkId = record.answer.frameworkId?.value;
      const taskId = record.answer.taskId?.value;
      if (!frameworkId || !taskId) return damaged(key, "framework_id or task_id is missing");
      const updates = fromUpdates(key, record.answer.updates);
      if (!updates.ok) return updates;
      return succeed({ kind: "answer", frameworkId: FrameworkId(frameworkId), taskId: TaskId(taskId), updates: updates.value });
    }
    case "resources": {
      const created = readResources(record.resources.created, "created");
      return created.ok ? succeed({ kind: "resources", created: created.value }) : damaged(key, created.refusal.message);
    }
    case "operation":
      return fromOperationRecord(key, record.operation);
    case undefined:
      return damaged(key, "it is of no known kind");
  }
}

interface Identity {
  readonly agentId: AgentId;
  readonly credential: Uuid | undefined;
}

function toWireAgent(record: Extract<CheckpointRecord, { kind: "agent" }>): AgentRecord {
  const { given, bootId } = record;
  return { ...toWireIdentity(record), given: given && writeConfiguration(given), bootId };
}

function fromAgentRecord(key: CheckpointKey, message: AgentRecord): Result<CheckpointRecord> {
  const identity = fromIdentity(key, message);
  if (!identity.ok) return identity;
  const given = message.given === undefined ? undefined : readConfiguration(message.given);
  if (given?.ok === false) return damaged(key, given.refusal.message);
  return succeed({ kind: "agent", ...identity.value, given: given?.value, bootId: message.bootId });
}

function toWireIdentity({ agentId, credential }: Identity): AgentRecord {
  return { agentId: { value: agentId }, credential: credential && uuidToBytes(credential) };
}

const uuidBytes = 16;

function fromIdentity(key: CheckpointKey, { agentId, credential }: AgentRecord): Result<Identity> {
  if (!agentId?.value) return damaged(key, "agent_id is missing");
  if (credential !== undefined && credential.length !== uuidBytes) {
    return damaged(key, `credential must have ${uuidBytes} bytes, has ${credential.length}`);
  }
  return succeed({ agentId: AgentId(agentId.value), credential: credential && uuidFromBytes(credential) });
}

function fromOperationRecord(key: CheckpointKey, message: OperationRecord): Result<CheckpointRecord> {
  const { uuid, frameworkId } = message;
  if (uuid?.length !== 16 || frameworkId?.value === "" || message.status === undefined) {
    return damaged(key, "uuid, framework_id or status is missing");
  }
  const status = readOperationStatus(message.status, "status");
  if (!status.ok) return damaged(key, status.refusal.message);
  if (status.value.uuid === undefined) return damaged(key, "status.uuid is missing");
  const kind = resourceOperationKind(message.operation?.type);
  const operation = message.operation && kind && readOperation(message.operation, kind, "operation");
  if (operation?.ok === false) return damaged(key, operation.refusal.message);
  return succeed({
    kind: "operation",
    uuid: uuidFromBytes(uuid),
    frameworkId: frameworkId && FrameworkId(frameworkId.value),
    operation: operation?.value,
    status: status.value,
  });
}

function fromExecutorRecord(key: CheckpointKey, message: ExecutorRecord): Result<CheckpointRecord> {
  const frameworkId = message.executor?.frameworkId?.value;
  if (message.executor === undefined || !frameworkId) return damaged(key, "executor.framework_id is missing");
  if (!message.containerId) return damaged(key, "container_id is missing");
  const executor = toExecutorToRun(FrameworkId(frameworkId), message.executor);
  if (!executor.ok) return damaged(key, executor.refusal.message);
  return succeed({
    kind: "executor",
    frameworkId: FrameworkId(frameworkId),
    executor: executor.value,
    containerId: ContainerId(message.containerId),
    hadTask: message.hadTask ?? false,
    isShuttingDown: message.isShuttingDown ?? false,
  });
}

function fromTaskRecord(key: CheckpointKey, message: TaskRecord): Result<CheckpointRecord> {
  if (message.framework === undefined || message.task === undefined) return damaged(key, "framework or task is missing");
  if (!message.containerId) return damaged(key, "container_id is missing");
  const latestState = readTaskState(message.latestState ?? -1);
  if (latestState === undefined) return damaged(key, `latest_state ${message.latestState} is unknown`);
  const { groupId } = message;
  if (groupId !== undefined && groupId.length !== 16) return damaged(key, `group_id has ${groupId.length} bytes`);
  const task = toTaskToRun(message.framework, message.task, { isInGroup: groupId !== undefined });
  if (!task.ok) return damaged(key, task.refusal.message);
  const updates = fromUpdates(key, message.updates);
  if (!updates.ok) return updates;
  return succeed({
    kind: "task",
    task: task.value,
    containerId: ContainerId(message.containerId),
    kill: message.kill && { graceMs: Number(message.kill.graceMs ?? 0n), isOverdue: message.kill.isOverdue ?? false },
    latestState,
    updates: updates.value,
    settledUuids: message.settledUuids.map(uuidFromBytes),
    groupId: groupId === undefined ? undefined : uuidFromBytes(groupId),
    startedWallMs: message.startedAtMs === undefined ? undefined : Number(message.startedAtMs),
    checked: {
      ...(message.healthy === undefined ? {} : { healthy: message.healthy }),
      ...(message.checkStatus === undefined ? {} : { checkStatus: message.checkStatus }),
    },
  });
}

function fromUpdates(key: CheckpointKey, messages: readonly TaskStatusMessage[]): Result<TaskStatus[]> {
  const updates: TaskStatus[] = [];
  for (const [index, message] of messages.entries()) {
    const status = readTaskStatus(message);
    if (status?.uuid === undefined) return damaged(key, `updates[${index}] is not a reliable update`);
    updates.push(status);
  }
  return succeed(updates);
}

function damaged(key: CheckpointKey, reason: string): { ok: false; refusal: { code: "FAILED_PRECONDITION"; message: string } } {
  return { ok: false, refusal: { code: "FAILED_PRECONDITION", message: `checkpoint record ${key} is damaged: ${reason}` } };
}
