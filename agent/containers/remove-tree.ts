/**
 * Removes a tree of any size and depth, whatever a task may have left there: names that are not UTF-8, paths longer than the
 * kernel takes, folders without permissions, links to elsewhere (which are removed, never followed). One operation at a time, so that
 * the agent's other work on files is not held up, and no list of a folder's contents is ever in memory.
 */

import { chmod, lstat, opendir, rename, rmdir, unlink } from "node:fs/promises";

import { hasCode } from "./sandbox-layout.ts";

/** Below PATH_MAX (4,096) by more than a name: what lies deeper is moved up first. */
const pathMaxBytes = 3_500;

/** Somebody who keeps writing into the tree is not waited for. */
const attemptsMax = 100;

/**
 * `place` is a folder on the same file system, to which no task has access, for what lies too deep. Rejects with what the file system
 * says; what is left then can be tried again.
 */
export async function removeTree(tree: string, place: string): Promise<void> {
  // To open a folder by its name would follow a link. Beneath, the folder's own entries say what is one.
  if (!(await isFolder(tree))) return;
  // One character for each byte: only so does every name come back to the system as it was.
  const pending = [toLatin1(tree)];
  let movedCount = 0;
  let attempts = 0;
  for (let folder = pending.at(-1); folder !== undefined; folder = pending.at(-1)) {
    const below = await emptyUpToFolder(folder);
    if (below === undefined) {
      if (await removeFolder(folder)) pending.pop();
      else if (++attempts > attemptsMax) throw new Error(`${folder} does not get empty`);
    } else if (below.length <= pathMaxBytes) {
      pending.push(below);
    } else {
      const moved = toLatin1(`${place}/deep-${process.pid}-${Date.now()}-${movedCount++}`);
      await rename(bytes(below), bytes(moved));
      pending.unshift(moved);
    }
  }
}

/** False when it was none, and is gone now. */
async function isFolder(tree: string): Promise<boolean> {
  try {
    if ((await lstat(tree)).isDirectory()) return true;
    await unlink(tree);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  return false;
}

/** Removes what is no folder, up to the first folder, which is the answer; undefined when nothing is left. */
async function emptyUpToFolder(folder: string): Promise<string | undefined> {
  for await (const entry of await openReadable(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return path;
    await unlinkIfThere(path);
  }
  return undefined;
}

async function openReadable(folder: string): ReturnType<typeof opendir> {
  const open = (): ReturnType<typeof opendir> => opendir(bytes(folder), { encoding: "latin1" });
  try {
    const entries = await open();
    return entries;
  } catch (error) {
    if (!hasCode(error, "EACCES")) throw error;
    await chmod(bytes(folder), 0o700);
    return open();
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(bytes(path));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    if (!hasCode(error, "EACCES")) throw error;
    await chmod(bytes(path.slice(0, path.lastIndexOf("/"))), 0o700);
    await unlink(bytes(path));
  }
}

/** Whether it is gone. */
async function removeFolder(folder: string): Promise<boolean> {
  try {
    await rmdir(bytes(folder));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOTEMPTY")) return false;
    throw error;
  }
}

function toLatin1(path: string): string {
  return Buffer.from(path).toString("latin1");
}

function bytes(latin1: string): Buffer {
  return Buffer.from(latin1, "latin1");
}
