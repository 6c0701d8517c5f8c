/** Everything that can happen to an agent. */

import type { CheckId, ContainerId, ExecutorId, FrameworkId, LinkId, StreamId } from "../../common/ids.ts";
import type { CheckpointRecord } from "./checkpoint-record.ts";
import type { ProbeResult } from "./checks/check-spec.ts";
import type { Breach } from "./container-limits.ts";
import type { ExecutorCall, ExecutorSubscription } from "./executor-message.ts";
import type { MasterToAgent } from "./master-message.ts";

/** Numbers the calls that wait for a reply; given by the shell. */
export type CallId = number;

export interface LeaderAddress {
  readonly hostname: string;
  readonly grpcPort: number;
}

/** How a task's main process ended. */
export type ContainerExit = { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: number };

export interface ContainerEnd {
  readonly containerId: ContainerId;
  readonly exit: ContainerExit;
  /** It was ended because it used more than it may. */
  readonly breach?: Breach | undefined;
}

export type AgentInput =
  | { readonly kind: "tick" }
  /** First input: what the checkpoint held, and which containers the runtime found (running ones, and ends recorded meanwhile). */
  | { readonly kind: "recovered"; readonly records: readonly CheckpointRecord[]; readonly containers: readonly RecoveredContainer[] }
  | { readonly kind: "leaderDetected"; readonly leader: LeaderAddress | undefined }
  /** Answers `openLink`: the stream is open. A link that cannot be opened is closed. */
  | { readonly kind: "linkOpened"; readonly linkId: LinkId }
  | { readonly kind: "linkClosed"; readonly linkId: LinkId; readonly reason: string }
  | { readonly kind: "masterMessage"; readonly linkId: LinkId; readonly message: MasterToAgent }
  /** Answers `checkpoint`: the changes of this batch are durable. */
  | { readonly kind: "checkpointed"; readonly batch: number }
  | { readonly kind: "checkpointFailed"; readonly batch: number; readonly reason: string }
  | { readonly kind: "containerStarted"; readonly containerId: ContainerId }
  | { readonly kind: "containerFailed"; readonly containerId: ContainerId; readonly reason: string }
  /** The exit is recorded durably by the container's supervisor until `removeContainer`. */
  | ({ readonly kind: "containerExited" } & ContainerEnd)
  /** Answers `killAllContainers`: everything is dead but these. */
  | { readonly kind: "allContainersKilled"; readonly alive: readonly ContainerId[] }
  /** Answers `startCheck`. */
  | { readonly kind: "checkDone"; readonly checkId: CheckId; readonly result: ProbeResult }
  /** `streamId` is new and unique, made by the shell. */
  | { readonly kind: "executorSubscribe"; readonly streamId: StreamId; readonly subscription: ExecutorSubscription }
  | { readonly kind: "executorStreamClosed"; readonly streamId: StreamId }
  | {
      readonly kind: "executorCall";
      readonly callId: CallId;
      readonly frameworkId: FrameworkId;
      readonly executorId: ExecutorId;
      /** What the caller sent as `mesos-stream-id`. */
      readonly streamId: StreamId | undefined;
      readonly call: ExecutorCall;
    }
  /** SIGUSR1. */
  | { readonly kind: "drainNow" };

export type RecoveredContainer =
  | { readonly containerId: ContainerId; readonly state: "running" }
  | ({ readonly state: "ended" } & ContainerEnd)
  /** Nothing runs and no end was recorded: the machine was restarted, or the supervisor was killed. */
  | { readonly containerId: ContainerId; readonly state: "vanished" };
