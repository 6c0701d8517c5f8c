/**
 * Knows what the containers of an agent use: processor and memory on demand, but not more often than is cheap; the disk by measuring
 * one sandbox after the other in the background.
 */

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId } from "../../common/ids.ts";
import type { ContainerUsage } from "../wire/operator.ts";
import { readContainerUsages } from "./container-usage.ts";
import { measureTree } from "./measure-tree.ts";
import type { ProcessTree } from "./process-tree.ts";
import type { Run } from "./sandbox-layout.ts";

/** Nobody needs it fresher; and whoever asks all the time does not keep the agent from its work. */
const freshMs = 1_000;

/** A look at /proc may take at most one part in this many of the agent's time. */
const lookTimeShare = 10;

export interface UsageWatchOptions {
  /** Containers that have not ended. */
  readonly trees: () => readonly ProcessTree[];
  readonly folders: () => readonly Run[];
  /** Between two rounds of measuring. */
  readonly diskIntervalMs: number;
  readonly measure?: (folder: string) => Promise<number>;
  /** Told what each sandbox holds. */
  readonly onMeasured?: (containerId: ContainerId, bytes: number) => void;
  /** Told why a sandbox cannot be measured. */
  readonly onUnmeasured: (folder: string, reason: string) => void;
  readonly onFatal: (error: unknown) => void;
}

export interface UsageSample {
  /** Unix time in milliseconds. */
  readonly atWallMs: number;
  readonly containers: ReadonlyMap<ContainerId, ContainerUsage>;
}

export class UsageWatch {
  readonly #options: UsageWatchOptions;
  #sample: UsageSample = { atWallMs: 0, containers: new Map() };
  #freshUntilMs = 0;
  #diskBytes: ReadonlyMap<ContainerId, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: UsageWatchOptions) {
    this.#options = options;
  }

  /** By container; undefined until its sandbox was measured. */
  diskBytesOf(containerId: ContainerId): number | undefined {
    return this.#diskBytes.get(containerId);
  }

  /** Of all sandboxes in use, as far as they were measured; those within others count once. */
  get diskBytes(): number {
    return [...this.#diskBytes].reduce((sum, [id, bytes]) => (parentContainerId(id) === undefined ? sum + bytes : sum), 0);
  }

  /** At most a second old, or ten times as old as it takes to look. */
  read(): UsageSample {
    const startedAtMs = performance.now();
    if (startedAtMs < this.#freshUntilMs) return this.#sample;
    this.#sample = { atWallMs: Date.now(), containers: readContainerUsages(this.#options.trees()) };
    const tookMs = performance.now() - startedAtMs;
    this.#freshUntilMs = startedAtMs + Math.max(freshMs, tookMs * lookTimeShare);
    return this.#sample;
  }

  start(): void {
    this.#measureAll().then(() => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), this.#options.diskIntervalMs).unref();
    }, this.#options.onFatal);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #measureAll(): Promise<void> {
    const { folders, measure = measureTree, onMeasured, onUnmeasured } = this.#options;
    const measured = new Map<ContainerId, number>();
    for (const { containerId, folder } of folders()) {
      if (this.#isClosed) return;
      try {
        const bytes = await measure(folder);
        measured.set(containerId, bytes);
        if (!this.#isClosed) onMeasured?.(containerId, bytes);
      } catch (error) {
        onUnmeasured(folder, error instanceof Error ? error.message : String(error));
      }
    }
    this.#diskBytes = measured;
  }
}
