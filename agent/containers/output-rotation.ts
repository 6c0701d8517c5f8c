/** Looks from time to time at what running tasks have printed, and cuts what has become too large (rotate-output.ts). */

import { join } from "node:path";

import type { Logger } from "../../runtime/logger.ts";
import { type RotationLimits, rotateOutput } from "./rotate-output.ts";
import { hasCode, outputNames, type Run } from "./sandbox-layout.ts";

export interface OutputRotationOptions {
  readonly limits: RotationLimits;
  readonly intervalMs: number;
  /** The sandboxes that are in use. */
  readonly folders: () => readonly Run[];
  readonly logger: Pick<Logger, "warn">;
  readonly onFatal: (error: unknown) => void;
}

export class OutputRotation {
  readonly #options: OutputRotationOptions;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #rotatedCount = 0;

  constructor(options: OutputRotationOptions) {
    this.#options = options;
  }

  /** Files that were cut. */
  get rotatedCount(): number {
    return this.#rotatedCount;
  }

  start(): void {
    if (this.#isClosed) return;
    const look = (): void => void this.#look().then(() => this.start(), this.#options.onFatal);
    this.#timer = setTimeout(look, this.#options.intervalMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** One file after the other, so that copying takes no more than a part of the disk's time. */
  async #look(): Promise<void> {
    for (const { folder } of this.#options.folders()) {
      for (const name of outputNames) {
        if (this.#isClosed) return;
        await this.#rotate(join(folder, name));
      }
    }
  }

  async #rotate(path: string): Promise<void> {
    try {
      const outcome = await rotateOutput(path, this.#options.limits);
      if (outcome.kind === "untouched") return;
      this.#rotatedCount += 1;
      if (outcome.kind === "lost") {
        this.#options.logger.warn({ path, bytes: outcome.bytes, reason: outcome.reason }, "output of a task was cut and could not be kept");
      }
    } catch (error) {
      // A task may remove its output; and its sandbox may be collected.
      if (hasCode(error, "ENOENT", "ENOTDIR")) return;
      this.#options.logger.warn({ path, reason: error instanceof Error ? error.message : String(error) }, "output of a task cannot be cut");
    }
  }
}
