/** What a scheduler can ask, decoded and checked for form. `wire/decode.ts` makes these; `dispatch.ts` acts on them. */

import type { AgentId, ExecutorId, FrameworkId, InverseOfferId, OfferId, OperationId, TaskId, Uuid } from "../../../common/ids.ts";
import type { ResourceOperation } from "../../../common/resource-operations.ts";
import type { Resources } from "../../../common/resources.ts";
import type { ExecutorInfo, FrameworkInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { OfferConstraints } from "../allocator/offer-constraints.ts";
import type { OfferMinimum } from "../allocator/offer-minimum.ts";

/** What the master reads of a FrameworkInfo; `info` is the message itself, kept for agents, operators and the registry. */
export interface FrameworkDescription {
  readonly name: string;
  readonly user: string;
  readonly principal: string | undefined;
  /** Roles that the framework subscribes to, at least one. */
  readonly roles: readonly string[];
  readonly multiRole: boolean;
  readonly partitionAware: boolean;
  readonly failoverTimeoutMs: number;
  /** By role: what an offer must hold at least, instead of the master's own rule. */
  readonly offerMinimums: ReadonlyMap<string, OfferMinimum>;
  readonly info: FrameworkInfo;
}

/** What a framework says of itself when it subscribes, and may change later. */
export interface FrameworkSettings {
  readonly framework: FrameworkDescription;
  /** Replaces the set. */
  readonly suppressedRoles: readonly string[];
  /** Replaces all of them. Not kept in the registry: the next subscription brings its own. */
  readonly offerConstraints: OfferConstraints;
}

export interface SubscribeCall extends FrameworkSettings {
  /** The id to take over; undefined for a new framework. */
  readonly frameworkId: FrameworkId | undefined;
}

/** The executor that a task brings along. */
export interface ExecutorDescription {
  readonly executorId: ExecutorId;
  readonly resources: Resources;
  /** As the scheduler sent it. */
  readonly info: ExecutorInfo;
}

/** One task of a LAUNCH. What is wrong with a single task does not refuse the call: it becomes a TASK_ERROR. */
export interface TaskDescription {
  readonly taskId: TaskId;
  readonly agentId: AgentId;
  readonly resources: Resources;
  /** The first rule of form that the description breaks: "resources must not be empty". */
  readonly problem: string | undefined;
  /** Of a task by itself; undefined for a command task. */
  readonly executor?: ExecutorDescription | undefined;
  /** Passed to the agent as it came. */
  readonly info: TaskInfo;
}

/** The tasks of a LAUNCH_GROUP, which are launched together or not at all. What is wrong with one becomes a TASK_ERROR of each. */
export interface TaskGroupDescription {
  readonly executor: ExecutorDescription;
  /** Each with the group's executor in its `info`. */
  readonly tasks: readonly TaskDescription[];
  /** The first rule of form that the executor, or the group as a whole, breaks. */
  readonly problem: string | undefined;
}

/** An operation that changes resources. What is wrong with one does not refuse the call: it becomes an OPERATION_ERROR. */
export interface ChangeDescription {
  /** In the protocol's spelling: RESERVE. */
  readonly name: string;
  /** Given by frameworks that want to hear how it ends. */
  readonly operationId: OperationId | undefined;
  /** Undefined when there is a problem. */
  readonly operation: ResourceOperation | undefined;
  /** The first rule of form that the operation breaks. */
  readonly problem: string | undefined;
}

export type OfferOperation =
  | { readonly kind: "launch"; readonly tasks: readonly TaskDescription[] }
  | { readonly kind: "launchGroup"; readonly group: TaskGroupDescription }
  | { readonly kind: ResourceOperation["kind"]; readonly change: ChangeDescription };

export type UpdateFrameworkCall = { readonly kind: "updateFramework" } & FrameworkSettings;

export type SchedulerCall =
  | { readonly kind: "teardown" }
  | UpdateFrameworkCall
  | {
      readonly kind: "accept";
      readonly offerIds: readonly OfferId[];
      readonly operations: readonly OfferOperation[];
      /** Already defaulted and clamped: 5 s when absent or negative, at most 365 days. */
      readonly refuseMs: number;
    }
  | { readonly kind: "decline"; readonly offerIds: readonly OfferId[]; readonly refuseMs: number }
  /** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS. `refuseMs` is as that of `decline`. */
  | {
      readonly kind: "answerInverseOffers";
      readonly accepts: boolean;
      readonly inverseOfferIds: readonly InverseOfferId[];
      readonly refuseMs: number;
    }
  /** Empty roles mean all of the framework's roles. */
  | { readonly kind: "revive"; readonly roles: readonly string[] }
  | { readonly kind: "suppress"; readonly roles: readonly string[] }
  | { readonly kind: "kill"; readonly taskId: TaskId; readonly agentId: AgentId | undefined; readonly graceMs: number | undefined }
  /** Wishes for resources. Nobody acts on them. */
  | { readonly kind: "request"; readonly requestCount: number }
  | { readonly kind: "acknowledge"; readonly agentId: AgentId; readonly taskId: TaskId; readonly uuid: Uuid }
  | { readonly kind: "acknowledgeOperation"; readonly agentId: AgentId; readonly operationId: OperationId; readonly uuid: Uuid }
  | {
      readonly kind: "reconcileOperations";
      /** Empty means every operation of the framework. */
      readonly operations: readonly { readonly operationId: OperationId; readonly agentId: AgentId | undefined }[];
    }
  | { readonly kind: "shutdown"; readonly executorId: ExecutorId; readonly agentId: AgentId }
  | { readonly kind: "message"; readonly executorId: ExecutorId; readonly agentId: AgentId; readonly data: Uint8Array }
  | {
      readonly kind: "reconcile";
      /** Empty means every task of the framework. */
      readonly tasks: readonly { readonly taskId: TaskId; readonly agentId: AgentId | undefined }[];
    };
