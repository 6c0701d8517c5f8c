/** What passes between the master and an agent over AgentLink, as the master's core sees it. */

import type { AgentId, ExecutorId, FrameworkId, OperationId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskLimits } from "../../common/task-limits.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Checked } from "../../common/task-status.ts";
import type {
  AgentInfo,
  AgentInfo_Capability_Type,
  ExecutorInfo,
  FrameworkInfo,
  TaskInfo,
  TaskStatus,
} from "../../protos/gen/mesos/v1/mesos.ts";
import type { FrameworkDescription } from "./calls/call.ts";

/** What the master reads of an AgentInfo; `info` is the message itself. */
export interface AgentDescription {
  readonly hostname: string;
  /** The agent's total, unallocated. */
  readonly resources: Resources;
  readonly version: string;
  readonly info: AgentInfo;
  /** Where its link comes from, as `canonicalIp` spells it; the agent does not say it. */
  readonly ip?: string | undefined;
  /** What the agent has to bring whenever it speaks for its id; unknown of one that a master before this rule admitted. */
  readonly credential?: Uuid | undefined;
  /** It says them whenever it registers. */
  readonly capabilities?: readonly AgentInfo_Capability_Type[] | undefined;
}

/** A task that a returning agent holds. */
export interface ReportedTask {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Of the executor that the framework brought for it. */
  readonly executorId?: ExecutorId | undefined;
  readonly name: string;
  /** With their allocation role. */
  readonly resources: Resources;
  /** The newest state that the agent knows. */
  readonly state: TaskState;
  /** The state and uuid of the update that waits for its acknowledgement, if one does. */
  readonly statusUpdateState: TaskState | undefined;
  readonly statusUpdateUuid: Uuid | undefined;
  /** What its checks found last; absent when nothing. */
  readonly checked?: Checked | undefined;
  /** Absent where it has none. */
  readonly limits?: TaskLimits | undefined;
}

export interface ExecutorKey {
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
}

/** An executor that a returning agent holds. */
export interface ReportedExecutor extends ExecutorKey {
  /** With their allocation role. */
  readonly resources: Resources;
  readonly info: ExecutorInfo;
}

export interface TaskKey {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Whether the framework has PARTITION_AWARE: an agent that does not know the framework has to answer in its words. */
  readonly partitionAware?: boolean | undefined;
}

/** Names an operation in the cluster; the master made the uuid, the framework the id. */
export interface OperationKey {
  readonly uuid: Uuid;
  /** Undefined for an operator's. */
  readonly frameworkId: FrameworkId | undefined;
  readonly operationId: OperationId | undefined;
}

export interface FrameworkOperationKey extends OperationKey {
  readonly frameworkId: FrameworkId;
}

/** An operation whose end nobody has acknowledged. */
export interface ReportedOperation {
  readonly key: OperationKey;
  readonly status: OperationStatus;
}

/** What operations made of an agent's resources. */
export interface AgentHoldings {
  /** With reservations and volumes; unallocated. */
  readonly total: Resources;
  /** Names this view; operations that are based on it carry it. */
  readonly resourceVersion: Uuid;
  readonly operations: readonly ReportedOperation[];
}

export type AgentToMaster =
  /** Without holdings nothing was reserved or created. */
  | { readonly kind: "register"; readonly agent: AgentDescription; readonly holdings?: AgentHoldings | undefined }
  | {
      readonly kind: "reregister";
      readonly agentId: AgentId;
      readonly agent: AgentDescription;
      readonly frameworks: readonly { readonly frameworkId: FrameworkId; readonly framework: FrameworkDescription }[];
      readonly tasks: readonly ReportedTask[];
      readonly holdings?: AgentHoldings | undefined;
      /** Absent where there are none. */
      readonly executors?: readonly ReportedExecutor[] | undefined;
    }
  /** The agent kills everything and will unregister when it is dead. */
  | { readonly kind: "leaving"; readonly agentId: AgentId }
  /** `alive`: tasks that were not seen dead when the agent left. */
  | {
      readonly kind: "unregister";
      readonly agentId: AgentId;
      readonly credential?: Uuid | undefined;
      readonly alive: readonly TaskKey[];
    }
  | {
      readonly kind: "statusUpdate";
      readonly frameworkId: FrameworkId;
      readonly taskId: TaskId;
      readonly state: TaskState;
      readonly uuid: Uuid;
      readonly latestState: TaskState;
      /** Forwarded to the scheduler as it came. */
      readonly status: TaskStatus;
    }
  | ({ readonly kind: "operationUpdate" } & ReportedOperation)
  /** As waitpid reports it; -1 when unknown. */
  | ({ readonly kind: "exitedExecutor"; readonly waitStatus: number } & ExecutorKey)
  | ({ readonly kind: "executorMessage"; readonly data: Uint8Array } & ExecutorKey)
  | { readonly kind: "pong"; readonly number: number };

export type MasterToAgent =
  | { readonly kind: "registered"; readonly agentId: AgentId; readonly pingTimeoutMs: number }
  | {
      readonly kind: "reregistered";
      readonly agentId: AgentId;
      readonly pingTimeoutMs: number;
      readonly reconcile: readonly TaskKey[];
      readonly reconcileOperations?: readonly OperationKey[];
    }
  | { readonly kind: "refuse"; readonly reason: string }
  | { readonly kind: "unregistered"; readonly agentId: AgentId }
  | {
      readonly kind: "runTask";
      readonly framework: FrameworkInfo;
      readonly task: TaskInfo;
      /** For a task with an executor: whether that is a new one. */
      readonly launchesExecutor?: boolean | undefined;
    }
  /** The tasks run in this executor, all or none. */
  | {
      readonly kind: "runTaskGroup";
      readonly framework: FrameworkInfo;
      readonly executor: ExecutorInfo;
      readonly launchesExecutor: boolean;
      readonly tasks: readonly TaskInfo[];
    }
  | ({ readonly kind: "shutdownExecutor" } & ExecutorKey)
  | ({ readonly kind: "messageToExecutor"; readonly data: Uint8Array } & ExecutorKey)
  | ({ readonly kind: "killTask"; readonly graceMs: number | undefined } & TaskKey)
  | { readonly kind: "acknowledge"; readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly uuid: Uuid }
  /** The operation's resources are not allocated. */
  | {
      readonly kind: "applyOperation";
      readonly key: OperationKey;
      readonly operation: ResourceOperation;
      readonly resourceVersion: Uuid | undefined;
    }
  | { readonly kind: "acknowledgeOperation"; readonly uuid: Uuid; readonly statusUuid: Uuid }
  /** Ends everything that runs, with the smaller of both graces, and takes nothing new. */
  | { readonly kind: "drain"; readonly maxGraceMs: number | undefined; readonly markGone: boolean }
  /** Nothing is to be drained; takes tasks again. */
  | { readonly kind: "endDrain" }
  | { readonly kind: "shutdownFramework"; readonly frameworkId: FrameworkId }
  /** `sameScheduler`: no new subscription, so that updates which wait need not be sent again. */
  | { readonly kind: "updateFramework"; readonly framework: FrameworkInfo; readonly sameScheduler: boolean }
  | { readonly kind: "ping"; readonly number: number; readonly connected: boolean };
