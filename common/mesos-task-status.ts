/** Between mesos.v1.TaskStatus and our own TaskStatus, and between the numbers and names of task states. */

import {
  TaskStatus_Reason as MesosReason,
  TaskStatus_Source as MesosSource,
  TaskState as MesosTaskState,
  type TaskStatus as MesosTaskStatus,
} from "../protos/gen/mesos/v1/mesos.ts";
import { writeContainerId } from "./container-id.ts";
import { uuidToBytes } from "./ids.ts";
import { type TaskState, taskStates } from "./task-state.ts";
import type { TaskStatus } from "./task-status.ts";

const statesByNumber: ReadonlyMap<number, TaskState> = new Map(taskStates.map((state) => [MesosTaskState[state], state]));

/** The state with this number on the wire, or undefined when there is none. */
export function readTaskState(number: number): TaskState | undefined {
  return statesByNumber.get(number);
}

export function writeTaskState(state: TaskState): MesosTaskState {
  return MesosTaskState[state];
}

export function writeTaskStatus(status: TaskStatus): MesosTaskStatus {
  const { executorId, containerId, uuid, unreachableAtMs, extra } = status;
  // Every field is there, undefined or not: messages of one form are encoded much faster than those of many.
  return {
    taskId: { value: status.taskId },
    state: MesosTaskState[status.state],
    message: status.message,
    source: MesosSource[status.source],
    reason: status.reason === undefined ? extra?.reason : MesosReason[status.reason],
    data: extra?.data,
    agentId: status.agentId === undefined ? undefined : { value: status.agentId },
    executorId: executorId === undefined ? undefined : { value: executorId },
    containerStatus:
      containerId === undefined ? undefined : { networkInfos: [], ...extra?.containerStatus, containerId: writeContainerId(containerId) },
    timestamp: status.timestampMs / 1000,
    uuid: uuid === undefined ? undefined : uuidToBytes(uuid),
    healthy: extra?.healthy,
    checkStatus: extra?.checkStatus,
    labels: extra?.labels,
    unreachableTime: unreachableAtMs === undefined ? undefined : { nanoseconds: BigInt(Math.round(unreachableAtMs)) * 1_000_000n },
    limitation: extra?.limitation,
  };
}
