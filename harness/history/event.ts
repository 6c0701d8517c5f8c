/**
 * What happened in a run, as one total order in the eyes of the harness. All three kinds of cluster write this format,
 * and checkers read nothing else. Every event is plain JSON.
 */

import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { ClaimAnswer, ClaimJson } from "./claim-json.ts";
import type { FrameworkOrderJson } from "./framework-order-json.ts";
import type { MaintenanceAnswerJson, MaintenanceOrderJson, MaintenanceTimings, UnavailabilityJson } from "./maintenance-json.ts";
import type { ReaderEventJson } from "./reader-json.ts";
import type { ResourceJson } from "./resource-json.ts";
import type { RoleAnswerJson, RoleOrderJson } from "./role-json.ts";

export type { ResourceJson } from "./resource-json.ts";

/** A node of the cluster by the harness's name for it: "master-1", "agent-2". */
export type NodeName = string;
/** A framework by the harness's name for it: "framework-1"; its FrameworkID is learnt from `subscribed`. */
export type FrameworkName = string;

/** Milliseconds since the run began: virtual in simulation, monotonic elsewhere. */
export type AtMs = number;

/** A change of resources, by an ACCEPT or by an operator's order. */
export interface OperationJson {
  readonly kind: ResourceOperation["kind"];
  /** Given when the framework wants to hear how it ends; an operator names none. */
  readonly id?: string;
  /** What is to be reserved or unreserved, the volumes, or the one volume to resize. */
  readonly resources: readonly ResourceJson[];
  readonly addition?: ResourceJson;
  readonly subtractMilli?: number;
}

/** The executor of a group of tasks. */
export interface GroupJson {
  readonly executorId: string;
  readonly resources: readonly ResourceJson[];
  /** The agent's own; otherwise one of the framework, which gets the commands as the tasks' data. */
  readonly isDefault: boolean;
}

export type ForbiddenChange = "user" | "principal" | "checkpoint";

/** `health` ends the task when it keeps failing. */
export type LookPurpose = "check" | "health";
/** `hang`: until the timeout. `error`: of the agent itself, which says nothing of the task. */
export type LookOutcome = "pass" | "fail" | "hang" | "error";

/** How a task is looked at while it runs, and for how long it may run. */
export interface WatchJson {
  readonly kind: "command" | "http" | "tcp";
  readonly delayMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Which checks there are. */
  readonly purposes: readonly LookPurpose[];
  /** Of the health check. */
  readonly gracePeriodMs: number;
  readonly failuresMax: number;
  readonly maxCompletionMs?: number;
}

/** A scheduler call as the client made it. */
export type CallJson =
  | {
      readonly kind: "subscribe";
      readonly frameworkId?: string;
      readonly failoverTimeoutMs: number;
      readonly partitionAware: boolean;
      readonly roles: readonly string[];
      /** Absent for true. */
      readonly checkpoint?: boolean;
    }
  | { readonly kind: "teardown" }
  | {
      readonly kind: "updateFramework";
      readonly failoverTimeoutMs: number;
      readonly partitionAware: boolean;
      readonly roles: readonly string[];
      /** Absent for true. */
      readonly checkpoint?: boolean;
      readonly suppressedRoles: readonly string[];
      /** What is not as it was in the first subscription, and may not change. */
      readonly forbidden?: ForbiddenChange;
    }
  | { readonly kind: "request"; readonly resources: readonly ResourceJson[] }
  | {
      readonly kind: "answerInverseOffers";
      readonly accepts: boolean;
      readonly inverseOfferIds: readonly string[];
      /** Absent: the master's own. */
      readonly refuseSeconds?: number;
    }
  | {
      readonly kind: "accept";
      readonly offerIds: readonly string[];
      /** Present when the tasks are launched as one group, in this executor. */
      readonly group?: GroupJson;
      /** Done before the tasks are launched. */
      readonly operations?: readonly OperationJson[];
      readonly tasks: readonly {
        readonly taskId: string;
        readonly agentId: string;
        readonly resources: readonly ResourceJson[];
        readonly command: string;
        /** Absent or empty where the command needs none. */
        readonly environment?: Readonly<Record<string, string>>;
        readonly uris?: readonly string[];
        /** Of an executor of the framework, which gets the command as the task's data; absent for a command task. */
        readonly executorId?: string;
        readonly watch?: WatchJson;
      }[];
      readonly refuseSeconds: number;
    }
  | { readonly kind: "decline"; readonly offerIds: readonly string[]; readonly refuseSeconds: number }
  | { readonly kind: "revive"; readonly roles: readonly string[] }
  | { readonly kind: "suppress"; readonly roles: readonly string[] }
  | { readonly kind: "kill"; readonly taskId: string; readonly agentId?: string; readonly graceMs?: number }
  | { readonly kind: "shutdown"; readonly executorId: string; readonly agentId: string }
  | { readonly kind: "message"; readonly executorId: string; readonly agentId: string; readonly data: string }
  | { readonly kind: "acknowledge"; readonly agentId: string; readonly taskId: string; readonly uuid: string }
  | { readonly kind: "reconcile"; readonly tasks: readonly { readonly taskId: string; readonly agentId?: string }[] }
  | { readonly kind: "acknowledgeOperation"; readonly agentId: string; readonly operationId: string; readonly uuid: string }
  | {
      readonly kind: "reconcileOperations";
      readonly operations: readonly { readonly operationId: string; readonly agentId?: string }[];
    };

export type OrderJson = AgentOrderJson | FrameworkOrderJson | MaintenanceOrderJson | ResourceOrderJson | RoleOrderJson;

/** What a question of an operator was answered with. */
export type AnswerJson = MaintenanceAnswerJson | RoleAnswerJson;

/** What an operator orders about an agent. */
export type AgentOrderJson =
  | {
      readonly kind: "drainAgent";
      readonly agentId: string;
      /** Absent: each task has its own grace. */
      readonly maxGraceMs?: number;
      readonly markGone: boolean;
    }
  | { readonly kind: "deactivateAgent"; readonly agentId: string }
  | { readonly kind: "reactivateAgent"; readonly agentId: string }
  | { readonly kind: "markAgentGone"; readonly agentId: string };

/** What an operator orders of an agent's resources: reservations and volumes. */
export interface ResourceOrderJson {
  readonly kind: "changeResources";
  readonly agentId: string;
  readonly operation: OperationJson;
}

/** A scheduler event as the client received it. */
export type SchedulerEventJson =
  | { readonly kind: "subscribed"; readonly frameworkId: string; readonly heartbeatIntervalMs: number; readonly masterId: string }
  | { readonly kind: "heartbeat" }
  | {
      readonly kind: "offers";
      readonly offers: readonly {
        readonly offerId: string;
        readonly agentId: string;
        readonly role: string;
        readonly resources: readonly ResourceJson[];
        /** Of the agent's machine. */
        readonly unavailability?: UnavailabilityJson;
      }[];
    }
  | { readonly kind: "rescind"; readonly offerId: string }
  | {
      readonly kind: "inverseOffers";
      readonly inverseOffers: readonly {
        readonly inverseOfferId: string;
        readonly agentId: string;
        readonly unavailability: UnavailabilityJson;
      }[];
    }
  | { readonly kind: "rescindInverseOffer"; readonly inverseOfferId: string }
  | { readonly kind: "update"; readonly status: StatusJson }
  | { readonly kind: "operationUpdate"; readonly status: OperationStatusJson }
  | { readonly kind: "failure"; readonly agentId?: string; readonly executorId?: string; readonly status?: number }
  | { readonly kind: "message"; readonly agentId: string; readonly executorId: string; readonly data: string }
  | { readonly kind: "error"; readonly message: string };

export interface StatusJson {
  readonly taskId: string;
  readonly agentId?: string | undefined;
  readonly state: string;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly uuid?: string | undefined;
  readonly timestampMs?: number | undefined;
  readonly unreachableAtMs?: number | undefined;
  readonly healthy?: boolean | undefined;
}

export interface OperationStatusJson {
  readonly operationId?: string;
  readonly agentId?: string;
  readonly state: string;
  readonly message?: string;
  readonly uuid?: string;
}

/** An agent as its leader sees it. */
export interface AgentSnapshot {
  readonly agentId: string;
  readonly hostname: string;
  /** Connected, and not deactivated. */
  readonly active: boolean;
  /** By an operator's order. Absent in older histories. */
  readonly deactivated?: boolean;
  /** Present while an order to drain it stands. */
  readonly drain?: { readonly phase: "draining" | "drained"; readonly markGone: boolean };
  readonly total: readonly ResourceJson[];
  readonly allocated: readonly ResourceJson[];
  readonly offered: readonly ResourceJson[];
}

/** What the leader said of itself, read over the operator's service. */
export interface LeaderSnapshot {
  readonly masterId: string;
  readonly term: number;
  readonly registryVersion: number;
  readonly agents: readonly AgentSnapshot[];
  readonly recoveredAgentIds: readonly string[];
  readonly offers: readonly {
    readonly offerId: string;
    readonly frameworkId: string;
    readonly agentId: string;
    readonly resources: readonly ResourceJson[];
  }[];
  readonly tasks: readonly {
    readonly taskId: string;
    readonly frameworkId: string;
    readonly agentId: string;
    readonly state: string;
    readonly executorId?: string;
    readonly resources: readonly ResourceJson[];
  }[];
  /** Absent in older histories. */
  readonly executors?: readonly {
    readonly executorId: string;
    readonly frameworkId: string;
    readonly agentId: string;
    /** A part of the agent, so it lives no longer than its tasks. */
    readonly isDefault: boolean;
    readonly resources: readonly ResourceJson[];
  }[];
  readonly unreachableTasks: readonly {
    readonly taskId: string;
    readonly frameworkId: string;
    readonly agentId: string;
    readonly state: string;
  }[];
  readonly frameworks: readonly {
    readonly frameworkId: string;
    readonly active: boolean;
    readonly connected: boolean;
    readonly roles?: readonly string[];
  }[];
}

export type HistoryBody =
  /** First event. `timings` are the cluster's own, so that checkers know the bounds. */
  | { readonly kind: "run"; readonly seed: number; readonly tier: string; readonly suite: string; readonly timings: ClusterTimings }
  | {
      readonly kind: "invoke";
      readonly call: number;
      readonly framework: FrameworkName;
      readonly streamId?: string;
      readonly body: CallJson;
    }
  /** An operator's order; calls and orders are numbered together, and their outcomes are told alike. */
  | { readonly kind: "order"; readonly call: number; readonly body: OrderJson }
  | { readonly kind: "ok"; readonly call: number; readonly answer?: AnswerJson }
  /** Refused: it had no effect. `code` is a gRPC status code's name. */
  | { readonly kind: "fail"; readonly call: number; readonly code: string; readonly message: string }
  /** Nobody knows whether it took effect, or will. */
  | { readonly kind: "info"; readonly call: number; readonly reason: string }
  | { readonly kind: "event"; readonly framework: FrameworkName; readonly streamId: string; readonly event: SchedulerEventJson }
  | { readonly kind: "streamClosed"; readonly framework: FrameworkName; readonly streamId: string; readonly reason: string }
  /** What came on an event stream of an operator, of which each is numbered anew. */
  | { readonly kind: "readerEvent"; readonly stream: number; readonly event: ReaderEventJson }
  | { readonly kind: "readerClosed"; readonly stream: number; readonly reason: string }
  /** Written by the task itself. `pid` with `startTime` names a process for all time; `node` is where it runs. */
  | {
      readonly kind: "ledger";
      readonly line: "start" | "beat" | "end";
      readonly node: NodeName;
      readonly frameworkId: string;
      readonly taskId: string;
      /** Distinguishes two processes of one task. */
      readonly process: string;
      /** When the task wrote the line; `atMs` of the event is when the harness read it. Absent in simulation, where both are one. */
      readonly wroteAtMs?: AtMs;
      /** With "end": how it ended, when the task could say so itself. */
      readonly exitCode?: number;
    }
  /** An agent begins to look at a task, which will answer so. */
  | {
      readonly kind: "look";
      readonly node: NodeName;
      readonly frameworkId: string;
      readonly taskId: string;
      readonly process: string;
      readonly purpose: LookPurpose;
      readonly outcome: LookOutcome;
    }
  | { readonly kind: "faultBegin"; readonly fault: number; readonly name: string; readonly target: string }
  /** The fault was seen to have an effect (`bit`), or to be gone (`healed`). */
  | { readonly kind: "faultProbe"; readonly fault: number; readonly result: "bit" | "healed"; readonly evidence: string }
  | { readonly kind: "faultEnd"; readonly fault: number }
  /** `ip`: the address of an agent's machine, where masters see it. */
  | { readonly kind: "nodeStarted"; readonly node: NodeName; readonly incarnation: number; readonly ip?: string }
  /** `expected`: the harness ended it, or asked it to end. */
  | {
      readonly kind: "nodeExited";
      readonly node: NodeName;
      readonly incarnation: number;
      readonly code?: number;
      readonly signal?: string;
      readonly expected: boolean;
    }
  /** Somebody who is no agent speaks for one, on a link of its own. */
  | { readonly kind: "imposture"; readonly imposture: number; readonly agentId: string; readonly claims: readonly ClaimJson[] }
  | { readonly kind: "impostureAnswer"; readonly imposture: number; readonly answer: ClaimAnswer; readonly detail?: string }
  /** The id that an agent got from its master. */
  | { readonly kind: "agentRegistered"; readonly node: NodeName; readonly agentId: string; readonly incarnation: number }
  | { readonly kind: "snapshot"; readonly snapshot: LeaderSnapshot }
  /** Which task processes live, by the operating system's or the simulator's word. */
  | {
      readonly kind: "processes";
      readonly node: NodeName;
      readonly live: readonly { readonly frameworkId: string; readonly taskId: string; readonly process: string }[];
      /** What the agent itself says that it has, where that can be asked: its resources, and the tasks that have not ended. */
      readonly total?: readonly ResourceJson[];
      readonly tasks?: readonly { readonly frameworkId: string; readonly taskId: string }[];
    }
  /** A log line at fatal level, an unhandled rejection, a violated invariant of a node. */
  | { readonly kind: "fatal"; readonly node: NodeName; readonly message: string }
  /** A planted bug said that it took its other way. */
  | { readonly kind: "marker"; readonly node: NodeName; readonly mutant: string }
  /**
   * The machine let a party wait for a processor, for `waitedMs` of the time between the two instants: a node, or "harness". Only on
   * real clusters, and only when it waited for long.
   */
  | { readonly kind: "stall"; readonly who: string; readonly fromMs: AtMs; readonly toMs: AtMs; readonly waitedMs: number }
  | { readonly kind: "phase"; readonly phase: "safety" | "heal" | "liveness" | "end" }
  /** Liveness: after healing, what had not converged when time was up; empty when all had. */
  | { readonly kind: "converged"; readonly pending: readonly string[]; readonly afterMs: number };

export type HistoryEvent = { readonly seq: number; readonly atMs: AtMs } & HistoryBody;

/** The lengths of time that the cluster under test runs with; checkers derive their bounds from these. */
export interface ClusterTimings {
  readonly allocationIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly pingTimeoutsMax: number;
  readonly reregisterTimeoutMs: number;
  readonly updateRetryMinMs: number;
  readonly updateRetryMaxMs: number;
  readonly registrationBackoffMaxMs: number;
  /** Absent in older histories. */
  readonly maintenance?: MaintenanceTimings;
  /** How late things may be seen on a machine that is not too slow for the run (see stalls.ts): 0 in simulation. */
  readonly epsilonMs: number;
}
