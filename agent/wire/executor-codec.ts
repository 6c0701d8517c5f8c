/**
 * The edge of the executor API: bytes of a mesos.v1.executor.Call become a valid call or a reason to tell the executor, and what the
 * core tells it becomes bytes of a mesos.v1.executor.Event. Never throws, whatever the bytes.
 */

import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { ExecutorId, FrameworkId, idProblem, TaskId, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import { readTaskState } from "../../common/mesos-task-status.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import { Call, Call_Type as CallType, Event, Event_Type as EventType } from "../../protos/gen/mesos/v1/executor/executor.ts";
import { TaskStatus_Source as MesosSource, type TaskStatus as TaskStatusMessage } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ExecutorCall, ExecutorEvent, ExecutorKey, ExecutorSubscription, ExecutorUpdate } from "../core/executor-message.ts";
import type { AgentSelf } from "./encode.ts";
import { executorCallLimits, subscriptionUpdatesMax } from "./limits.ts";
import { readExtra, readReason } from "./task-status.ts";

export type DecodedExecutorCall =
  | { readonly kind: "subscribe"; readonly subscription: ExecutorSubscription }
  | ({ readonly kind: "call"; readonly call: ExecutorCall } & ExecutorKey);

/** Reads a call. Refusals: INVALID_ARGUMENT with field, rule and value. */
export function decodeExecutorCall(bytes: Uint8Array): Result<DecodedExecutorCall> {
  const problem = checkMessage(schema, "mesos.v1.executor.Call", bytes, executorCallLimits);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const call = Call.decode(bytes);
  const idRule = findIdProblem("executor_id", call.executorId?.value) ?? findIdProblem("framework_id", call.frameworkId?.value);
  if (idRule !== undefined) return refuse("INVALID_ARGUMENT", idRule);
  const key: ExecutorKey = {
    frameworkId: FrameworkId(call.frameworkId?.value ?? ""),
    executorId: ExecutorId(call.executorId?.value ?? ""),
  };
  switch (call.type) {
    case CallType.SUBSCRIBE:
      return decodeSubscribe(call, key);
    case CallType.UPDATE: {
      if (call.update?.status === undefined) return refuse("INVALID_ARGUMENT", "update.status must be set");
      const update = decodeUpdate(call.update.status, key, "update.status");
      return update.ok ? succeed({ kind: "call", ...key, call: { kind: "update", update: update.value } }) : update;
    }
    case CallType.MESSAGE:
      if (call.message === undefined) return refuse("INVALID_ARGUMENT", "message must be set");
      return succeed({ kind: "call", ...key, call: { kind: "message", data: call.message.data } });
    case CallType.HEARTBEAT:
      return succeed({ kind: "call", ...key, call: { kind: "heartbeat" } });
    default:
      return refuse("INVALID_ARGUMENT", "type must be SUBSCRIBE, UPDATE, MESSAGE or HEARTBEAT");
  }
}

function decodeSubscribe({ subscribe }: Call, key: ExecutorKey): Result<DecodedExecutorCall> {
  if (subscribe === undefined) return refuse("INVALID_ARGUMENT", "subscribe must be set");
  const { unacknowledgedUpdates, unacknowledgedTasks } = subscribe;
  const count = Math.max(unacknowledgedUpdates.length, unacknowledgedTasks.length);
  if (count > subscriptionUpdatesMax) {
    return refuse("INVALID_ARGUMENT", `lists of subscribe must have at most ${subscriptionUpdatesMax} entries, one has ${count}`);
  }
  const updates: ExecutorUpdate[] = [];
  for (const [index, { status }] of unacknowledgedUpdates.entries()) {
    const path = `subscribe.unacknowledged_updates[${index}].status`;
    if (status === undefined) return refuse("INVALID_ARGUMENT", `${path} must be set`);
    const update = decodeUpdate(status, key, path);
    if (!update.ok) return update;
    updates.push(update.value);
  }
  const taskIds: TaskId[] = [];
  for (const [index, task] of unacknowledgedTasks.entries()) {
    const rule = findIdProblem(`subscribe.unacknowledged_tasks[${index}].task_id`, task.taskId?.value);
    if (rule !== undefined) return refuse("INVALID_ARGUMENT", rule);
    taskIds.push(TaskId(task.taskId?.value ?? ""));
  }
  return succeed({ kind: "subscribe", subscription: { ...key, updates, taskIds } });
}

const uuidBytes = 16;

function decodeUpdate(status: TaskStatusMessage, { executorId }: ExecutorKey, path: string): Result<ExecutorUpdate> {
  const idRule = findIdProblem(`${path}.task_id`, status.taskId?.value);
  if (idRule !== undefined) return refuse("INVALID_ARGUMENT", idRule);
  const state = readTaskState(status.state);
  if (state === undefined) return refuse("INVALID_ARGUMENT", `${path}.state must be a known state, is ${status.state}`);
  if (state === "TASK_STAGING") return refuse("INVALID_ARGUMENT", `${path}.state must not be TASK_STAGING`);
  if (status.source !== MesosSource.SOURCE_EXECUTOR) return refuse("INVALID_ARGUMENT", `${path}.source must be SOURCE_EXECUTOR`);
  if (status.executorId !== undefined && status.executorId.value !== executorId) {
    return refuse("INVALID_ARGUMENT", `${path}.executor_id must be ${executorId}, is ${status.executorId.value}`);
  }
  const length = status.uuid?.length ?? 0;
  if (status.uuid === undefined || length !== uuidBytes) {
    return refuse("INVALID_ARGUMENT", `${path}.uuid must have ${uuidBytes} bytes, has ${length}`);
  }
  const { timestamp } = status;
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    return refuse("INVALID_ARGUMENT", `${path}.timestamp must be a number of seconds, is ${timestamp}`);
  }
  return succeed({
    taskId: TaskId(status.taskId?.value ?? ""),
    uuid: uuidFromBytes(status.uuid),
    state,
    reason: readReason(status.reason),
    message: status.message,
    timestampMs: timestamp === undefined ? undefined : Math.round(timestamp * 1_000),
    extra: readExtra(status),
  });
}

function findIdProblem(path: string, id: string | undefined): string | undefined {
  const rule = idProblem(id ?? "");
  return rule === undefined ? undefined : `${path} ${rule}`;
}

/** Bytes of one event; `self` is what the agent says of itself. */
export function encodeExecutorEvent(event: ExecutorEvent, { info }: AgentSelf): Uint8Array {
  return encodeMessage(Event, toEvent(event, info));
}

function toEvent(event: ExecutorEvent, info: AgentSelf["info"]): Event {
  switch (event.kind) {
    case "subscribed": {
      const { agentId, executor: executorInfo, framework: frameworkInfo, containerId } = event;
      const agentInfo = { ...info, id: agentId === undefined ? undefined : { value: agentId } };
      return { type: EventType.SUBSCRIBED, subscribed: { executorInfo, frameworkInfo, agentInfo, containerId: { value: containerId } } };
    }
    case "launch":
      return { type: EventType.LAUNCH, launch: { task: event.task } };
    case "launchGroup":
      return { type: EventType.LAUNCH_GROUP, launchGroup: { taskGroup: { tasks: [...event.tasks] } } };
    case "kill": {
      const { taskId, graceMs } = event;
      const killPolicy = graceMs === undefined ? undefined : { gracePeriod: { nanoseconds: BigInt(Math.round(graceMs)) * 1_000_000n } };
      return { type: EventType.KILL, kill: { taskId: { value: taskId }, killPolicy } };
    }
    case "acknowledged":
      return { type: EventType.ACKNOWLEDGED, acknowledged: { taskId: { value: event.taskId }, uuid: uuidToBytes(event.uuid) } };
    case "message":
      return { type: EventType.MESSAGE, message: { data: event.data } };
    case "shutdown":
      return { type: EventType.SHUTDOWN };
    case "heartbeat":
      return { type: EventType.HEARTBEAT };
  }
}
