/**
 * The folders in which containers run and leave their output, `stdout` and `stderr`. They stay when a container has ended, for
 * whoever looks for the reason, until the collector (sandbox-collector.ts) takes them. The sandbox of a nested container lies in that of
 * the container around it, and goes with it.
 */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId } from "../../common/ids.ts";
import type { SandboxKey } from "../core/sandbox-key.ts";
import { linkLatest, nestedFolder, type Run, runFolder } from "./sandbox-layout.ts";

export interface Sandbox {
  readonly folder: string;
  /** Open for appending, so that the files may be cut while the task writes; the caller closes them. */
  readonly stdout: number;
  readonly stderr: number;
}

export class Sandboxes {
  readonly #workDirectory: string;
  readonly #onEnded: (folder: string) => void;
  /** Of containers that are not forgotten. Undefined: an earlier agent made it, and it was not found yet. */
  readonly #folders = new Map<ContainerId, string | undefined>();
  /** Forgotten before their sandboxes were found. */
  readonly #endedUnfound = new Set<ContainerId>();

  /** `workDirectory` is absolute and without links; `onEnded` hears of each sandbox that nothing runs in any more. */
  constructor(workDirectory: string, onEnded: (folder: string) => void) {
    this.#workDirectory = workDirectory;
    this.#onEnded = onEnded;
  }

  /** Throws what the file system throws. */
  create(containerId: ContainerId, key: SandboxKey): Sandbox {
    const folder = this.createFolder(containerId, key);
    const stdout = openSync(join(folder, "stdout"), "a");
    try {
      return { folder, stdout, stderr: openSync(join(folder, "stderr"), "a") };
    } catch (error) {
      closeSync(stdout);
      throw error;
    }
  }

  /** The folder alone, for what comes into it before the container starts; it may be there. Throws what the file system throws. */
  createFolder(containerId: ContainerId, key: SandboxKey): string {
    const folder = runFolder(this.#workDirectory, key, containerId);
    this.#folders.set(containerId, folder);
    mkdirSync(folder, { recursive: true });
    const outer = parentContainerId(containerId) ?? containerId;
    this.#folders.set(outer, runFolder(this.#workDirectory, key, outer));
    linkLatest(runFolder(this.#workDirectory, key, outer), outer);
    return folder;
  }

  /** Undefined for a container that is not there, or whose sandbox was not found yet after a restart. */
  folderOf(containerId: ContainerId): string | undefined {
    return this.#folders.get(containerId);
  }

  /** Of all containers that are not forgotten. */
  folders(): readonly Run[] {
    return [...this.#folders].flatMap(([containerId, folder]) => (folder === undefined ? [] : [{ containerId, folder }]));
  }

  /** The container is forgotten: from here on its sandbox ages, or that around it as soon as the outer container is forgotten, too. */
  retire(containerId: ContainerId): void {
    const folder = this.#folders.get(containerId);
    if (parentContainerId(containerId) !== undefined) {
      this.#folders.delete(containerId);
      return;
    }
    if (folder !== undefined) this.#onEnded(folder);
    else if (this.#folders.has(containerId)) this.#endedUnfound.add(containerId);
    this.#folders.delete(containerId);
  }

  /** Containers that an earlier agent started; `claim` finds their sandboxes. */
  recover(known: Iterable<ContainerId>): void {
    for (const containerId of known) {
      this.#folders.set(containerId, undefined);
      this.#folders.set(parentContainerId(containerId) ?? containerId, undefined);
    }
  }

  /** Whether the run that was found on disk is in use, or has just ended: it is not for others to judge its age. */
  claim({ containerId, folder }: Run): boolean {
    if (this.#endedUnfound.delete(containerId)) {
      this.#onEnded(folder);
      return true;
    }
    if (!this.#folders.has(containerId)) return false;
    this.#folders.set(containerId, folder);
    for (const nested of this.#folders.keys()) {
      if (parentContainerId(nested) === containerId) this.#folders.set(nested, nestedFolder(folder, nested));
    }
    return true;
  }
}
