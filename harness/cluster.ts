/**
 * The port through which a run drives a cluster. Three implementations: simulated (virtual time, in process),
 * processes (loopback) and containers. The workload, the faults and the checkers know nothing else.
 */

import type { AgentSnapshot, ClusterTimings, FrameworkName, LeaderSnapshot, LookOutcome, LookPurpose, NodeName } from "./history/event.ts";
import type { Recorder } from "./history/recorder.ts";

export type Tier = "sim" | "processes" | "containers";

/** What a kind of cluster can do beyond the basics. A fault names what it needs; a suite leaves out what a tier lacks. */
export type Capability =
  | "signal"
  | "pause"
  | "restart"
  /** Of agents. */
  | "cut-link"
  | "cut-master"
  | "drop-connections"
  | "virtual-time"
  /** `inner` is there. */
  | "inner-faults";

export interface ClusterOptions {
  readonly seed: number;
  readonly masterCount: number;
  readonly agentCount: number;
  readonly timings: ClusterTimings;
  readonly recorder: Recorder;
}

export type NodeSignal = "SIGUSR1" | "SIGTERM" | "SIGKILL";

export interface NodeStatus {
  readonly node: NodeName;
  readonly kind: "master" | "agent";
  readonly state: "running" | "paused" | "exited";
  readonly incarnation: number;
}

/** A scheduler's way into the cluster: bytes, so that nothing is shared with a simulated master. */
export interface SchedulerConnection {
  /** Opens a subscription on the leader. Events arrive at `handler` until the stream closes. Rejects never: a refusal closes the stream. */
  subscribe(framework: FrameworkName, call: Uint8Array, handler: StreamHandler): SchedulerStream;
  /**
   * One call on the leader, in order with the other calls of this framework. `settled` hears the outcome exactly once, never before this
   * returns; `info` when nobody knows. A callback and not a promise, so that in virtual time the outcome is seen at its instant.
   */
  call(framework: FrameworkName, streamId: string | undefined, call: Uint8Array, settled: (outcome: CallOutcome) => void): void;
}

export type CallOutcome =
  | { readonly kind: "ok" }
  | { readonly kind: "fail"; readonly code: string; readonly message: string }
  | { readonly kind: "info"; readonly reason: string };

export interface StreamHandler {
  opened(streamId: string): void;
  /** One encoded event: mesos.v1.scheduler.Event for a scheduler. */
  event(bytes: Uint8Array): void;
  closed(reason: string): void;
}

export interface SchedulerStream {
  /** Drops the stream from the client's side. */
  close(): void;
}

/** An operator's way to the leader: bytes over the operator's service. */
export interface OperatorConnection {
  /**
   * Calls an RPC of tepui.v1.MasterOperator by its name, with an encoded request. `settled` hears the outcome exactly once, never before
   * this returns. Orders are not kept in order.
   */
  order(rpc: string, request: Uint8Array, settled: (outcome: OrderOutcome) => void): void;
  /** Opens an event stream on the leader. Events (mesos.v1.master.Event) arrive at `handler` until it closes, which a refusal does, too. */
  subscribe(handler: Omit<StreamHandler, "opened">): void;
}

/** How somebody who is no agent gets at the leader's AgentLink: bytes. */
export interface StrangerConnection {
  /** Opens a link of its own, says one encoded AgentMessages on it, and closes it some seconds later if nobody else has. */
  speak(messages: Uint8Array, handler: StrangerHandler): void;
}

export interface StrangerHandler {
  /** A master has taken the link, as far as that can be seen. */
  opened(): void;
  /** One encoded MasterMessages. */
  received(bytes: Uint8Array): void;
  /** Comes once, last; not when the stranger itself closes. */
  closed(reason: string): void;
}

/** As that of a call, with the encoded answer. */
export type OrderOutcome = Exclude<CallOutcome, { readonly kind: "ok" }> | { readonly kind: "ok"; readonly answer: Uint8Array };

/** What can be broken inside a node, when the cluster's own code is what the node runs on. */
export interface InnerFaults {
  /** One for each agent's checkpoint, by the agent's name, and "registry", which all masters share. */
  readonly stores: readonly string[];
  /** Until `mendStore`, writes wait, or fail as on a full disk. */
  breakStore(store: string, how: "stall" | "fail"): void;
  mendStore(store: string): void;
  /** What the store's fault has done so far: "2 writes wait". Undefined while nothing was seen. */
  storeEvidence(store: string): string | undefined;
  /** SIGKILL between two effects of one of the next steps that have more than one. */
  killMidStep(node: NodeName): void;
  /** Takes `killMidStep` back if it has not happened. */
  spare(node: NodeName): void;
}

export interface Cluster extends AsyncDisposable {
  readonly tier: Tier;
  readonly capabilities: ReadonlySet<Capability>;
  /** Milliseconds since the cluster was made; virtual in simulation. */
  nowMs(): number;
  /** Unix time at which `nowMs` was 0, by the harness's own clock; in whole milliseconds. */
  readonly startedWallMs: number;
  /** Starts all nodes and waits until a leader has every agent. */
  boot(): Promise<void>;
  nodes(): readonly NodeStatus[];
  readonly schedulers: SchedulerConnection;
  readonly operator: OperatorConnection;
  readonly strangers: StrangerConnection;
  /** Lets time pass: virtual time runs, real time is waited for. Events are delivered meanwhile. */
  advance(durationMs: number): Promise<void>;
  /** Sends a signal to a node's process; returns when it is delivered. SIGUSR1 is for agents only. */
  signal(node: NodeName, signal: NodeSignal): Promise<void>;
  /** Starts an exited node again on its old work directory. */
  restart(node: NodeName): Promise<void>;
  pause(node: NodeName): Promise<void>;
  resume(node: NodeName): Promise<void>;
  /** Cuts the network between a node and all masters until healed. */
  cut(node: NodeName): Promise<void>;
  heal(node: NodeName): Promise<void>;
  /**
   * What the cut of this node's link has been seen to do: "1,024 bytes did not pass". Undefined while nothing was seen,
   * or nothing is cut.
   */
  cutEvidence(node: NodeName): string | undefined;
  /** Drops every scheduler stream and agent link once, with nothing cut afterwards. */
  dropConnections(): Promise<void>;
  /** Undefined without the capability "inner-faults". */
  readonly inner?: InnerFaults;
  /** The leader's state over the operator's service; undefined when no leader answers. */
  snapshot(): Promise<LeaderSnapshot | undefined>;
  /** Only what the leader says of its agents: a small part of its state, for who looks often. */
  agents(): Promise<readonly AgentSnapshot[] | undefined>;
  /** Asks which task processes live on each agent's machine and writes it to the history. */
  recordProcesses(): Promise<void>;
  /** Whether the machines have the workload's executor, so that tasks may ask for it. */
  readonly hasExecutors?: boolean;
  /** Whether checks find at a task what its plan says. */
  readonly hasLooks?: boolean;
  /** A command line that behaves as the plan says and writes the ledger for this task. */
  taskCommand(plan: TaskPlan, task: TaskIdentity): TaskCommand;
}

/** How a task of the workload behaves. */
export interface TaskPlan {
  /** Undefined: runs until it is killed. */
  readonly durationMs: number | undefined;
  readonly exitCode: number;
  readonly ignoresSigterm: boolean;
  /** Grandchildren that leave the process group and session. */
  readonly daemonCount: number;
  /** What looks at it find, one after the other; the last goes on for ever. Absent: it always passes. */
  readonly looks?: Readonly<Partial<Record<LookPurpose, readonly LookOutcome[]>>>;
}

/** Whom the ledger lines of a task are about. */
export interface TaskIdentity {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly agentId: string;
}

/** What goes into CommandInfo: with shell=true, value is a script. */
export interface TaskCommand {
  readonly value: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is fetched before it starts. */
  readonly uris?: readonly string[];
}
