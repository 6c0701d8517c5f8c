/**
 * Everything that an agent's core knows. Changed in place by the handlers of one step; what is written to disk is built
 * from it when a batch leaves (checkpoint.ts).
 */

import type { BoundedList } from "../../common/bounded-list.ts";
import type { DeadlineQueue } from "../../common/deadline-queue.ts";
import type { AgentId, CheckId, ContainerId, ExecutorId, FrameworkId, LinkId, StreamId, TaskId, Uuid } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { Prng } from "../../common/prng.ts";
import type { Conversion, ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Checked, TaskStatus } from "../../common/task-status.ts";
import type { ExecutorInfo, FrameworkInfo, Task as TaskMessage } from "../../protos/gen/mesos/v1/mesos.ts";
import type { CheckpointKey } from "./checkpoint-record.ts";
import type { CheckSpec, HealthCheckSpec } from "./checks/check-spec.ts";
import type { AgentConfig } from "./config.ts";
import type { Drain } from "./drain-order.ts";
import type { ExecutorToRun } from "./executor-message.ts";
import type { LeaderAddress } from "./input.ts";
import type { ExitedExecutor, MasterToAgent, TaskToRun } from "./master-message.ts";
import type { NewStatus } from "./new-status.ts";

/**
 * Where the agent stands with its master:
 *
 *   recovering -> disconnected <-> waiting -> opening -> registering -> accepting -> running
 *                                     ^___________________ link closed ___________________|
 *   any -> terminating -> exited
 */
export type Connection =
  /** The checkpoint was not read yet. */
  | { readonly kind: "recovering" }
  /** No leader is known. */
  | { readonly kind: "disconnected" }
  /** A leader is known; its link is opened at `openAtMs`. */
  | { readonly kind: "waiting"; readonly openAtMs: number }
  | { readonly kind: "opening"; readonly linkId: LinkId }
  /** The link is open and the (re)registration was sent; it is sent again at `retryAtMs`. */
  | { readonly kind: "registering"; readonly linkId: LinkId; retryAtMs: number }
  /** The master admitted the agent under an id that is not durable yet; what the master sends meanwhile waits. */
  | { readonly kind: "accepting"; readonly linkId: LinkId; readonly deferred: MasterToAgent[] }
  | { readonly kind: "running"; readonly linkId: LinkId }
  | Terminating
  | { readonly kind: "exited" };

export interface Terminating {
  readonly kind: "terminating";
  /** Open link, if there is one. */
  linkId: LinkId | undefined;
  readonly exitCode: number;
  readonly reason: string;
  /** Whether the master is told with `unregister`. */
  readonly announce: boolean;
  /** "killing" until everything is dead or was given up. */
  stage: "killing" | "leaving";
  /** The id and the tasks are durably gone from the checkpoint. */
  isRetired: boolean;
  /** Until when the answer to `unregister` is waited for; undefined when none is. */
  answerByMs: number | undefined;
}

export interface Framework {
  readonly key: CheckpointKey;
  readonly frameworkId: FrameworkId;
  info: FrameworkInfo;
  readonly tasks: Set<Task>;
  /** Not ended yet. */
  readonly executors: Set<Executor>;
  /** The master ordered its end: nothing is launched or forwarded any more. */
  isShuttingDown: boolean;
}

export interface Update {
  readonly uuid: Uuid;
  readonly status: TaskStatus;
  /** Nothing is said to anyone of an update that is not. */
  isDurable: boolean;
  /** Whether an executor sent it and waits to hear that it is durable. */
  readonly isFromExecutor: boolean;
}

export interface KillOrder {
  graceMs: number;
  /** The order is carried out once it is durable, so that a restarted agent knows why the task ended. */
  isDurable: boolean;
  /** The task has run for as long as it may: that makes its end a failure. */
  readonly isOverdue: boolean;
  /** Failures of its health check in a row that brought the kill about; only the process that saw them knows. */
  readonly failedChecks?: number;
}

/**
 * One check of a running task:
 *
 *   waiting for its time -> waiting for room -> looking -> waiting for its time
 *          |_____________________|_________________|___> gone, when the task is killed or ends
 *
 * A time is armed (`Checks.deadlines`) for the next look, or for the end of the patience with this one.
 */
export type Watch = WatchState &
  ({ readonly purpose: "check"; readonly spec: CheckSpec } | { readonly purpose: "health"; readonly spec: HealthCheckSpec });

export interface WatchState {
  readonly task: Task;
  /** When the task began to run, on the clock of this process. */
  readonly startedAtMs: number;
  /** Of the look that goes on. */
  checkId: CheckId | undefined;
  /** Failures of a health check in a row that this process saw, those in the grace period excluded. */
  failureCount: number;
}

export interface Checks {
  lastNumber: number;
  /** Looks that go on. */
  readonly running: Map<CheckId, Watch>;
  /** Due, and without room among the running ones. First come, first served. */
  readonly waiting: Set<Watch>;
  readonly deadlines: DeadlineQueue<Watch>;
  /** When a task has run for as long as it may. */
  readonly completions: DeadlineQueue<Task>;
}

/**
 * The main process of a task as the agent sees it:
 *
 *   recording -> launching -> running -> ended
 *       |______________________________^   (killed before the launch, or never to be launched)
 *
 * A task that a program of the framework runs is `launching` while it waits for that to subscribe, and `running` once it was given to it.
 */
export type ContainerPhase = "recording" | "launching" | "running" | "ended";

/** Tasks that were launched together. They fall together, too: once one of them has failed the others are killed. */
export interface TaskGroup {
  readonly groupId: Uuid;
  /** Those that are not forgotten. */
  readonly tasks: Set<Task>;
  /** What brought the group down, for people; undefined as long as it stands. */
  fallenBecause: string | undefined;
}

export interface Task {
  readonly key: CheckpointKey;
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Undefined for a task that the agent never had and only answers for. */
  readonly toRun: TaskToRun | undefined;
  /** Of the executor that runs it; undefined for a command task. */
  readonly executorId: ExecutorId | undefined;
  /** Undefined for a task that was launched by itself. */
  readonly group: TaskGroup | undefined;
  /** Of the task, or of the framework's program that runs it. Undefined when there never was and never will be a container. */
  readonly containerId: ContainerId | undefined;
  container: ContainerPhase;
  kill: KillOrder | undefined;
  /** The newest state. */
  latestState: TaskState;
  /** The newest state that is durable: what the master may know. */
  durableState: TaskState;
  /** Not acknowledged yet, oldest first. */
  readonly updates: Update[];
  /** The last updates of its executor that the framework has acknowledged: the executor may repeat them. Oldest first. */
  readonly settledUuids: Uuid[];
  /** The acknowledgement of the update before the head is on its way to the disk. */
  isAcknowledging: boolean;
  /** How long after the next forwarding of the head it is forwarded again. */
  retryDelayMs: number;
  /** Unix time at which it began to run; undefined before, and for tasks of executors. */
  startedWallMs: number | undefined;
  /** As its newest status says. */
  checked: Checked;
  /** What of that is durable: what the master may know. */
  durableChecked: Checked;
  /** The newest status that is durable, for operators; undefined where none is known. */
  durableStatus: TaskStatus | undefined;
  /** While it runs and is not to end. */
  readonly watches: Watch[];
}

/** An operation whose end nobody has acknowledged yet. It ends as soon as it is durable. */
export interface Operation {
  readonly key: CheckpointKey;
  readonly uuid: Uuid;
  /** Undefined for an operator's. */
  readonly frameworkId: FrameworkId | undefined;
  /** Undefined for one that did not reach the agent. */
  readonly operation: ResourceOperation | undefined;
  /** With a uuid. */
  readonly status: OperationStatus;
  /** What it changes of the agent's resources; undefined when it has no effect. */
  readonly conversion: Conversion | undefined;
  /** The link over which it came. */
  readonly linkId: LinkId | undefined;
  isDurable: boolean;
  /** How long after the next forwarding it is forwarded again. */
  retryDelayMs: number;
}

/**
 * An executor as the agent sees it; it is forgotten when it has ended:
 *
 *   recording -> launching -> registering -> running -> terminating
 *       |____________|_____________|______________________^   (told to end, or did not subscribe in time)
 *
 * The default executor has no process: it goes from recording to running, and ends with its last task.
 */
export type ExecutorPhase = "recording" | "launching" | "registering" | "running" | "terminating";

export interface Executor {
  readonly key: CheckpointKey;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly toRun: ExecutorToRun;
  readonly containerId: ContainerId;
  phase: ExecutorPhase;
  /** It ran before this process of the agent and did not subscribe again yet. */
  isReturning: boolean;
  /** Its container may exist. */
  isContainerOrdered: boolean;
  /** Undefined while it is away. */
  streamId: StreamId | undefined;
  /** Those that have not ended. */
  readonly tasks: Set<Task>;
  /** Whether it was ever given a task. */
  hadTask: boolean;
  /** What its tasks end with when the agent has a reason of its own to kill it. */
  ending: NewStatus | undefined;
}

/** What becomes possible once a batch is durable. */
export type Continuation =
  | { readonly kind: "agentIdRecorded" }
  | { readonly kind: "taskRecorded"; readonly task: Task }
  | { readonly kind: "groupRecorded"; readonly group: TaskGroup }
  | { readonly kind: "killRecorded"; readonly task: Task }
  | { readonly kind: "updateRecorded"; readonly task: Task; readonly update: Update }
  | { readonly kind: "acknowledgementRecorded"; readonly task: Task }
  | { readonly kind: "taskForgotten"; readonly containerId: ContainerId }
  | { readonly kind: "operationRecorded"; readonly operation: Operation }
  | { readonly kind: "executorRecorded"; readonly executor: Executor }
  /** An update that came after the end of its task is of no use once that end is durable. */
  | { readonly kind: "endRecorded"; readonly executor: Executor; readonly taskId: TaskId; readonly uuid: Uuid }
  | { readonly kind: "executorForgotten"; readonly exited: ExitedExecutor; readonly containerId: ContainerId | undefined }
  | { readonly kind: "retired" };

/** Group commit: one batch is in flight; what changes meanwhile waits and leaves as the next one. */
export interface CheckpointQueue {
  lastBatch: number;
  inFlight: { readonly batch: number; readonly continuations: readonly Continuation[] } | undefined;
  readonly dirty: Set<CheckpointKey>;
  /** Keys that the disk has, or will have with the batch in flight. */
  readonly written: Set<CheckpointKey>;
  waiting: Continuation[];
}

/** What has ended, the last ones of each kind. */
export interface History {
  readonly tasks: BoundedList<TaskMessage>;
  readonly executors: BoundedList<ExecutorInfo>;
  /** Oldest first. */
  readonly frameworks: Map<FrameworkId, FrameworkInfo>;
}

export interface AgentState {
  readonly config: AgentConfig;
  readonly prng: Prng;
  connection: Connection;
  leader: LeaderAddress | undefined;
  lastLinkNumber: number;
  /** Attempts to register since the agent last ran; the delays grow with it. */
  attempt: number;
  pingTimeoutMs: number;
  /** Without a ping until then the link is given up; undefined without a link. */
  pingByMs: number | undefined;
  agentId: AgentId | undefined;
  isAgentIdDurable: boolean;
  /** Proves that the id is this agent's own. */
  credential: Uuid;
  /** Ids under which the agent left before, and which no master has confirmed yet, with their credentials. */
  readonly departed: Map<AgentId, Uuid | undefined>;
  /** What an operator ordered; undefined: tasks are taken. */
  drain: Drain | undefined;
  /** When it came, or when this process began if it had come before. */
  drainStartedWallMs: number | undefined;
  /** When executors that still have tasks are told to end. */
  drainEscalatesAtMs: number | undefined;
  /** SIGUSR1 came before the checkpoint was read. */
  isDrainRequested: boolean;
  readonly checkpoint: CheckpointQueue;
  readonly history: History;
  readonly frameworks: Map<FrameworkId, Framework>;
  readonly tasks: Map<CheckpointKey, Task>;
  /** Containers of commands that were ordered and are not removed yet, those of forgotten tasks excluded. */
  readonly containers: Map<ContainerId, Task>;
  readonly executors: Map<CheckpointKey, Executor>;
  readonly executorContainers: Map<ContainerId, Executor>;
  readonly executorStreams: Map<StreamId, Executor>;
  /** When an executor must have subscribed, or its grace is over. */
  readonly executorDeadlines: DeadlineQueue<Executor>;
  readonly executorHeartbeats: DeadlineQueue<Executor>;
  /** What a step leaves to its end: groups that have fallen, and default executors that were told to end or have no task left. */
  readonly unsettled: {
    readonly groups: Set<TaskGroup>;
    readonly executors: Set<Executor>;
    /** Executors with a program that got or lost a task. */
    readonly resized: Set<Executor>;
  };
  /** Executors that ended while the agent was not registered. */
  readonly unsentExits: ExitedExecutor[];
  /** When the head of a task's stream is forwarded again. Empty unless running. */
  readonly retries: DeadlineQueue<Task>;
  readonly checks: Checks;
  /** With every operation that the agent has taken. */
  total: Resources;
  /** With the operations that are durable: what the master may know. */
  durableTotal: Resources;
  /** Names what the master was last told of the resources; an operation that is based on anything else is dropped. */
  resourceVersion: Uuid;
  readonly operations: Map<CheckpointKey, Operation>;
  /** When the end of an operation is forwarded again. Empty unless running. */
  readonly operationRetries: DeadlineQueue<Operation>;
}
