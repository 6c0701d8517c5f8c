/**
 * Directories that a node shows to operators, and nothing else of its disk. What is in them may belong to somebody hostile, who changes it
 * at any moment: links are followed, but what was opened is asked where it is before a byte of it is told.
 */

import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat } from "node:fs/promises";

import type { FilePart, FilePartWanted, ListedFile } from "../common/process-calls.ts";
import { type Result, refuse, succeed } from "../common/result.ts";

/** Of one answer; gRPC's own default for a received message is 4 MiB. Who wants more asks again. */
export const readMaxBytes = 1024 * 1024;

/** An answer with as many names of 255 bytes, each with the path of its directory, is still below 4 MiB. */
export const listMaxEntries = 5_000;

/** Looks at a time: each holds a descriptor, and up to `readMaxBytes`. */
export const looksMax = 64;

export interface ExposedPath {
  /** Absolute and without links: nothing outside is shown. */
  readonly root: string;
  /** Names below the root. */
  readonly within: readonly string[];
}

/** What a path of an operator means; undefined when it means nothing that is shown. `names` are its parts, without empty ones and ".". */
export type Locate = (names: readonly string[]) => Promise<ExposedPath | undefined>;

export interface ExposedFilesOptions {
  readonly locate: Locate;
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  readonly maxLooks?: number;
}

export interface Opened {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

export class ExposedFiles {
  readonly #locate: Locate;
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  readonly #maxLooks: number;
  #lookCount = 0;

  constructor({ locate, maxBytes = readMaxBytes, maxEntries = listMaxEntries, maxLooks = looksMax }: ExposedFilesOptions) {
    this.#locate = locate;
    this.#maxBytes = maxBytes;
    this.#maxEntries = maxEntries;
    this.#maxLooks = maxLooks;
  }

  /** What is in a directory, by name; links as links. */
  list(path: string): Promise<Result<readonly ListedFile[]>> {
    return this.#look(path, async ({ handle, stats }) => {
      if (!stats.isDirectory()) return refuse("INVALID_ARGUMENT", `list_files.path must be a directory, ${path} is none`);
      const folder = placeOf(handle);
      const names = (await readdir(folder)).sort();
      if (names.length > this.#maxEntries) {
        return refuse("RESOURCE_EXHAUSTED", `${path} has ${names.length} entries, of which at most ${this.#maxEntries} can be listed`);
      }
      const files: ListedFile[] = [];
      for (const name of names) {
        const file = await describeFile(`${folder}/${name}`, `${path.replace(/\/+$/, "")}/${name}`);
        if (file !== undefined) files.push(file);
      }
      return succeed(files);
    });
  }

  /** Beyond the end there is nothing, which is no mistake: who follows a file asks for what is not there yet. */
  read({ path, offset, length }: FilePartWanted): Promise<Result<FilePart>> {
    return this.#look(path, async ({ handle, stats }) => {
      if (!stats.isFile()) return refuse("INVALID_ARGUMENT", `read_file.path must be a file, ${path} is none`);
      const sizeBytes = stats.size;
      if (offset >= BigInt(sizeBytes)) return succeed({ sizeBytes, data: new Uint8Array() });
      const start = Number(offset);
      const wanted = Math.min(this.#maxBytes, sizeBytes - start);
      const data = await readPart(handle, start, length === undefined || length > BigInt(wanted) ? wanted : Number(length));
      return succeed({ sizeBytes, data });
    });
  }

  async #look<T>(path: string, use: (opened: Opened) => Promise<Result<T>>): Promise<Result<T>> {
    if (this.#lookCount >= this.#maxLooks)
      return refuse("RESOURCE_EXHAUSTED", `${this.#maxLooks} files are looked at, the limit; try again`);
    this.#lookCount++;
    try {
      const names = path.split("/").filter((name) => name !== "" && name !== ".");
      const exposed = await this.#locate(names);
      const opened = exposed === undefined ? undefined : await openWithin(exposed);
      if (opened === undefined) return refuse("NOT_FOUND", `there is no ${path} that can be shown`);
      try {
        return await use(opened);
      } finally {
        await opened.handle.close();
      }
    } catch (error) {
      return toRefusal(path, error);
    } finally {
      this.#lookCount--;
    }
  }
}

/** Undefined when it is not in the root after all, or neither a file nor a directory. Rejects with what the file system says. */
export async function openWithin({ root, within }: ExposedPath): Promise<Opened | undefined> {
  if ((await realpath(root)) !== root) return undefined;
  const target = [root, ...within].join("/");
  // To open a device can have an effect of its own.
  if (!isPlain(await stat(target))) return undefined;
  const handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const place = await readlink(placeOf(handle));
    const stats = await handle.stat();
    if (isPlain(stats) && (place === root || place.startsWith(`${root}/`))) return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** What was opened, wherever it was moved since. */
function placeOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

function isPlain(stats: Stats): boolean {
  return stats.isFile() || stats.isDirectory();
}

/** Undefined when it went meanwhile. */
async function describeFile(place: string, path: string): Promise<ListedFile | undefined> {
  try {
    const { nlink, size, mtimeMs, mode, uid, gid } = await lstat(place);
    return { path, nlink, sizeBytes: size, modifiedWallMs: mtimeMs, mode, uid, gid };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Less than `length` when the file became shorter. */
async function readPart(handle: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  let count = 0;
  while (count < length) {
    const { bytesRead } = await handle.read(buffer, count, length - count, start + count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return buffer.subarray(0, count);
}

function toRefusal(path: string, error: unknown): Result<never> {
  const code = codeOf(error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return refuse("NOT_FOUND", `there is no ${path} that can be shown`);
    case "EACCES":
    case "EPERM":
      return refuse("PERMISSION_DENIED", `${path} may not be read by this process`);
    case undefined:
      throw error;
    default:
      return refuse("UNAVAILABLE", `${path} cannot be read: ${code}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
