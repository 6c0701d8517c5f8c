/** What passes between an agent and its master over AgentLink, as the agent's core sees it. */

import type { AgentId, FrameworkId, OperationId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { TaskStatus } from "../../common/task-status.ts";
import type { FrameworkInfo, Resource, TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";

export interface TaskKey {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Whether the framework knows the finer states of loss, where the master says so. */
  readonly partitionAware?: boolean | undefined;
}

/** How to run a command task; decoded from TaskInfo.command. */
export interface CommandDescription {
  /** True: `value` goes to /bin/sh -c. False: `value` is the program and `arguments` its argv, argv[0] included. */
  readonly shell: boolean;
  readonly value: string;
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
}

/** A persistent volume on an agent. */
export interface VolumeKey {
  readonly role: string;
  readonly id: string;
}

/** Where in the sandbox a task sees a volume. */
export interface TaskVolume extends VolumeKey {
  readonly containerPath: string;
}

/** Names an operation in the cluster; the master made the uuid, the framework the id. */
export interface OperationKey {
  readonly uuid: Uuid;
  readonly frameworkId: FrameworkId;
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
  /** Undefined when this agent cannot run the task; `problem` says why. */
  readonly command: CommandDescription | undefined;
  readonly problem: string | undefined;
  /** The task's own grace between SIGTERM and SIGKILL; 3 s when absent. */
  readonly killGraceMs: number;
  /** Persistent volumes among the task's resources. */
  readonly volumes: readonly TaskVolume[];
  readonly info: TaskInfo;
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
  | ({ readonly kind: "killTask"; readonly graceMs: number | undefined } & TaskKey)
  | { readonly kind: "acknowledge"; readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly uuid: Uuid }
  | {
      readonly kind: "applyOperation";
      readonly key: OperationKey;
      readonly operation: ResourceOperation;
      readonly resourceVersion: Uuid | undefined;
    }
  | { readonly kind: "acknowledgeOperation"; readonly uuid: Uuid; readonly statusUuid: Uuid }
  | { readonly kind: "shutdownFramework"; readonly frameworkId: FrameworkId }
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
  readonly name: string;
  /** As the task's TaskInfo had them. */
  readonly resources: readonly Resource[];
  readonly state: TaskState;
  readonly statusUpdateState: TaskState | undefined;
  readonly statusUpdateUuid: Uuid | undefined;
}

export type AgentToMaster =
  | { readonly kind: "register"; readonly holdings: Holdings }
  | {
      readonly kind: "reregister";
      readonly agentId: AgentId;
      readonly frameworks: readonly FrameworkInfo[];
      readonly tasks: readonly ReportedTask[];
      readonly holdings: Holdings;
    }
  /** Everything is being killed; `unregister` follows when it is dead. */
  | { readonly kind: "leaving"; readonly agentId: AgentId }
  | { readonly kind: "unregister"; readonly agentId: AgentId; readonly alive: readonly TaskKey[] }
  | { readonly kind: "statusUpdate"; readonly frameworkId: FrameworkId; readonly status: TaskStatus; readonly latestState: TaskState }
  | ({ readonly kind: "operationUpdate" } & OperationUpdate)
  | { readonly kind: "pong"; readonly number: number };
