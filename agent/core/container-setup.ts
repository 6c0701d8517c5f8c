/** What the container of a task or an executor asks for beside its command: decoded from a ContainerInfo that keeps the rules. */

import type { VolumeTarget } from "../../common/container-volumes.ts";

export interface ContainerSetup {
  readonly volumes: readonly ContainerVolume[];
  readonly processLimits: readonly ProcessLimit[];
}

/** A link in the sandbox. */
export interface ContainerVolume {
  /** Where the container sees it: relative to its sandbox. */
  readonly containerPath: string;
  readonly target: VolumeTarget;
  readonly isReadOnly: boolean;
}

/** What each process of the container may use at most, counted by the kernel. */
export interface ProcessLimit {
  /** As setrlimit has it, in lower case and without RLIMIT_: "nofile". */
  readonly name: string;
  /** In the unit of that resource; undefined for as much as it likes. */
  readonly range: { readonly soft: bigint; readonly hard: bigint } | undefined;
}
