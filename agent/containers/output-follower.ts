/**
 * Follows what a container writes to `stdout` and `stderr` of its sandbox, from now on, for somebody who may read slowly: the files are
 * the buffer, so the container is never held up and the agent holds one piece at most. Of what is cut off by a rotation
 * (rotate-output.ts) while it was not read yet, nothing is seen.
 */

import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { openWithin } from "../../runtime/exposed-files.ts";
import { type OutputName, outputNames } from "./sandbox-layout.ts";

/** How often to look for more: people do not see the delay, and the look costs two system calls. */
const pollMs = 50;

const pieceMaxBytes = 64 * 1024;

export interface OutputSource {
  /** Undefined as long as it is being found again after a restart of the agent. */
  folder(): string | undefined;
  isRunning(): boolean;
}

export interface OutputListener {
  /** From here on nothing is missed. */
  onReady(): void;
  /** False: no more until `resume`. The bytes are the listener's. */
  onPiece(name: OutputName, piece: Uint8Array): boolean;
  /** The container has ended and everything was told. */
  onEnd(): void;
}

interface Followed {
  readonly name: OutputName;
  readonly handle: FileHandle;
  position: number;
}

export class OutputFollower {
  readonly #source: OutputSource;
  readonly #listener: OutputListener;
  #isClosed = false;
  #resume = (): void => {};

  constructor(source: OutputSource, listener: OutputListener) {
    this.#source = source;
    this.#listener = listener;
  }

  /** Rejects with what the file system says. */
  async run(): Promise<void> {
    const files: Followed[] = [];
    try {
      const folder = await this.#findFolder();
      for (const name of folder === undefined ? [] : outputNames) await this.#open(files, folder, name);
      if (!this.#isClosed) this.#listener.onReady();
      while (!this.#isClosed) {
        // Asked first: what is written until the end is in the file when the end is known.
        const isRunning = this.#source.isRunning();
        const hasMore = await this.#tellNew(files);
        if (hasMore) continue;
        if (!isRunning) break;
        await sleep(pollMs);
      }
    } finally {
      for (const { handle } of files) await handle.close();
    }
    if (!this.#isClosed) this.#listener.onEnd();
  }

  /** The listener can take more. */
  resume(): void {
    this.#resume();
  }

  /** Nothing more is told. */
  close(): void {
    this.#isClosed = true;
    this.#resume();
  }

  async #findFolder(): Promise<string | undefined> {
    for (;;) {
      const folder = this.#source.folder();
      if (folder !== undefined || this.#isClosed || !this.#source.isRunning()) return folder;
      await sleep(pollMs);
    }
  }

  /** A container that put something else in the place of one is not followed there. */
  async #open(files: Followed[], folder: string | undefined, name: OutputName): Promise<void> {
    const opened = folder === undefined ? undefined : await openWithin({ root: folder, within: [name] });
    if (opened === undefined) return;
    if (opened.stats.isFile()) files.push({ name, handle: opened.handle, position: opened.stats.size });
    else await opened.handle.close();
  }

  async #tellNew(files: readonly Followed[]): Promise<boolean> {
    let hasMore = false;
    for (const file of files) {
      const { size } = await file.handle.stat();
      if (size < file.position) file.position = 0;
      if (size === file.position || this.#isClosed) continue;
      const buffer = Buffer.allocUnsafe(Math.min(pieceMaxBytes, size - file.position));
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, file.position);
      if (bytesRead === 0) continue;
      file.position += bytesRead;
      hasMore = true;
      if (!this.#isClosed && !this.#listener.onPiece(file.name, buffer.subarray(0, bytesRead))) await this.#wait();
    }
    return hasMore;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }
}
