/** What the master says to the agent: bytes of AgentLink as messages for the core, or the reason why they are none. */

import { schema } from "../../common/contract-schema.ts";
import { AgentId, ExecutorId, FrameworkId, idProblem, TaskId, uuidFromBytes } from "../../common/ids.ts";
import { type Refusal, type Result, refuse, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import type { ExecutorID, FrameworkID, TaskID } from "../../protos/gen/mesos/v1/mesos.ts";
import {
  type AcknowledgeUpdate,
  type AgentRegistered,
  type AgentReregistered,
  type DrainOrder,
  type KillTask,
  type MasterMessage,
  MasterMessages,
  type RunTask,
  type TaskKey as WireTaskKey,
} from "../../protos/gen/tepui/v1/agent_link.ts";
import type { ExecutorKey } from "../core/executor-message.ts";
import type { MasterToAgent, TaskKey } from "../core/master-message.ts";
import { decodeAcknowledgeOperation, decodeApplyOperation, toOperationKeys } from "./decode-operation.ts";
import { decodeRunTaskGroup } from "./decode-task-group.ts";
import { linkLimits } from "./limits.ts";
import { toMilliseconds, toTaskToRun } from "./task-to-run.ts";

/** One flush of messages, in order; refused as a whole when one of them cannot be understood. */
export function decodeMasterMessages(bytes: Uint8Array): Result<MasterToAgent[]> {
  const problem = checkMessage(schema, "tepui.v1.MasterMessages", bytes, linkLimits);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const flush = MasterMessages.decode(bytes);
  const messages: MasterToAgent[] = [];
  for (const [index, message] of flush.messages.entries()) {
    const decoded = fromWire(message);
    if (!decoded.ok) return refuse(decoded.refusal.code, `messages[${index}].${decoded.refusal.message}`);
    messages.push(decoded.value);
  }
  return succeed(messages);
}

function fromWire({ message }: MasterMessage): Result<MasterToAgent> {
  switch (message?.$case) {
    case "registered":
      return registered(message.registered);
    case "reregistered":
      return reregistered(message.reregistered);
    case "refuse":
      return succeed({ kind: "refuse", reason: message.refuse.reason || "no reason given" });
    case "unregistered":
      return withAgentId("unregistered", message.unregistered.agentId?.value, (agentId) => succeed({ kind: "unregistered", agentId }));
    case "runTask":
      return runTask(message.runTask);
    case "runTaskGroup":
      return decodeRunTaskGroup(message.runTaskGroup);
    case "killTask":
      return killTask(message.killTask);
    case "acknowledge":
      return acknowledge(message.acknowledge);
    case "applyOperation":
      return decodeApplyOperation(message.applyOperation);
    case "acknowledgeOperation":
      return decodeAcknowledgeOperation(message.acknowledgeOperation);
    case "drain":
      return decodeDrain(message.drain);
    case "endDrain":
      return succeed({ kind: "endDrain" });
    case "shutdownFramework":
      return withFrameworkId("shutdown_framework.framework_id", message.shutdownFramework.frameworkId, (frameworkId) =>
        succeed({ kind: "shutdownFramework", frameworkId }),
      );
    case "shutdownExecutor": {
      const key = toExecutorKey("shutdown_executor", message.shutdownExecutor);
      return key.ok ? succeed({ kind: "shutdownExecutor", ...key.value }) : key;
    }
    case "messageToExecutor": {
      const key = toExecutorKey("message_to_executor", message.messageToExecutor);
      const data = message.messageToExecutor.data ?? new Uint8Array();
      return key.ok ? succeed({ kind: "messageToExecutor", ...key.value, data }) : key;
    }
    case "updateFramework": {
      const { framework, sameScheduler = false } = message.updateFramework;
      if (framework === undefined) return refuse("INVALID_ARGUMENT", "update_framework.framework must be set");
      return withFrameworkId("update_framework.framework.id", framework.id, (frameworkId) =>
        succeed({ kind: "updateFramework", frameworkId, framework, sameScheduler }),
      );
    }
    case "ping": {
      const number = whole("ping.number", message.ping.number);
      return number.ok ? succeed({ kind: "ping", number: number.value, connected: message.ping.connected ?? false }) : number;
    }
    case undefined:
      return refuse("INVALID_ARGUMENT", "message must be one that this agent knows");
  }
}

function registered({ agentId, pingTimeoutMs }: AgentRegistered): Result<MasterToAgent> {
  return withAgentId("registered", agentId?.value, (id) => {
    const timeoutMs = positive("registered.ping_timeout_ms", pingTimeoutMs);
    return timeoutMs.ok ? succeed({ kind: "registered", agentId: id, pingTimeoutMs: timeoutMs.value }) : timeoutMs;
  });
}

function reregistered({ agentId, pingTimeoutMs, reconcile, reconcileOperations }: AgentReregistered): Result<MasterToAgent> {
  return withAgentId("reregistered", agentId?.value, (id) => {
    const timeoutMs = positive("reregistered.ping_timeout_ms", pingTimeoutMs);
    if (!timeoutMs.ok) return timeoutMs;
    const keys: TaskKey[] = [];
    for (const [index, key] of reconcile.entries()) {
      const decoded = toTaskKey(`reregistered.reconcile[${index}]`, key);
      if (!decoded.ok) return decoded;
      keys.push(decoded.value);
    }
    const operations = toOperationKeys("reregistered.reconcile_operations", reconcileOperations);
    if (!operations.ok) return operations;
    return succeed({
      kind: "reregistered",
      agentId: id,
      pingTimeoutMs: timeoutMs.value,
      reconcile: keys,
      reconcileOperations: operations.value,
    });
  });
}

function runTask({ framework, task, launchExecutor }: RunTask): Result<MasterToAgent> {
  if (framework === undefined) return refuse("INVALID_ARGUMENT", "run_task.framework must be set");
  if (task === undefined) return refuse("INVALID_ARGUMENT", "run_task.task must be set");
  const decoded = toTaskToRun(framework, task);
  if (!decoded.ok) return prefixed("run_task", decoded.refusal);
  return succeed({
    kind: "runTask",
    task: { ...decoded.value, ...(launchExecutor === undefined ? {} : { launchesExecutor: launchExecutor }) },
  });
}

function killTask(message: KillTask): Result<MasterToAgent> {
  const key = toTaskKey("kill_task", message);
  if (!key.ok) return key;
  const nanoseconds = message.killPolicy?.gracePeriod?.nanoseconds;
  return succeed({ kind: "killTask", ...key.value, graceMs: nanoseconds === undefined ? undefined : toMilliseconds(nanoseconds) });
}

function acknowledge(message: AcknowledgeUpdate): Result<MasterToAgent> {
  const key = toTaskKey("acknowledge", message);
  if (!key.ok) return key;
  const length = message.uuid?.length ?? 0;
  if (message.uuid === undefined || length !== 16) return refuse("INVALID_ARGUMENT", `acknowledge.uuid must have 16 bytes, has ${length}`);
  const { frameworkId, taskId } = key.value;
  return succeed({ kind: "acknowledge", frameworkId, taskId, uuid: uuidFromBytes(message.uuid) });
}

function toTaskKey(path: string, { frameworkId, taskId, partitionAware }: WireTaskKey): Result<TaskKey> {
  return withFrameworkId(`${path}.framework_id`, frameworkId, (id) => {
    const problem = idProblem(taskId?.value ?? "");
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `${path}.task_id ${problem}`);
    return succeed({ frameworkId: id, taskId: TaskId(taskId?.value ?? ""), partitionAware });
  });
}

interface WireExecutorKey {
  readonly frameworkId?: FrameworkID | undefined;
  readonly executorId?: ExecutorID | undefined;
}

function toExecutorKey(path: string, { frameworkId, executorId }: WireExecutorKey): Result<ExecutorKey> {
  return withFrameworkId(`${path}.framework_id`, frameworkId, (id) => {
    const problem = idProblem(executorId?.value ?? "");
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `${path}.executor_id ${problem}`);
    return succeed({ frameworkId: id, executorId: ExecutorId(executorId?.value ?? "") });
  });
}

function withFrameworkId<T>(path: string, id: FrameworkID | TaskID | undefined, then: (id: FrameworkId) => Result<T>): Result<T> {
  const problem = idProblem(id?.value ?? "");
  return problem === undefined ? then(FrameworkId(id?.value ?? "")) : refuse("INVALID_ARGUMENT", `${path} ${problem}`);
}

function withAgentId<T>(path: string, id: string | undefined, then: (id: AgentId) => Result<T>): Result<T> {
  const problem = idProblem(id ?? "");
  return problem === undefined ? then(AgentId(id ?? "")) : refuse("INVALID_ARGUMENT", `${path}.agent_id ${problem}`);
}

function decodeDrain({ maxGraceMs, markGone = false }: DrainOrder): Result<MasterToAgent> {
  if (maxGraceMs === undefined) return succeed({ kind: "drain", maxGraceMs: undefined, markGone });
  const grace = whole("drain.max_grace_ms", maxGraceMs);
  return grace.ok ? succeed({ kind: "drain", maxGraceMs: grace.value, markGone }) : grace;
}

function positive(path: string, value: bigint | undefined): Result<number> {
  const number = whole(path, value);
  if (!number.ok || number.value >= 1) return number;
  return refuse("INVALID_ARGUMENT", `${path} must be at least 1, is ${number.value}`);
}

/** A number that survives the way into JavaScript and back. */
function whole(path: string, value: bigint | undefined): Result<number> {
  if (value === undefined || value <= Number.MAX_SAFE_INTEGER) return succeed(Number(value ?? 0n));
  return refuse("INVALID_ARGUMENT", `${path} must be at most ${Number.MAX_SAFE_INTEGER}, is ${value}`);
}

function prefixed(path: string, refusal: Refusal): Result<never> {
  return refuse(refusal.code, `${path}.${refusal.message}`);
}
