/** What is said of a task at one moment: the domain form of mesos.v1.TaskStatus. */

import type { TaskStatus as MesosTaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import type { AgentId, ContainerId, ExecutorId, TaskId, Uuid } from "./ids.ts";
import type { TaskState } from "./task-state.ts";

export type StatusSource = "SOURCE_MASTER" | "SOURCE_AGENT" | "SOURCE_EXECUTOR";

/** Reasons that tepui gives itself; the names are those of mesos.v1.TaskStatus.Reason. */
export type StatusReason =
  | "REASON_AGENT_DISCONNECTED"
  | "REASON_AGENT_DRAINING"
  | "REASON_AGENT_REMOVED"
  | "REASON_AGENT_REMOVED_BY_OPERATOR"
  | "REASON_AGENT_REREGISTERED"
  | "REASON_AGENT_RESTARTED"
  | "REASON_COMMAND_EXECUTOR_FAILED"
  | "REASON_CONTAINER_LAUNCH_FAILED"
  | "REASON_CONTAINER_LIMITATION_DISK"
  | "REASON_CONTAINER_LIMITATION_MEMORY"
  | "REASON_EXECUTOR_REGISTRATION_TIMEOUT"
  | "REASON_EXECUTOR_REREGISTRATION_TIMEOUT"
  | "REASON_EXECUTOR_TERMINATED"
  | "REASON_FRAMEWORK_REMOVED"
  | "REASON_INVALID_OFFERS"
  | "REASON_MAX_COMPLETION_TIME_REACHED"
  | "REASON_RECONCILIATION"
  | "REASON_TASK_CHECK_STATUS_UPDATED"
  | "REASON_TASK_GROUP_INVALID"
  | "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
  | "REASON_TASK_INVALID"
  | "REASON_TASK_KILLED_DURING_LAUNCH";

/** What an executor may say beside the fields below, a reason of its own included; passed on as it came. */
export type TaskStatusExtra = Pick<
  MesosTaskStatus,
  "data" | "reason" | "healthy" | "checkStatus" | "labels" | "containerStatus" | "limitation"
>;

/** What the checks of a task found last; every later status of it says so again. */
export type Checked = Pick<TaskStatusExtra, "healthy" | "checkStatus">;

export interface TaskStatus {
  readonly taskId: TaskId;
  readonly agentId?: AgentId | undefined;
  readonly executorId?: ExecutorId | undefined;
  readonly containerId?: ContainerId | undefined;
  readonly state: TaskState;
  readonly source: StatusSource;
  readonly reason?: StatusReason | undefined;
  readonly message?: string | undefined;
  /** Present when the update is retried until it is acknowledged; absent when it must not be acknowledged. */
  readonly uuid?: Uuid | undefined;
  /** Unix time in milliseconds at which the state was reached. */
  readonly timestampMs: number;
  /** Unix time in milliseconds since when the agent has been unreachable. */
  readonly unreachableAtMs?: number | undefined;
  readonly extra?: TaskStatusExtra | undefined;
}
