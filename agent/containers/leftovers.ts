/**
 * What containers leave behind when their main process has ended, or when nobody wants them any more: killed again and again until nothing
 * of it lives. All are looked at together, because a scan of /proc takes time, and no more often than the agent can spare.
 */

import { hasLiveSupervisor, type ProcessContainer } from "./process-container.ts";
import { killTrees } from "./tree-killer.ts";

/** How soon after a SIGKILL to look whether it was enough. */
const recheckMinMs = 5;

/** A process may hang in the kernel (a dead network disk) and not die. After this its container's end is reported all the same. */
const leftoverTimeoutMs = 5_000;

/** Scanning /proc may take at most one part in this many of the agent's time. */
const scanTimeShare = 4;

export class Leftovers {
  readonly #onDone: (container: ProcessContainer, isDead: boolean) => void;
  readonly #ending = new Set<ProcessContainer>();
  #timer: NodeJS.Timeout | undefined;
  #tookMs = 0;
  #isClosed = false;

  /** `onDone` is called once for each container that was added: nothing of it lives, or it was given up. */
  constructor(onDone: (container: ProcessContainer, isDead: boolean) => void) {
    this.#onDone = onDone;
  }

  add(container: ProcessContainer): void {
    this.#ending.add(container);
    this.#sweepSoon();
  }

  /** Kills what is left of all; those that have nothing left are done. */
  sweep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const startedAtMs = performance.now();
    const alive = killTrees([...this.#ending].map((container) => container.tree));
    const nowMs = performance.now();
    this.#tookMs = nowMs - startedAtMs;
    for (const container of [...this.#ending]) {
      const isDead = !alive.has(container.tree) && !hasLiveSupervisor(container);
      if (!isDead && nowMs - container.endedAtMs <= leftoverTimeoutMs) continue;
      this.#ending.delete(container);
      this.#onDone(container, isDead);
    }
    if (this.#ending.size > 0) this.#sweepSoon();
  }

  /** Nothing is killed, and nothing is told, any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #sweepSoon(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.sweep(), Math.max(recheckMinMs, this.#tookMs * scanTimeShare));
  }
}
