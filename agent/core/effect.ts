/** Everything that an agent can want done. `perform.ts` and the simulator do these in the order in which they come. */

import type { CheckId, ContainerId, LinkId, StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { CheckpointChange } from "./checkpoint-record.ts";
import type { CheckPurpose, Probe } from "./checks/check-spec.ts";
import type { CommandDescription, TaskVolume, VolumeKey } from "./command-description.ts";
import type { ContainerLimits } from "./container-limits.ts";
import type { ContainerSetup } from "./container-setup.ts";
import type { ExecutorEvent } from "./executor-message.ts";
import type { CallId, LeaderAddress } from "./input.ts";
import type { AgentToMaster, TaskKey } from "./master-message.ts";
import type { SandboxKey } from "./sandbox-key.ts";

export interface ContainerSpec {
  readonly containerId: ContainerId;
  readonly sandbox: SandboxKey;
  /** The task that the container is for; undefined for an executor. */
  readonly task: TaskKey | undefined;
  /** Beside the command's own and what every container has: wins over the command's. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly command: CommandDescription;
  /** As whom the command runs where it names nobody itself, if the agent switches users; empty for the agent's own user. */
  readonly frameworkUser: string;
  /** Persistent volumes that the task sees in its sandbox. */
  readonly volumes: readonly TaskVolume[];
  /** Its framework does not checkpoint: when this process of the agent ends, however it ends, the container does, too. */
  readonly endsWithAgent?: boolean;
  /** Absent: nobody said. */
  readonly limits?: ContainerLimits | undefined;
  /** Absent: it asks for no more than what every container has. */
  readonly setup?: ContainerSetup | undefined;
}

export type AgentEffect =
  /** The core names the link. Answered by `linkOpened` or `linkClosed`. */
  | { readonly kind: "openLink"; readonly linkId: LinkId; readonly leader: LeaderAddress }
  | { readonly kind: "closeLink"; readonly linkId: LinkId }
  | { readonly kind: "sendToMaster"; readonly linkId: LinkId; readonly message: AgentToMaster }
  | { readonly kind: "sendToExecutor"; readonly streamId: StreamId; readonly event: ExecutorEvent }
  /** Ends the stream after what was sent before; `refusal` undefined ends it with OK. */
  | { readonly kind: "closeExecutorStream"; readonly streamId: StreamId; readonly refusal: Refusal | undefined }
  /** Answers a call of an executor; `refusal` undefined means that it was taken. */
  | { readonly kind: "replyToExecutor"; readonly callId: CallId; readonly refusal: Refusal | undefined }
  /** One batch at a time; answered by `checkpointed` or `checkpointFailed`. */
  | { readonly kind: "checkpoint"; readonly batch: number; readonly changes: readonly CheckpointChange[] }
  /** Answered by `containerStarted` or `containerFailed`, and later by `containerExited`. */
  | { readonly kind: "launchContainer"; readonly spec: ContainerSpec }
  /**
   * SIGTERM to the task's tree now; SIGKILL to all that is left of it after the grace. A second kill may shorten the
   * grace, never lengthen it. What is still being launched is not launched, which is heard as `containerFailed`.
   */
  | { readonly kind: "killContainer"; readonly containerId: ContainerId; readonly graceMs: number }
  /** From now on the container may use this much. */
  | { readonly kind: "limitContainer"; readonly containerId: ContainerId; readonly limits: ContainerLimits }
  /** SIGKILL to everything of every container at once. Answered by `allContainersKilled` when all are dead, or after `timeoutMs`. */
  | { readonly kind: "killAllContainers"; readonly timeoutMs: number }
  /** Looks once at the task in a container that runs. Answered by `checkDone`, unless it is stopped before. */
  | {
      readonly kind: "startCheck";
      readonly checkId: CheckId;
      readonly containerId: ContainerId;
      readonly task: TaskKey;
      readonly purpose: CheckPurpose;
      readonly probe: Probe;
      /** As whom a command looks where the task's own names nobody; empty for the agent's own user. */
      readonly frameworkUser: string;
    }
  /** Ends what a check has started, with everything beneath it. */
  | { readonly kind: "stopCheck"; readonly checkId: CheckId }
  /** The end is durable in the checkpoint: the supervisor's record may go, with whatever is left of the tree. */
  | { readonly kind: "removeContainer"; readonly containerId: ContainerId }
  /** These and no others: what is missing is created empty, what is not named is removed with everything in it. */
  | { readonly kind: "keepVolumes"; readonly volumes: readonly VolumeKey[] }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn";
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: "exit"; readonly code: number; readonly reason: string };
