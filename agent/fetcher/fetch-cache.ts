/**
 * Files that commands have asked the agent to keep, by user and URI. Whoever asks for one that is on its way waits for the same
 * download; it is given up when nobody waits any more. The bytes are bounded: the file that nobody has used for the longest time goes
 * first, and one that is in use never does. A file that does not fit beside those in use is given to those who wait for it and then
 * removed. The cache starts empty with each process of the agent, since nothing would say whether its files are whole.
 */

import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";

export interface CachedFile {
  readonly place: string;
  /** To be called once, when the file was read. */
  readonly release: () => void;
}

/** Fills the file; `onBytes` must hear of each piece before it is written. */
export type FillFile = (
  file: FileHandle,
  options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
) => Promise<void>;

interface Entry {
  readonly key: string;
  readonly place: string;
  readonly abort: AbortController;
  readonly filled: Promise<void>;
  bytes: number;
  userCount: number;
  isFilled: boolean;
  /** In the table, and its bytes count. */
  isKept: boolean;
}

export class FetchCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** The one that was used longest ago comes first. */
  readonly #entries = new Map<string, Entry>();
  #keptBytes = 0;
  #lastNumber = 0;

  /** Throws what the file system throws. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Of the files that are kept or on their way to it. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** The file, filled now or before. Throws what `fill` throws, or the reason of `signal`; a file that failed leaves nothing. */
  async use(key: string, fill: FillFile, signal: AbortSignal): Promise<CachedFile> {
    const entry = this.#entries.get(key) ?? this.#add(key, fill);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.userCount++;
    try {
      await unlessAborted(entry.filled, signal);
    } catch (error) {
      this.#release(entry);
      throw error;
    }
    return { place: entry.place, release: () => this.#release(entry) };
  }

  #add(key: string, fill: FillFile): Entry {
    const place = join(this.#folder, String(++this.#lastNumber));
    const abort = new AbortController();
    const onBytes = (count: number): void => this.#grow(entry, count);
    const filled = Promise.resolve().then(async () => {
      const file = await open(place, "wx", 0o600);
      try {
        abort.signal.throwIfAborted();
        await fill(file, { signal: abort.signal, onBytes });
        entry.isFilled = true;
      } catch (error) {
        this.#forget(entry);
        remove(place);
        throw error;
      } finally {
        await file.close();
      }
    });
    // Those who wait hear of it; there may be none left.
    filled.catch(() => {});
    const entry: Entry = { key, place, abort, filled, bytes: 0, userCount: 0, isFilled: false, isKept: true };
    this.#entries.set(key, entry);
    return entry;
  }

  #grow(entry: Entry, count: number): void {
    entry.bytes += count;
    if (!entry.isKept) return;
    this.#keptBytes += count;
    for (const other of this.#entries.values()) {
      if (this.#keptBytes <= this.#maxBytes) return;
      if (other.userCount > 0 || !other.isFilled) continue;
      this.#forget(other);
      remove(other.place);
    }
    if (this.#keptBytes > this.#maxBytes) this.#forget(entry);
  }

  #release(entry: Entry): void {
    entry.userCount--;
    if (entry.userCount > 0) return;
    if (!entry.isFilled) {
      // Whoever asks next starts anew.
      this.#forget(entry);
      entry.abort.abort(new Error("nobody waits for the file any more"));
    } else if (!entry.isKept) remove(entry.place);
  }

  #forget(entry: Entry): void {
    if (!entry.isKept) return;
    entry.isKept = false;
    this.#keptBytes -= entry.bytes;
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
  }
}

/** What cannot be removed now goes when the agent starts again. */
function remove(place: string): void {
  rm(place, { force: true }).catch(() => {});
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
