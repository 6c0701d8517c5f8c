/**
 * Brings the files of a command into its sandbox, one after the other and in their order, before the command starts. The first that
 * fails fails them all. Nobody but the agent may write to the sandbox meanwhile; the caller gives it to the task's user afterwards.
 */

import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";

import type { CommandUri } from "../core/command-description.ts";
import { download } from "./download.ts";
import { FetchCache } from "./fetch-cache.ts";
import { FetchError, toFetchError } from "./fetch-error.ts";
import { type FetchLimits, fetchLimits } from "./fetch-limits.ts";
import { type FetchSource, outputPath, parseSource, withoutPassword } from "./fetch-source.ts";
import { SandboxTree } from "./sandbox-tree.ts";
import { type ArchiveKind, archiveKind, unpack } from "./unpack.ts";

export interface FetcherOptions {
  /** Of the cache; emptied. */
  readonly cacheFolder: string;
  readonly cacheMaxBytes: number;
  /** The longest time without a single byte. */
  readonly stallTimeoutMs: number;
  readonly limits?: FetchLimits;
}

export interface FetchOrder {
  readonly uris: readonly CommandUri[];
  /** The sandbox. */
  readonly folder: string;
  /** Names in it that are the agent's own. */
  readonly reserved: readonly string[];
  /** For whom: files are read with this user's rights, and nobody else gets them out of the cache. */
  readonly userName: string;
  /** What stands before a program to run it as that user; empty for the agent's own. */
  readonly switchUser: readonly string[];
  readonly signal: AbortSignal;
}

interface Item {
  readonly uri: CommandUri;
  readonly source: FetchSource;
  /** Its path in the sandbox. */
  readonly name: string;
  readonly mode: number;
  /** Undefined when it is not to be unpacked. */
  readonly archive: ArchiveKind | undefined;
}

export class Fetcher {
  readonly #cache: FetchCache;
  readonly #stallTimeoutMs: number;
  readonly #limits: FetchLimits;

  /** Throws what the file system throws. */
  constructor({ cacheFolder, cacheMaxBytes, stallTimeoutMs, limits = fetchLimits }: FetcherOptions) {
    this.#cache = new FetchCache(cacheFolder, cacheMaxBytes);
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#limits = limits;
  }

  /** Throws FetchError, which names the URI and says what is wrong with it, or the reason of the signal. */
  async fetch(order: FetchOrder): Promise<void> {
    const items = order.uris.map((uri, index) => explained(index, uri, () => readItem(uri)));
    const tree = new SandboxTree(order.folder, { reserved: order.reserved, limits: this.#limits });
    for (const [index, item] of items.entries()) {
      try {
        await this.#fetchOne(item, tree, order);
      } catch (error) {
        if (order.signal.aborted) throw order.signal.reason;
        throw explain(index, item.uri, error);
      }
    }
  }

  async #fetchOne(item: Item, tree: SandboxTree, order: FetchOrder): Promise<void> {
    const { uri, source, name, mode, archive } = item;
    const { signal, switchUser } = order;
    const options = { limits: this.#limits, stallTimeoutMs: this.#stallTimeoutMs, switchUser };
    if (!uri.cache) {
      const place = await tree.createFile(name, { mode }, (file) => download(source, file, { ...options, signal }));
      if (archive !== undefined) await unpack({ kind: archive, place, name }, { tree, switchUser, signal });
      return;
    }
    const key = JSON.stringify([order.userName, uri.value]);
    const cached = await this.#cache.use(key, (file, how) => download(source, file, { ...options, ...how }), signal);
    try {
      if (archive !== undefined) await unpack({ kind: archive, place: cached.place, name }, { tree, switchUser, signal });
      else await tree.createFile(name, { mode }, (file) => copyInto(cached.place, file.fd));
    } finally {
      cached.release();
    }
  }
}

function readItem(uri: CommandUri): Item {
  const source = parseSource(uri.value);
  const name = outputPath(uri, source);
  const archive = uri.extract && !uri.executable ? archiveKind(name) : undefined;
  return { uri, source, name, mode: uri.executable ? 0o755 : 0o644, archive };
}

/** The open file has no path that is safe from others than /proc's; a copy-on-write file system copies nothing at all. */
function copyInto(place: string, descriptor: number): Promise<void> {
  return copyFile(place, `/proc/self/fd/${descriptor}`, constants.COPYFILE_FICLONE);
}

function explained<T>(index: number, uri: CommandUri, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(index, uri, error);
  }
}

function explain(index: number, { value }: CommandUri, error: unknown): FetchError {
  const { message } = toFetchError(error);
  return new FetchError(`command.uris[${index}].value must be fetched, ${withoutPassword(value)} was not: ${message}`, { cause: error });
}
