/**
 * The folders in which tasks run and leave their output: `<work directory>/sandboxes/<container>/{stdout,stderr}`. The
 * output of an ended task stays for whoever looks for the reason, of the last `keptMax` ended ones.
 */

import { closeSync, mkdirSync, openSync, readdirSync, rm, statSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";

/** Sandboxes of ended containers that stay. Enough to look into the last minutes of a busy agent; small ones take some 10 MB together. */
export const keptSandboxesMax = 1_000;

export interface Sandbox {
  readonly folder: string;
  /** Open for appending; the caller closes them. */
  readonly stdout: number;
  readonly stderr: number;
}

export interface Sandboxes {
  /** Throws what the file system throws. */
  create(containerId: ContainerId): Sandbox;
  /** The container is forgotten: its sandbox counts among the kept ones, and the oldest of those too many go. */
  retire(containerId: ContainerId): void;
  /** Takes over what an earlier agent kept: every sandbox but those of `known` containers, in order of age. */
  recover(known: ReadonlySet<ContainerId>): void;
}

export function createSandboxes(folder: string, keptMax = keptSandboxesMax): Sandboxes {
  mkdirSync(folder, { recursive: true });
  const kept = new Set<string>();

  function create(containerId: ContainerId): Sandbox {
    const sandbox = join(folder, containerId);
    mkdirSync(sandbox, { recursive: true });
    const stdout = openSync(join(sandbox, "stdout"), "a");
    try {
      return { folder: sandbox, stdout, stderr: openSync(join(sandbox, "stderr"), "a") };
    } catch (error) {
      closeSync(stdout);
      throw error;
    }
  }

  function retire(containerId: ContainerId): void {
    kept.add(containerId);
    trim();
  }

  function recover(known: ReadonlySet<ContainerId>): void {
    const found = readdirSync(folder)
      .filter((name) => !known.has(name as ContainerId))
      .map((name) => ({ name, modifiedAtMs: statSync(join(folder, name)).mtimeMs }))
      .sort((left, right) => left.modifiedAtMs - right.modifiedAtMs || (left.name < right.name ? -1 : 1));
    for (const { name } of found) kept.add(name);
    trim();
  }

  function trim(): void {
    for (const name of kept) {
      if (kept.size <= keptMax) return;
      kept.delete(name);
      // Housekeeping: what cannot be removed now is found again by the next agent on this work directory.
      rm(join(folder, name), { recursive: true, force: true }, () => {});
    }
  }

  return { create, retire, recover };
}
