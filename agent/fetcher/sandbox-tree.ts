/**
 * Puts files into a sandbox, and nowhere else. Members of archives come from strangers and may be named "../x", go through a link
 * that an earlier member made, or be links themselves. The rules that keep everything beneath the folder:
 *
 * - A path is relative and has no ".."; every folder on the way to it is a real one, never a link.
 * - The target of a symbolic link is relative; ".." may only stand at its beginning, and does not lead above the sandbox. Each
 *   link on its own then ends inside, so a chain of them does, too. (With ".." behind a name it would not: that name may be a link.)
 * - A hard link is made to a file inside only; devices, pipes and sockets are refused.
 *
 * Nobody else may write to the folder meanwhile: it still belongs to the agent.
 */

import type { Stats } from "node:fs";
import { type FileHandle, link, lstat, mkdir, open, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { FetchError } from "./fetch-error.ts";
import type { FetchLimits } from "./fetch-limits.ts";

/** Read, write and execute; set-user-id and its like do not come out of an archive. */
const permissionBits = 0o777;

export interface NewFile {
  readonly mode: number;
  readonly modifiedAt?: Date | undefined;
}

export class SandboxTree {
  readonly #folder: string;
  readonly #reserved: ReadonlySet<string>;
  readonly #limits: FetchLimits;
  readonly #realFolders = new Set<string>();
  #unpackedBytes = 0;
  #members = 0;

  /** `reserved` are names in the sandbox that are somebody else's. */
  constructor(folder: string, options: { readonly reserved: readonly string[]; readonly limits: FetchLimits }) {
    this.#folder = folder;
    this.#reserved = new Set(options.reserved);
    this.#limits = options.limits;
  }

  /** Creates a file, in place of one that is there, and lets `write` fill it. It is removed when that fails. */
  async createFile(path: string, { mode, modifiedAt }: NewFile, write: (file: FileHandle) => Promise<void>): Promise<string> {
    const place = await this.#freePlace(path);
    const file = await open(place, "wx", 0o600);
    try {
      await write(file);
      // After the writing, and regardless of the agent's umask.
      await file.chmod(mode & permissionBits);
      if (modifiedAt !== undefined) await file.utimes(modifiedAt, modifiedAt);
    } catch (error) {
      await unlink(place).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
    return place;
  }

  /** A file out of an archive: counts against the bounds of what archives may unpack to. */
  async unpackFile(path: string, file: NewFile, content: AsyncIterable<Buffer>): Promise<void> {
    this.#countMember();
    await this.createFile(path, file, async (handle) => {
      for await (const chunk of content) {
        this.#unpackedBytes += chunk.length;
        const { unpackedMaxBytes } = this.#limits;
        if (this.#unpackedBytes > unpackedMaxBytes) throw new FetchError(`it must unpack to at most ${unpackedMaxBytes} bytes, has more`);
        await handle.writeFile(chunk);
      }
    });
  }

  async unpackFolder(path: string): Promise<void> {
    this.#countMember();
    const parts = this.#partsOf(path);
    if (parts.length > 0) await this.#makeFolders(parts);
  }

  async unpackSymbolicLink(path: string, target: string): Promise<void> {
    this.#countMember();
    const depth = this.#partsOf(path).length - 1;
    const steps = target.split("/").filter((step) => step !== "" && step !== ".");
    const ups = steps.findIndex((step) => step !== "..");
    const leading = ups === -1 ? steps.length : ups;
    const leaves = target === "" || target.startsWith("/") || target.includes("\0") || leading > depth;
    if (leaves || steps.slice(leading).includes("..")) {
      const rule = 'must link to a relative path inside of the sandbox with ".." at its beginning only';
      throw new FetchError(`its member ${quote(path)} ${rule}, links to ${quote(target)}`);
    }
    await symlink(target, await this.#freePlace(path));
  }

  async unpackHardLink(path: string, target: string): Promise<void> {
    this.#countMember();
    const parts = this.#partsOf(target);
    const place = join(this.#folder, ...parts);
    const isReal = await this.#hasRealParents(parts);
    const found = isReal ? await look(place) : undefined;
    if (found?.isFile() !== true) {
      throw new FetchError(`its member ${quote(path)} must be a hard link to a file that came before it, links to ${quote(target)}`);
    }
    const free = await this.#freePlace(path, place);
    if (free !== place) await link(place, free);
  }

  #countMember(): void {
    const { membersMax } = this.#limits;
    if (++this.#members > membersMax) throw new FetchError(`it must unpack to at most ${membersMax} files and folders, has more`);
  }

  /** Where nothing is, or no longer: a file or link there makes room, unless it is `keep`. */
  async #freePlace(path: string, keep?: string): Promise<string> {
    const parts = this.#partsOf(path);
    if (parts.length === 0) throw new FetchError(`${quote(path)} must name something in the sandbox`);
    if (parts.length > 1) await this.#makeFolders(parts.slice(0, -1));
    const place = join(this.#folder, ...parts);
    const found = await look(place);
    if (found === undefined || place === keep) return place;
    if (found.isDirectory()) throw new FetchError(`${quote(path)} must not take the place of a folder`);
    await unlink(place);
    return place;
  }

  #partsOf(path: string): readonly string[] {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (path.startsWith("/") || parts.includes("..") || path.includes("\0")) {
      throw new FetchError(`it must stay in the sandbox, has a member ${quote(path)}`);
    }
    const [first] = parts;
    if (first !== undefined && this.#reserved.has(first)) throw new FetchError(`${quote(first)} in the sandbox is the agent's own`);
    return parts;
  }

  async #makeFolders(parts: readonly string[]): Promise<void> {
    let place = this.#folder;
    for (const part of parts) {
      place = join(place, part);
      if (this.#realFolders.has(place)) continue;
      const found = await look(place);
      if (found === undefined) await mkdir(place, 0o755);
      else if (!found.isDirectory()) {
        throw new FetchError(`the way to ${quote(parts.join("/"))} must be folders, has ${quote(place.slice(this.#folder.length + 1))}`);
      }
      // Nothing takes the place of a folder, so one look is enough.
      this.#realFolders.add(place);
    }
  }

  async #hasRealParents(parts: readonly string[]): Promise<boolean> {
    for (let place = dirname(join(this.#folder, ...parts)); place !== this.#folder; place = dirname(place)) {
      if (!place.startsWith(`${this.#folder}/`)) return false;
      if ((await look(place))?.isDirectory() !== true) return false;
    }
    return true;
  }
}

/** Without following a link; undefined where nothing is. */
async function look(place: string): Promise<Stats | undefined> {
  try {
    return await lstat(place);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Names in archives may be anything. */
function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}
