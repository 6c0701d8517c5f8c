/**
 * The port through which the agent runs tasks. Nothing here waits: what happens later comes back to the listener, as the
 * inputs of the agent's core. `process-runtime.ts` fills it with processes of this machine.
 */

import type { ContainerId } from "../../common/ids.ts";
import type { ProbeResult } from "../core/checks/check-spec.ts";
import type { ContainerLimits } from "../core/container-limits.ts";
import type { ContainerSpec } from "../core/effect.ts";
import type { AgentInput, RecoveredContainer } from "../core/input.ts";
import type { BesideOrder } from "./beside-commands.ts";

export type ContainerEvent = Extract<
  AgentInput,
  { readonly kind: "containerStarted" | "containerFailed" | "containerExited" | "allContainersKilled" }
>;

export type ContainerListener = (event: ContainerEvent) => void;

export interface ContainerRuntime {
  /** Finds what an earlier agent left on this work directory and adopts what still runs. Called once, before anything else. */
  recover(): readonly RecoveredContainer[];
  /** Heard back as `containerStarted` or `containerFailed`, later as `containerExited`. */
  launch(spec: ContainerSpec): void;
  /**
   * Runs a command in a container that runs, beside its own. `onEnd` is called once, unless the answered function, which ends the
   * command with all its process group, was called before.
   */
  runBeside(order: BesideOrder, onEnd: (result: ProbeResult) => void): () => void;
  /** From now on a container that runs may use this much; nothing of others. */
  limit(containerId: ContainerId, limits: ContainerLimits): void;
  /** SIGTERM to the whole tree, SIGKILL to what is left of it after the grace. A second call can only shorten the grace. */
  kill(containerId: ContainerId, graceMs: number): void;
  /** SIGKILL to everything at once, for good: nothing can be launched afterwards. Heard back as `allContainersKilled`. */
  killAll(timeoutMs: number): void;
  /** Forgets an ended container: its record goes, and whatever is left of its tree. */
  remove(containerId: ContainerId): void;
  /** Stops watching. Containers run on, but for those that end with the agent. */
  close(): void;
}
