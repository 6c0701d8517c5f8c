/** What passes between an agent and its executors, as the agent's core sees it; `wire/executor-codec.ts` has the bytes. */

import type { AgentId, ContainerId, ExecutorId, FrameworkId, TaskId, Uuid } from "../../common/ids.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { StatusReason, TaskStatusExtra } from "../../common/task-status.ts";
import type { ExecutorInfo, FrameworkInfo, TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { CommandDescription, TaskVolume } from "./command-description.ts";
import type { ContainerLimits } from "./container-limits.ts";
import type { ContainerSetup } from "./container-setup.ts";

export interface ExecutorKey {
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
}

/** How to run an executor; decoded from an ExecutorInfo. */
export interface ExecutorToRun {
  readonly executorId: ExecutorId;
  /** Undefined for the default executor: the agent runs the commands of its tasks itself. */
  readonly command: CommandDescription | undefined;
  /** Persistent volumes that it sees in its sandbox. */
  readonly volumes: readonly TaskVolume[];
  /** What it may use by itself; its tasks add to it. */
  readonly limits?: ContainerLimits | undefined;
  /** What its container asks for. */
  readonly setup?: ContainerSetup;
  /** Its own grace between SHUTDOWN and the end of its container; the agent's when absent. */
  readonly shutdownGraceMs: number | undefined;
  /** With the id of its framework. */
  readonly info: ExecutorInfo;
}

/** Whether a program of the framework runs the tasks. Without an executor, or with the default one, the agent does. */
export function isProgram(executor: ExecutorToRun | undefined): boolean {
  return executor?.command !== undefined;
}

/** What an executor says of a task. The agent fills in who says it, and where. */
export interface ExecutorUpdate {
  readonly taskId: TaskId;
  readonly uuid: Uuid;
  readonly state: TaskState;
  readonly reason: StatusReason | undefined;
  readonly message: string | undefined;
  /** Unix time in milliseconds; now when the executor does not say. */
  readonly timestampMs: number | undefined;
  readonly extra: TaskStatusExtra | undefined;
}

export interface ExecutorSubscription extends ExecutorKey {
  /** Updates that the agent has not acknowledged to it. */
  readonly updates: readonly ExecutorUpdate[];
  /** Tasks of which no update was acknowledged. */
  readonly taskIds: readonly TaskId[];
}

export type ExecutorCall =
  | { readonly kind: "update"; readonly update: ExecutorUpdate }
  | { readonly kind: "message"; readonly data: Uint8Array }
  | { readonly kind: "heartbeat" };

export type ExecutorEvent =
  | {
      readonly kind: "subscribed";
      readonly executor: ExecutorInfo;
      readonly framework: FrameworkInfo;
      readonly agentId: AgentId | undefined;
      readonly containerId: ContainerId;
    }
  | { readonly kind: "launch"; readonly task: TaskInfo }
  /** All tasks of a group at once. */
  | { readonly kind: "launchGroup"; readonly tasks: readonly TaskInfo[] }
  /** Without a grace the task's own counts. */
  | { readonly kind: "kill"; readonly taskId: TaskId; readonly graceMs: number | undefined }
  | { readonly kind: "acknowledged"; readonly taskId: TaskId; readonly uuid: Uuid }
  | { readonly kind: "message"; readonly data: Uint8Array }
  | { readonly kind: "shutdown" }
  | { readonly kind: "heartbeat" };
