/** What a scheduler can ask, decoded and checked for form. `wire/decode.ts` makes these; `dispatch.ts` acts on them. */

import type { AgentId, FrameworkId, OfferId, TaskId, Uuid } from "../../../common/ids.ts";
import type { Resources } from "../../../common/resources.ts";
import type { FrameworkInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";

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
  readonly info: FrameworkInfo;
}

export interface SubscribeCall {
  /** The id to take over; undefined for a new framework. */
  readonly frameworkId: FrameworkId | undefined;
  readonly framework: FrameworkDescription;
  readonly suppressedRoles: readonly string[];
}

/** One task of a LAUNCH. What is wrong with a single task does not refuse the call: it becomes a TASK_ERROR. */
export interface TaskDescription {
  readonly taskId: TaskId;
  readonly agentId: AgentId;
  readonly resources: Resources;
  /** The first rule of form that the description breaks: "resources must not be empty". */
  readonly problem: string | undefined;
  /** Passed to the agent as it came. */
  readonly info: TaskInfo;
}

export type OfferOperation = { readonly kind: "launch"; readonly tasks: readonly TaskDescription[] };

export type SchedulerCall =
  | { readonly kind: "teardown" }
  | {
      readonly kind: "accept";
      readonly offerIds: readonly OfferId[];
      readonly operations: readonly OfferOperation[];
      /** Already defaulted and clamped: 5 s when absent or negative, at most 365 days. */
      readonly refuseMs: number;
    }
  | { readonly kind: "decline"; readonly offerIds: readonly OfferId[]; readonly refuseMs: number }
  /** Empty roles mean all of the framework's roles. */
  | { readonly kind: "revive"; readonly roles: readonly string[] }
  | { readonly kind: "suppress"; readonly roles: readonly string[] }
  | { readonly kind: "kill"; readonly taskId: TaskId; readonly agentId: AgentId | undefined; readonly graceMs: number | undefined }
  | { readonly kind: "acknowledge"; readonly agentId: AgentId; readonly taskId: TaskId; readonly uuid: Uuid }
  | {
      readonly kind: "reconcile";
      /** Empty means every task of the framework. */
      readonly tasks: readonly { readonly taskId: TaskId; readonly agentId: AgentId | undefined }[];
    };
