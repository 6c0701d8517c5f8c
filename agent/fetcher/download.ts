/** Brings the bytes of one source into an open file, within bounds of time and size. */

import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";

import { FetchError, toFetchError } from "./fetch-error.ts";
import type { FetchLimits } from "./fetch-limits.ts";
import type { FetchSource } from "./fetch-source.ts";
import { outputOf } from "./helper-process.ts";
import { openHttp } from "./open-http.ts";

export interface DownloadOptions {
  readonly limits: FetchLimits;
  /** The longest time without a single byte. */
  readonly stallTimeoutMs: number;
  /** What stands before a program to run it as the task's user; empty for the agent's own. */
  readonly switchUser: readonly string[];
  readonly signal: AbortSignal;
  /** Hears of each piece before it is written. */
  readonly onBytes?: (count: number) => void;
}

/** Throws FetchError, or the reason of `signal`. What was written until then stays, for the caller to remove. */
export async function download(source: FetchSource, file: FileHandle, options: DownloadOptions): Promise<void> {
  const { limits, stallTimeoutMs, onBytes } = options;
  const watch = new Watch(options.signal, stallTimeoutMs, limits.totalTimeoutMs);
  let received = 0;
  try {
    for await (const chunk of open(source, watch.signal, options.switchUser)) {
      watch.alive();
      received += chunk.length;
      if (received > limits.fileMaxBytes) throw new FetchError(`it must have at most ${limits.fileMaxBytes} bytes, has more`);
      onBytes?.(chunk.length);
      await file.writeFile(chunk);
      watch.alive();
    }
    if (watch.signal.aborted) throw watch.signal.reason;
  } catch (error) {
    // Whatever an abort looks like to those who were interrupted: why it happened is known here.
    throw watch.signal.aborted ? watch.signal.reason : toFetchError(error);
  } finally {
    watch.stop();
  }
}

async function* open(source: FetchSource, signal: AbortSignal, switchUser: readonly string[]): AsyncGenerator<Buffer> {
  if (source.kind === "file") {
    yield* outputOf({ program: "cat", arguments: ["--", source.path], switchUser, stdin: undefined }, signal);
    return;
  }
  const body = await openHttp(source.url, signal);
  const stop = (): void => void body.destroy(new FetchError("given up"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    yield* body as Readable & AsyncIterable<Buffer>;
  } finally {
    signal.removeEventListener("abort", stop);
    body.destroy();
  }
}

/** Aborts with a reason when nothing came for too long, or all of it takes too long. */
class Watch {
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #total: NodeJS.Timeout;
  readonly #stall: NodeJS.Timeout;

  constructor(outer: AbortSignal, stallTimeoutMs: number, totalTimeoutMs: number) {
    this.signal = AbortSignal.any([outer, this.#abort.signal]);
    this.#stall = this.#timer(stallTimeoutMs, `no byte came for ${stallTimeoutMs} ms`);
    this.#total = this.#timer(totalTimeoutMs, `it did not come within ${totalTimeoutMs} ms`);
  }

  alive(): void {
    this.#stall.refresh();
  }

  stop(): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#total);
  }

  #timer(delayMs: number, reason: string): NodeJS.Timeout {
    return setTimeout(() => this.#abort.abort(new FetchError(reason)), delayMs);
  }
}
