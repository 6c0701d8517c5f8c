/** What an agent keeps on disk, one record a key. `wire/checkpoint-codec.ts` turns records into bytes; a store keeps the bytes. */

import type { AgentId, ContainerId, FrameworkId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Checked, TaskStatus } from "../../common/task-status.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentConfiguration } from "./configuration.ts";
import type { Drain } from "./drain-order.ts";
import type { ExecutorToRun } from "./executor-message.ts";
import type { TaskToRun } from "./master-message.ts";

export type CheckpointRecord =
  /** Without a credential it is of an agent that knew none. Absent until the first registration, and again after the id was retired. */
  | {
      readonly kind: "agent";
      readonly agentId: AgentId;
      readonly credential: Uuid | undefined;
      /** Undefined where an older agent wrote the record. */
      readonly given: AgentConfiguration | undefined;
      readonly bootId: string | undefined;
    }
  /** An id under which the agent left; kept until a master has confirmed that it knows. */
  /** An operator drains the agent; absent when nobody does. */
  | ({ readonly kind: "drain" } & Drain)
  | { readonly kind: "departed"; readonly agentId: AgentId; readonly credential: Uuid | undefined }
  | { readonly kind: "framework"; readonly frameworkId: FrameworkId; readonly framework: FrameworkInfo }
  | {
      readonly kind: "task";
      readonly task: TaskToRun;
      readonly containerId: ContainerId;
      /** Whether a kill was ordered, and with which grace; replayed after a restart. */
      readonly kill: { readonly graceMs: number; readonly isOverdue: boolean } | undefined;
      readonly latestState: TaskState;
      /** Updates not acknowledged yet, oldest first. */
      readonly updates: readonly TaskStatus[];
      /** Updates of its executor that the framework has acknowledged, the last ones, oldest first. */
      readonly settledUuids: readonly Uuid[];
      /** The same for all tasks of a group. */
      readonly groupId: Uuid | undefined;
      /** Unix time at which it began to run. */
      readonly startedWallMs: number | undefined;
      readonly checked: Checked;
    }
  | {
      readonly kind: "executor";
      readonly frameworkId: FrameworkId;
      readonly executor: ExecutorToRun;
      readonly containerId: ContainerId;
      readonly hadTask: boolean;
      readonly isShuttingDown: boolean;
    }
  /** The answer for a task that the agent does not have, until it is acknowledged. Shares the keys of tasks. */
  | {
      readonly kind: "answer";
      readonly frameworkId: FrameworkId;
      readonly taskId: TaskId;
      readonly updates: readonly TaskStatus[];
    }
  /** Dynamically reserved resources and persistent volumes. Outlives the agent's id. */
  | { readonly kind: "resources"; readonly created: Resources }
  /** How an operation ended, until that is acknowledged. */
  | {
      readonly kind: "operation";
      readonly uuid: Uuid;
      /** Undefined for an operator's. */
      readonly frameworkId: FrameworkId | undefined;
      /** Undefined for one that did not reach the agent, or that an older agent wrote. */
      readonly operation: ResourceOperation | undefined;
      readonly status: OperationStatus;
    };

/**
 * `agent`, `drain`, `departed/<id>`, `framework/<id>`, `executor/<framework>/<executor>`, `task/<framework>/<task>`, `resources` or
 * `operation/<uuid>`.
 */
export type CheckpointKey = string;

export type CheckpointChange =
  | { readonly kind: "put"; readonly key: CheckpointKey; readonly record: CheckpointRecord }
  | { readonly kind: "delete"; readonly key: CheckpointKey };
