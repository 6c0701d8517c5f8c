/**
 * Takes away the sandboxes of ended containers when they are old enough (agent/core/removal-schedule.ts). What is due is moved
 * aside at once, so that a launch never meets half a folder, and is then removed bit by bit while the agent goes on.
 *
 * Nothing is written down: an ended sandbox's own modification time says when it ended, so the next agent on the same work directory,
 * also one with another id, goes on where this one stopped.
 */

import { renameSync, type StatsFs } from "node:fs";
import { lstat, lutimes, mkdir, readdir, statfs } from "node:fs/promises";
import { basename, join } from "node:path";

import type { Logger } from "../../runtime/logger.ts";
import { allowedAgeMs, RemovalSchedule } from "../core/removal-schedule.ts";
import { removeTree } from "./remove-tree.ts";
import { hasCode, isReachedWithoutLinks, type Run, removeEmptyAbove, walkRuns } from "./sandbox-layout.ts";

/**
 * Ended sandboxes that stay, however empty the disk is: some 10 MB of the agent's memory, and 60,000 inodes where tasks leave no files of
 * their own. A busy agent meets it before the delay is over; the oldest go.
 */
export const keptSandboxesMax = 20_000;

export interface SandboxCollectorOptions {
  /** Absolute and without links. */
  readonly workDirectory: string;
  readonly gcDelayMs: number;
  /** Share of the disk that should stay free, 0 to 1. */
  readonly headroom: number;
  /** Between two looks at the disk; something may stay as much longer than allowed. */
  readonly intervalMs: number;
  readonly keptMax?: number;
  /** Share of the disk in use, 0 to 1. */
  readonly readUsage?: (folder: string) => Promise<number>;
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly onFatal: (error: unknown) => void;
}

export interface CollectorFigures {
  readonly keptCount: number;
  readonly removedCount: number;
  /** Share of the disk in use when it was last looked at, 0 to 1. */
  readonly diskUsage: number;
}

export class SandboxCollector {
  readonly #options: SandboxCollectorOptions;
  readonly #trash: string;
  readonly #schedule = new RemovalSchedule();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #movedCount = 0;
  #removedCount = 0;
  #diskUsage = 0;

  constructor(options: SandboxCollectorOptions) {
    this.#options = options;
    this.#trash = join(options.workDirectory, "trash");
  }

  get figures(): CollectorFigures {
    return { keptCount: this.#schedule.size, removedCount: this.#removedCount, diskUsage: this.#diskUsage };
  }

  /** Nothing runs in this sandbox any more. */
  ended(folder: string): void {
    this.#schedule.add(folder, performance.now());
    // So that a later agent knows when. Where it cannot be written the sandbox looks older than it is.
    const now = new Date();
    lutimes(folder, now, now).catch(() => {});
  }

  /**
   * Finishes what an earlier agent began to remove, schedules what it left, and looks at the disk from then on. `claim` says which runs
   * are not to be scheduled.
   */
  start(claim: (run: Run) => boolean): void {
    this.#begin(claim).catch(this.#options.onFatal);
  }

  /** Nothing more is begun. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #begin(claim: (run: Run) => boolean): Promise<void> {
    await this.#findEnded(claim);
    try {
      await mkdir(this.#trash, { recursive: true, mode: 0o700 });
      for (const name of await readdir(this.#trash)) await this.#remove(join(this.#trash, name));
    } catch (error) {
      this.#warn(this.#trash, error);
    }
    await this.#look();
  }

  async #findEnded(claim: (run: Run) => boolean): Promise<void> {
    for await (const run of walkRuns(this.#options.workDirectory, (folder, error) => this.#warn(folder, error))) {
      if (this.#isClosed) return;
      if (claim(run)) continue;
      try {
        const { mtimeMs } = await lstat(run.folder);
        // A task can give its folder any time; one to come counts as now. It may have been claimed meanwhile.
        if (!claim(run)) this.#schedule.add(run.folder, performance.now() - Math.max(0, Date.now() - mtimeMs));
      } catch (error) {
        this.#warn(run.folder, error);
      }
    }
  }

  async #look(): Promise<void> {
    const { workDirectory, gcDelayMs, headroom, intervalMs, keptMax = keptSandboxesMax, readUsage = readDiskUsage } = this.#options;
    try {
      this.#diskUsage = await readUsage(workDirectory);
    } catch (error) {
      this.#warn(workDirectory, error);
    }
    const ageMaxMs = allowedAgeMs({ gcDelayMs, headroom, usage: this.#diskUsage });
    const due = this.#schedule.takeDue({ nowMs: performance.now(), allowedAgeMs: ageMaxMs, keptMax });
    if (due.length > 0) this.#options.logger.info({ count: due.length, diskUsage: this.#diskUsage, ageMaxMs }, "removing old sandboxes");
    for (const folder of due) {
      if (this.#isClosed) return;
      const moved = this.#moveAway(folder);
      if (moved !== undefined) await this.#remove(moved);
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#look().catch(this.#options.onFatal), intervalMs).unref();
  }

  /** Its new place; undefined when it could not be moved. */
  #moveAway(folder: string): string | undefined {
    const moved = join(this.#trash, `${basename(folder)}-${process.pid}-${Date.now()}-${this.#movedCount++}`);
    try {
      if (!isReachedWithoutLinks(folder)) throw new Error("there is a link in its path");
      renameSync(folder, moved);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) this.#warn(folder, error);
      return undefined;
    }
    removeEmptyAbove(this.#options.workDirectory, folder);
    return moved;
  }

  /** What cannot be removed stays in the trash, for the next agent to try again. */
  async #remove(folder: string): Promise<void> {
    if (this.#isClosed) return;
    try {
      await removeTree(folder, this.#trash);
      this.#removedCount += 1;
    } catch (error) {
      this.#warn(folder, error);
    }
  }

  #warn(folder: string, error: unknown): void {
    this.#options.logger.warn({ folder, reason: error instanceof Error ? error.message : String(error) }, "sandboxes cannot be collected");
  }
}

/** The larger share of blocks and inodes: many small files fill a disk as well as a large one does. */
export async function readDiskUsage(folder: string): Promise<number> {
  return usageOf(await statfs(folder));
}

/** As df shows it: what is kept back for root counts as used. */
export function usageOf({ blocks, bfree, bavail, files, ffree }: Pick<StatsFs, "blocks" | "bfree" | "bavail" | "files" | "ffree">): number {
  const used = blocks - bfree;
  const ofBlocks = used + bavail === 0 ? 0 : used / (used + bavail);
  return Math.max(ofBlocks, files === 0 ? 0 : (files - ffree) / files);
}
