/** How much of the disk a sandbox takes, links not followed. One operation at a time and bounded, whatever a task has put there. */

import type { Dir } from "node:fs";
import { lstat, opendir } from "node:fs/promises";

import { hasCode } from "./sandbox-layout.ts";

/** Some seconds of work at most. A sandbox with more is reported with what was seen so far. */
export const measuredEntriesMax = 100_000;

/** Bytes of blocks that are in use. A file with several names in the tree counts once. Rejects with what the file system says. */
export async function measureTree(tree: string, entriesMax = measuredEntriesMax): Promise<number> {
  // One character for each byte: only so does every name come back to the system as it was.
  const pending = [Buffer.from(tree).toString("latin1")];
  const seen = new Set<number>();
  let entries = 0;
  let used = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const opened = await openIfThere(folder);
    if (opened === undefined) continue;
    for await (const entry of opened) {
      if (++entries > entriesMax) return used;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      used += await usedBy(path, seen);
    }
  }
  return used;
}

async function usedBy(path: string, seen: Set<number>): Promise<number> {
  try {
    const { blocks, nlink, ino, isDirectory } = await lstatOf(path);
    if (!isDirectory && nlink > 1) {
      if (seen.has(ino)) return 0;
      seen.add(ino);
    }
    return blocks * 512;
  } catch (error) {
    if (isPassing(error)) return 0;
    throw error;
  }
}

async function lstatOf(path: string) {
  const stats = await lstat(Buffer.from(path, "latin1"));
  return { blocks: stats.blocks, nlink: stats.nlink, ino: stats.ino, isDirectory: stats.isDirectory() };
}

/** Undefined for what is gone meanwhile, lies too deep to be named, or is not ours to read. */
async function openIfThere(folder: string): Promise<Dir | undefined> {
  try {
    const opened = await opendir(Buffer.from(folder, "latin1"), { encoding: "latin1" });
    return opened;
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

function isPassing(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG", "EACCES", "ELOOP");
}
