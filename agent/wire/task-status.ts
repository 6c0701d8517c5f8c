/** Reads back the TaskStatus that an agent once wrote. */

import { readContainerId } from "../../common/container-id.ts";
import { AgentId, ExecutorId, TaskId, uuidFromBytes } from "../../common/ids.ts";
import { readTaskState } from "../../common/mesos-task-status.ts";
import type { StatusReason, StatusSource, TaskStatus, TaskStatusExtra } from "../../common/task-status.ts";
import {
  TaskStatus_Reason as MesosReason,
  TaskStatus_Source as MesosSource,
  type TaskStatus as MesosTaskStatus,
} from "../../protos/gen/mesos/v1/mesos.ts";

const sources = ["SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR"] as const satisfies readonly StatusSource[];
const sourcesByNumber: ReadonlyMap<number, StatusSource> = new Map(sources.map((source) => [MesosSource[source], source]));
const reasons = Object.keys({
  REASON_AGENT_DISCONNECTED: true,
  REASON_AGENT_DRAINING: true,
  REASON_AGENT_REMOVED: true,
  REASON_AGENT_REMOVED_BY_OPERATOR: true,
  REASON_AGENT_REREGISTERED: true,
  REASON_AGENT_RESTARTED: true,
  REASON_COMMAND_EXECUTOR_FAILED: true,
  REASON_CONTAINER_LAUNCH_FAILED: true,
  REASON_CONTAINER_LIMITATION_DISK: true,
  REASON_CONTAINER_LIMITATION_MEMORY: true,
  REASON_EXECUTOR_REGISTRATION_TIMEOUT: true,
  REASON_EXECUTOR_REREGISTRATION_TIMEOUT: true,
  REASON_EXECUTOR_TERMINATED: true,
  REASON_FRAMEWORK_REMOVED: true,
  REASON_INVALID_OFFERS: true,
  REASON_MAX_COMPLETION_TIME_REACHED: true,
  REASON_RECONCILIATION: true,
  REASON_TASK_CHECK_STATUS_UPDATED: true,
  REASON_TASK_GROUP_INVALID: true,
  REASON_TASK_HEALTH_CHECK_STATUS_UPDATED: true,
  REASON_TASK_INVALID: true,
  REASON_TASK_KILLED_DURING_LAUNCH: true,
} satisfies Record<StatusReason, true>) as StatusReason[];
const reasonsByNumber: ReadonlyMap<number, StatusReason> = new Map(reasons.map((reason) => [MesosReason[reason], reason]));

/** The status, or undefined when an agent writes none such: an unknown state or source, no task id. */
export function readTaskStatus(message: MesosTaskStatus): TaskStatus | undefined {
  const state = readTaskState(message.state);
  const source = message.source === undefined ? undefined : sourcesByNumber.get(message.source);
  if (state === undefined || source === undefined || message.taskId === undefined) return undefined;
  const containerId = message.containerStatus?.containerId;
  const extra = readExtra(message);
  return {
    taskId: TaskId(message.taskId.value),
    agentId: message.agentId === undefined ? undefined : AgentId(message.agentId.value),
    executorId: message.executorId === undefined ? undefined : ExecutorId(message.executorId.value),
    containerId: containerId === undefined ? undefined : readContainerId(containerId),
    state,
    source,
    reason: readReason(message.reason),
    message: message.message,
    uuid: message.uuid?.length === 16 ? uuidFromBytes(message.uuid) : undefined,
    timestampMs: Math.round((message.timestamp ?? 0) * 1000),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** The reason, where it is one that tepui gives itself. */
export function readReason(number: number | undefined): StatusReason | undefined {
  return number === undefined ? undefined : reasonsByNumber.get(number);
}

/** What is passed on as it came; undefined when there is nothing of that. */
export function readExtra(message: MesosTaskStatus): TaskStatusExtra | undefined {
  const { data, reason, healthy, checkStatus, labels, limitation, containerStatus } = message;
  const isKnownReason = reason === undefined || reasonsByNumber.has(reason);
  const hasStatus = containerStatus !== undefined && (containerStatus.networkInfos.length > 0 || containerStatus.executorPid !== undefined);
  const extra: TaskStatusExtra = {
    ...(data === undefined ? {} : { data }),
    ...(isKnownReason ? {} : { reason }),
    ...(healthy === undefined ? {} : { healthy }),
    ...(checkStatus === undefined ? {} : { checkStatus }),
    ...(labels === undefined ? {} : { labels }),
    ...(limitation === undefined ? {} : { limitation }),
    ...(hasStatus ? { containerStatus } : {}),
  };
  return Object.keys(extra).length === 0 ? undefined : extra;
}
