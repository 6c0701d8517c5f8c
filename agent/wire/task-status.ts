/** The agent's TaskStatus as mesos.v1.TaskStatus and back. */

import { AgentId, ContainerId, ExecutorId, TaskId, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import { type TaskState, taskStates } from "../../common/task-state.ts";
import type { StatusReason, StatusSource, TaskStatus } from "../../common/task-status.ts";
import {
  TaskStatus as TaskStatusMessage,
  TaskStatus_Reason as WireReason,
  TaskStatus_Source as WireSource,
  TaskState as WireTaskState,
} from "../../protos/gen/mesos/v1/mesos.ts";

const statesByNumber: ReadonlyMap<number, TaskState> = new Map(taskStates.map((state) => [WireTaskState[state], state]));
const sources = ["SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR"] as const satisfies readonly StatusSource[];
const sourcesByNumber: ReadonlyMap<number, StatusSource> = new Map(sources.map((source) => [WireSource[source], source]));
const reasons = Object.keys({
  REASON_AGENT_DISCONNECTED: true,
  REASON_AGENT_REMOVED: true,
  REASON_AGENT_REREGISTERED: true,
  REASON_AGENT_RESTARTED: true,
  REASON_COMMAND_EXECUTOR_FAILED: true,
  REASON_CONTAINER_LAUNCH_FAILED: true,
  REASON_EXECUTOR_TERMINATED: true,
  REASON_FRAMEWORK_REMOVED: true,
  REASON_INVALID_OFFERS: true,
  REASON_RECONCILIATION: true,
  REASON_TASK_INVALID: true,
  REASON_TASK_KILLED_DURING_LAUNCH: true,
} satisfies Record<StatusReason, true>) as StatusReason[];
const reasonsByNumber: ReadonlyMap<number, StatusReason> = new Map(reasons.map((reason) => [WireReason[reason], reason]));

export function toWireState(state: TaskState): WireTaskState {
  return WireTaskState[state];
}

/** The state with a number of the wire, or undefined when there is none. */
export function fromWireState(state: number): TaskState | undefined {
  return statesByNumber.get(state);
}

export function toWireStatus(status: TaskStatus): TaskStatusMessage {
  return TaskStatusMessage.fromPartial({
    taskId: { value: status.taskId },
    state: WireTaskState[status.state],
    source: WireSource[status.source],
    timestamp: status.timestampMs / 1000,
    ...(status.uuid === undefined ? {} : { uuid: uuidToBytes(status.uuid) }),
    ...(status.message === undefined ? {} : { message: status.message }),
    ...(status.reason === undefined ? {} : { reason: WireReason[status.reason] }),
    ...(status.agentId === undefined ? {} : { agentId: { value: status.agentId } }),
    ...(status.executorId === undefined ? {} : { executorId: { value: status.executorId } }),
    ...(status.containerId === undefined ? {} : { containerStatus: { containerId: { value: status.containerId } } }),
  });
}

/** The status that this agent once wrote, or undefined when it is none: an unknown state, a missing task id. */
export function fromWireStatus(message: TaskStatusMessage): TaskStatus | undefined {
  const state = fromWireState(message.state);
  const source = sourcesByNumber.get(message.source ?? WireSource.SOURCE_MASTER);
  if (state === undefined || source === undefined || message.taskId === undefined) return undefined;
  const containerId = message.containerStatus?.containerId?.value;
  return {
    taskId: TaskId(message.taskId.value),
    agentId: message.agentId === undefined ? undefined : AgentId(message.agentId.value),
    executorId: message.executorId === undefined ? undefined : ExecutorId(message.executorId.value),
    containerId: containerId === undefined ? undefined : ContainerId(containerId),
    state,
    source,
    reason: message.reason === undefined ? undefined : reasonsByNumber.get(message.reason),
    message: message.message,
    uuid: message.uuid?.length === 16 ? uuidFromBytes(message.uuid) : undefined,
    timestampMs: Math.round((message.timestamp ?? 0) * 1000),
  };
}
