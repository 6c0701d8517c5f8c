/**
 * What a history says about each thing in it: a stream's life, a call with its outcome, an offer with its uses, a task
 * with all that was heard of it. `view.ts` fills these once per history; checkers only read them. Positions that never
 * came (a stream that stayed open, a call without an outcome) are Infinity, so that comparisons need no special case.
 */

import type {
  AgentOrderJson,
  AnswerJson,
  CallJson,
  FrameworkName,
  LeaderSnapshot,
  LookOutcome,
  LookPurpose,
  NodeName,
  OrderJson,
  ResourceJson,
  ResourceOrderJson,
  SchedulerEventJson,
  StatusJson,
} from "./event.ts";
import type { FrameworkOrderJson } from "./framework-order-json.ts";
import type { MaintenanceOrderJson, UnavailabilityJson } from "./maintenance-json.ts";
import type { RoleOrderJson } from "./role-json.ts";

export interface StreamLife {
  readonly framework: FrameworkName;
  readonly streamId: string;
  /** From SUBSCRIBED; undefined when the stream carried none. */
  frameworkId: string | undefined;
  masterId: string | undefined;
  heartbeatIntervalMs: number | undefined;
  /** The call that most likely opened it: the framework's latest SUBSCRIBE before. */
  readonly subscribe: SubscribeRecord | undefined;
  /** What its first event was. */
  readonly firstKind: SchedulerEventJson["kind"];
  readonly openedSeq: number;
  readonly openedAtMs: number;
  closedSeq: number;
  closedAtMs: number;
  /** When SUBSCRIBED and each HEARTBEAT came. */
  readonly beats: { readonly seq: number; readonly atMs: number }[];
  /** FAILURE events about whole agents. */
  readonly failures: FailureRecord[];
  readonly errors: { readonly seq: number; readonly atMs: number; readonly message: string }[];
}

export interface FailureRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly agentId: string;
}

export type CallOutcomeKind = "ok" | "fail" | "info" | "open";

export interface CallRecord<Body extends CallJson = CallJson> {
  readonly call: number;
  readonly framework: FrameworkName;
  /** The id under which the framework made the call, as far as the client knew. */
  readonly frameworkId: string | undefined;
  readonly streamId: string | undefined;
  readonly body: Body;
  readonly invokeSeq: number;
  readonly invokeAtMs: number;
  outcome: CallOutcomeKind;
  outcomeSeq: number;
  outcomeAtMs: number;
}

/** An operator's order or question with its outcome. */
export interface OrderRecord<Body extends OrderJson = OrderJson> {
  readonly call: number;
  readonly body: Body;
  readonly invokeSeq: number;
  readonly invokeAtMs: number;
  outcome: CallOutcomeKind;
  outcomeSeq: number;
  outcomeAtMs: number;
  /** Of a question. */
  answer?: AnswerJson | undefined;
  refusal?: { readonly code: string; readonly message: string } | undefined;
}

export type AgentOrderRecord = OrderRecord<AgentOrderJson>;
export type MaintenanceOrderRecord = OrderRecord<MaintenanceOrderJson>;
export type RoleOrderRecord = OrderRecord<RoleOrderJson>;
export type ResourceOrderRecord = OrderRecord<ResourceOrderJson>;
export type KillOrderRecord = OrderRecord<Extract<FrameworkOrderJson, { kind: "killTask" }>>;
export type TeardownOrderRecord = OrderRecord<Extract<FrameworkOrderJson, { kind: "teardown" }>>;

export type AcceptRecord = CallRecord<Extract<CallJson, { kind: "accept" }>>;
export type DeclineRecord = CallRecord<Extract<CallJson, { kind: "decline" }>>;
export type SubscribeRecord = CallRecord<Extract<CallJson, { kind: "subscribe" }>>;
export type UpdateFrameworkRecord = CallRecord<Extract<CallJson, { kind: "updateFramework" }>>;
export type KillRecord = CallRecord<Extract<CallJson, { kind: "kill" }>>;
export type AcknowledgeRecord = CallRecord<Extract<CallJson, { kind: "acknowledge" }>>;
export type ShutdownRecord = CallRecord<Extract<CallJson, { kind: "shutdown" }>>;
export type InverseAnswerRecord = CallRecord<Extract<CallJson, { kind: "answerInverseOffers" }>>;
export type ReconcileRecord = CallRecord<Extract<CallJson, { kind: "reconcile" }>>;

export interface OfferRecord {
  readonly offerId: string;
  readonly stream: StreamLife;
  readonly agentId: string;
  readonly role: string;
  readonly resources: readonly ResourceJson[];
  readonly unavailability?: UnavailabilityJson;
  readonly seq: number;
  readonly atMs: number;
  rescindedSeq: number;
  rescindedAtMs: number;
  /** Every ACCEPT and DECLINE that names it, of whomever, in the order of invocation. */
  readonly uses: (AcceptRecord | DeclineRecord)[];
}

export interface InverseOfferRecord {
  readonly inverseOfferId: string;
  readonly stream: StreamLife;
  readonly agentId: string;
  readonly unavailability: UnavailabilityJson;
  readonly seq: number;
  readonly atMs: number;
  rescindedSeq: number;
  rescindedAtMs: number;
  /** Every answer that names it, of whomever, in the order of invocation. */
  readonly answers: InverseAnswerRecord[];
}

export interface UpdateRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly stream: StreamLife;
  readonly status: StatusJson;
  readonly terminal: boolean;
}

export interface LaunchRecord {
  readonly call: AcceptRecord;
  readonly agentId: string;
  /** Undefined for a command task. */
  readonly executorId: string | undefined;
  readonly resources: readonly ResourceJson[];
}

export interface LedgerRecord {
  readonly seq: number;
  /** When the task wrote the line, which may be some time before the harness read it. */
  readonly atMs: number;
  readonly line: "start" | "beat" | "end";
  readonly node: NodeName;
  readonly process: string;
  readonly exitCode: number | undefined;
}

/** One look of an agent at a task. */
export interface LookRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly process: string;
  readonly purpose: LookPurpose;
  readonly outcome: LookOutcome;
}

export interface TaskRecord {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly launches: LaunchRecord[];
  readonly updates: UpdateRecord[];
  /** Of its framework. */
  readonly kills: KillRecord[];
  /** Of operators. */
  readonly killOrders: KillOrderRecord[];
  readonly acknowledgements: AcknowledgeRecord[];
  readonly ledger: LedgerRecord[];
  readonly looks: LookRecord[];
  /** The first snapshot that shows it among the leader's tasks. */
  snapshotSeq: number;
}

export interface FrameworkRecord {
  readonly name: FrameworkName;
  readonly streams: StreamLife[];
  readonly subscribes: SubscribeRecord[];
  readonly calls: CallRecord[];
}

export interface NodeLife {
  readonly node: NodeName;
  readonly incarnation: number;
  readonly startedSeq: number;
  readonly startedAtMs: number;
  exitedSeq: number;
  exitedAtMs: number;
  code: number | undefined;
  signal: string | undefined;
  expected: boolean;
}

export interface Registration {
  readonly seq: number;
  readonly atMs: number;
  readonly node: NodeName;
  readonly agentId: string;
  readonly incarnation: number;
}

export interface FaultRecord {
  readonly fault: number;
  readonly name: string;
  readonly target: string;
  readonly beginSeq: number;
  readonly beginAtMs: number;
  endSeq: number;
  endAtMs: number;
}

/** A SIGUSR1 that reached a running agent with an id: the first one of that process. */
export interface DrainRecord {
  readonly fault: FaultRecord;
  readonly node: NodeName;
  readonly agentId: string;
  readonly life: NodeLife;
}

export interface SnapshotRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly snapshot: LeaderSnapshot;
}

export interface ProcessesRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly node: NodeName;
  readonly live: readonly { readonly frameworkId: string; readonly taskId: string; readonly process: string }[];
  /** The tasks that the agent itself has and that have not ended, where it can be asked. */
  readonly tasks?: readonly { readonly frameworkId: string; readonly taskId: string }[];
}

/** Narrows an order by the kind of its body. */
export function isOrder<Kind extends OrderJson["kind"]>(
  record: OrderRecord,
  kind: Kind,
): record is OrderRecord<Extract<OrderJson, { kind: Kind }>> {
  return record.body.kind === kind;
}

/** Narrows a call by the kind of its body. */
export function isCall<Kind extends CallJson["kind"]>(
  record: CallRecord,
  kind: Kind,
): record is CallRecord<Extract<CallJson, { kind: Kind }>> {
  return record.body.kind === kind;
}
