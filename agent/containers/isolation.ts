/**
 * Keeps containers within their limits. The kernel keeps them from using more processor and memory; that it killed a process for want
 * of memory is found by looking, and then all of the container goes. Disk is what was measured of the sandbox.
 */

import type { ContainerId } from "../../common/ids.ts";
import type { Breach, ContainerLimits } from "../core/container-limits.ts";
import type { ContainerEnd, ContainerExit } from "../core/input.ts";
import type { Controllers } from "./controllers.ts";

/** How often to look for containers of which something was killed; a task may live that long with a part of it gone. */
const lookMs = 1_000;

/** Looking may take at most one part in this many of the agent's time. */
const lookTimeShare = 20;

export interface IsolationOptions {
  /** Undefined where neither processors nor memory are isolated. */
  readonly controllers: Controllers | undefined;
  /** Whether a sandbox that grew too large ends its container. */
  readonly enforcesDisk: boolean;
  /** The container has to end. */
  readonly onBreach: (containerId: ContainerId) => void;
}

interface Limited {
  limits: ContainerLimits;
  breach: Breach | undefined;
}

export class Isolation {
  readonly #options: IsolationOptions;
  readonly #containers = new Map<ContainerId, Limited>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: IsolationOptions) {
    this.#options = options;
  }

  /** Before a container starts: the groups that its processes have to enter. */
  prepare(containerId: ContainerId, limits: ContainerLimits | undefined): readonly string[] {
    if (limits === undefined) return [];
    this.#remember(containerId, limits);
    return this.#options.controllers?.create(containerId, limits) ?? [];
  }

  /** Those that processes have to enter which are started beside its own. */
  groups(containerId: ContainerId): readonly string[] {
    return this.#options.controllers?.groups(containerId) ?? [];
  }

  /** The limits of a container that runs are others. */
  limit(containerId: ContainerId, limits: ContainerLimits): void {
    this.#remember(containerId, limits);
    this.#options.controllers?.limit(containerId, limits);
  }

  /** What the sandbox of a container holds. */
  diskMeasured(containerId: ContainerId, usedBytes: number): void {
    const known = this.#containers.get(containerId);
    const limitBytes = known?.limits.diskBytesMax;
    if (!this.#options.enforcesDisk || known === undefined || limitBytes === undefined || usedBytes <= limitBytes) return;
    this.#breach(containerId, known, { resource: "disk", usedBytes, limitBytes });
  }

  /** The end of a container, with the limit behind it if it went beyond one. What ended well did nothing wrong. */
  explain(containerId: ContainerId, exit: ContainerExit): ContainerEnd {
    const endedWell = exit.kind === "exited" && exit.code === 0;
    const breach = endedWell ? undefined : (this.#containers.get(containerId)?.breach ?? this.#shortage(containerId));
    return breach === undefined ? { containerId, exit } : { containerId, exit, breach };
  }

  /** Nothing of it lives any more. */
  forget(containerId: ContainerId): void {
    this.#containers.delete(containerId);
    this.#options.controllers?.remove(containerId);
  }

  /** Removes what an earlier agent left of containers that are not there any more. */
  forgetAllBut(kept: { has(containerId: ContainerId): boolean }): void {
    const { controllers } = this.#options;
    for (const containerId of controllers?.known() ?? []) if (!kept.has(containerId)) controllers?.remove(containerId);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#options.controllers?.close();
  }

  #remember(containerId: ContainerId, limits: ContainerLimits): void {
    const known = this.#containers.get(containerId);
    if (known === undefined) this.#containers.set(containerId, { limits, breach: undefined });
    else known.limits = limits;
    if (this.#options.controllers !== undefined && !this.#isClosed) this.#timer ??= setTimeout(() => this.#look(), lookMs);
  }

  #look(): void {
    const startedAtMs = performance.now();
    for (const [containerId, known] of this.#containers) {
      const shortage = known.breach === undefined ? this.#shortage(containerId) : undefined;
      if (shortage !== undefined) this.#breach(containerId, known, shortage);
    }
    const delayMs = Math.max(lookMs, (performance.now() - startedAtMs) * lookTimeShare);
    this.#timer = this.#containers.size === 0 || this.#isClosed ? undefined : setTimeout(() => this.#look(), delayMs);
  }

  #shortage(containerId: ContainerId): Breach | undefined {
    const shortage = this.#options.controllers?.shortage(containerId);
    return shortage && { resource: "mem", ...shortage };
  }

  #breach(containerId: ContainerId, known: Limited, breach: Breach): void {
    if (known.breach !== undefined) return;
    known.breach = breach;
    this.#options.onBreach(containerId);
  }
}
