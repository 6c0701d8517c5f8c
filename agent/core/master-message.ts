/** What passes between an agent and its master over AgentLink, as the agent's core sees it. */

import type { AgentId, ExecutorId, FrameworkId, OperationId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskLimits } from "../../common/task-limits.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Checked, TaskStatus } from "../../common/task-status.ts";
import type { ExecutorInfo, FrameworkInfo, Resource, TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { CheckSpec, HealthCheckSpec } from "./checks/check-spec.ts";
import type { CommandDescription, TaskVolume } from "./command-description.ts";
import type { ContainerLimits } from "./container-limits.ts";
import type { ContainerSetup } from "./container-setup.ts";
import type { Drain } from "./drain-order.ts";
import type { ExecutorKey, ExecutorToRun } from "./executor-message.ts";

export interface TaskKey {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Whether the framework knows the finer states of loss, where the master says so. */
  readonly partitionAware?: boolean | undefined;
}

/** Names an operation in the cluster; the master made the uuid, the framework the id. */
export interface OperationKey {
  readonly uuid: Uuid;
  /** Undefined for an operator's. */
  readonly frameworkId: FrameworkId | undefined;
  readonly operationId: OperationId | undefined;
}

/** What operations made of the agent's resources, and how those ended that nobody acknowledged. */
export interface Holdings {
  readonly created: Resources;
  readonly resourceVersion: Uuid;
  readonly operations: readonly OperationUpdate[];
}

export interface OperationUpdate {
  readonly key: OperationKey;
  readonly status: OperationStatus;
}

export interface TaskToRun {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly framework: FrameworkInfo;
  /** What the agent runs. Undefined when a program of the framework runs the task, or when nobody can; `problem` says why. */
  readonly command: CommandDescription | undefined;
  /** The executor of a task that has one. */
  readonly executor?: ExecutorToRun | undefined;
  /** Whether the master takes the executor for new; undefined where it does not say. */
  readonly launchesExecutor?: boolean | undefined;
  readonly problem: string | undefined;
  /** The task's own grace between SIGTERM and SIGKILL; 3 s when absent. */
  readonly killGraceMs: number;
  /** How the agent looks at the task while it runs; an executor of the framework sees to its tasks itself. */
  readonly check?: CheckSpec | undefined;
  readonly healthCheck?: HealthCheckSpec | undefined;
  /** How long the task may run; undefined for as long as it likes, or where its executor sees to it. */
  readonly maxCompletionMs?: number | undefined;
  /** Persistent volumes among the task's resources. */
  readonly volumes: readonly TaskVolume[];
  /** What its resources and limits let it use; absent for one that cannot be run. */
  readonly limits?: ContainerLimits | undefined;
  /** What its container asks for. */
  readonly setup?: ContainerSetup;
  readonly info: TaskInfo;
}

/** Tasks of one executor that are launched together or not at all. */
export interface TaskGroupToRun {
  readonly frameworkId: FrameworkId;
  readonly framework: FrameworkInfo;
  readonly executorId: ExecutorId;
  /** Undefined when one of the tasks, or the executor, cannot be run; `problem` says why. */
  readonly executor: ExecutorToRun | undefined;
  /** Whether the master takes the executor for new; undefined where it does not say. */
  readonly launchesExecutor?: boolean | undefined;
  readonly problem: string | undefined;
  /** At least one. */
  readonly tasks: readonly TaskToRun[];
}

export type MasterToAgent =
  | { readonly kind: "registered"; readonly agentId: AgentId; readonly pingTimeoutMs: number }
  | {
      readonly kind: "reregistered";
      readonly agentId: AgentId;
      readonly pingTimeoutMs: number;
      readonly reconcile: readonly TaskKey[];
      readonly reconcileOperations: readonly OperationKey[];
    }
  | { readonly kind: "refuse"; readonly reason: string }
  | { readonly kind: "unregistered"; readonly agentId: AgentId }
  | { readonly kind: "runTask"; readonly task: TaskToRun }
  | { readonly kind: "runTaskGroup"; readonly group: TaskGroupToRun }
  | ({ readonly kind: "killTask"; readonly graceMs: number | undefined } & TaskKey)
  | { readonly kind: "acknowledge"; readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly uuid: Uuid }
  | {
      readonly kind: "applyOperation";
      readonly key: OperationKey;
      readonly operation: ResourceOperation;
      readonly resourceVersion: Uuid | undefined;
    }
  | { readonly kind: "acknowledgeOperation"; readonly uuid: Uuid; readonly statusUuid: Uuid }
  | ({ readonly kind: "drain" } & Drain)
  | { readonly kind: "endDrain" }
  | { readonly kind: "shutdownFramework"; readonly frameworkId: FrameworkId }
  | ({ readonly kind: "shutdownExecutor" } & ExecutorKey)
  | ({ readonly kind: "messageToExecutor"; readonly data: Uint8Array } & ExecutorKey)
  | {
      readonly kind: "updateFramework";
      readonly frameworkId: FrameworkId;
      readonly framework: FrameworkInfo;
      readonly sameScheduler: boolean;
    }
  | { readonly kind: "ping"; readonly number: number; readonly connected: boolean };

export interface ReportedTask {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly executorId: ExecutorId | undefined;
  readonly name: string;
  /** As the task's TaskInfo had them. */
  readonly resources: readonly Resource[];
  readonly state: TaskState;
  readonly statusUpdateState: TaskState | undefined;
  readonly statusUpdateUuid: Uuid | undefined;
  readonly checked: Checked;
  /** As the task's TaskInfo had them. */
  readonly limits: TaskLimits;
}

export interface ExitedExecutor extends ExecutorKey {
  /** As waitpid reports it; -1 when unknown. */
  readonly waitStatus: number;
}

export type AgentToMaster =
  | { readonly kind: "register"; readonly credential: Uuid; readonly holdings: Holdings }
  | {
      readonly kind: "reregister";
      readonly agentId: AgentId;
      readonly credential: Uuid;
      readonly frameworks: readonly FrameworkInfo[];
      /** Those that have not ended, each with the id of its framework. */
      readonly executors: readonly ExecutorInfo[];
      readonly tasks: readonly ReportedTask[];
      readonly holdings: Holdings;
    }
  /** Everything is being killed; `unregister` follows when it is dead. */
  | { readonly kind: "leaving"; readonly agentId: AgentId }
  | { readonly kind: "unregister"; readonly agentId: AgentId; readonly credential: Uuid | undefined; readonly alive: readonly TaskKey[] }
  | { readonly kind: "statusUpdate"; readonly frameworkId: FrameworkId; readonly status: TaskStatus; readonly latestState: TaskState }
  | ({ readonly kind: "operationUpdate" } & OperationUpdate)
  | ({ readonly kind: "exitedExecutor" } & ExitedExecutor)
  | ({ readonly kind: "executorMessage"; readonly data: Uint8Array } & ExecutorKey)
  | { readonly kind: "pong"; readonly number: number };
