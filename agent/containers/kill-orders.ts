/** Ends containers that run: SIGTERM to the whole tree, SIGKILL to what is left of it after the grace. */

import type { ProcessContainer } from "./process-container.ts";
import { killTrees, terminateTree } from "./tree-killer.ts";

/** How soon after a signal to look whether it was enough, at first and at last; each time takes twice as long as the one before. */
const recheckMinMs = 5;
const recheckMaxMs = 1_000;

export class KillOrders {
  #isClosed = false;

  /** A second order can only shorten the grace. */
  give(container: ProcessContainer, graceMs: number): void {
    if (container.phase !== "running" || this.#isClosed) return;
    const killAtMs = performance.now() + graceMs;
    if (container.killAtMs === undefined) this.#terminate(container);
    else if (container.killAtMs <= killAtMs) return;
    container.killAtMs = killAtMs;
    clearTimeout(container.killTimer);
    if (graceMs <= 0) this.#killUntilEnded(container, recheckMinMs);
    else container.killTimer = setTimeout(() => this.#killUntilEnded(container, recheckMinMs), graceMs);
  }

  /** SIGKILL and nothing before it. */
  killNow(container: ProcessContainer): void {
    if (container.phase !== "running" || this.#isClosed) return;
    container.killAtMs = performance.now();
    clearTimeout(container.killTimer);
    this.#killUntilEnded(container, recheckMinMs);
  }

  /** No more signals. Timers of containers are their owner's to clear. */
  close(): void {
    this.#isClosed = true;
  }

  /** Until the task has got its SIGTERM: before it is there, its supervisor gets the signal, which does not heed it. */
  #terminate(container: ProcessContainer): void {
    if (container.phase !== "running" || this.#isClosed) return;
    if (!terminateTree(container.tree)) setTimeout(() => this.#terminate(container), recheckMinMs);
  }

  /** Again and again, because the task may not have entered its cgroup yet, or may hang in the kernel for a while. */
  #killUntilEnded(container: ProcessContainer, delayMs: number): void {
    if (container.phase !== "running") return;
    killTrees([container.tree]);
    container.killTimer = setTimeout(() => this.#killUntilEnded(container, Math.min(delayMs * 2, recheckMaxMs)), delayMs);
  }
}
