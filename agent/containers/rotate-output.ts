/**
 * Cuts a file that a task appends to, by copy and truncate: `stdout` becomes `stdout.1`, that becomes `stdout.2`, and so on. The task
 * keeps its open file and notices nothing; no process stands between it and the disk, so its output needs no agent.
 *
 * What can be lost: what is written between the last read, which found nothing new, and the truncation, the very next system call; of a
 * write that is under way just then, its end. And where a task writes faster than that, what is more than twice `maxBytes`: the oldest
 * of what is there, the newest of what comes during the copy. An agent that is killed between copy and truncation leaves the same
 * text in both files.
 */

import { constants, fchmodSync, fchownSync, ftruncateSync, readSync, type Stats, writeSync } from "node:fs";
import { type FileHandle, lstat, open, rename, unlink } from "node:fs/promises";

import { hasCode, isReachedWithoutLinks } from "./sandbox-layout.ts";

export interface RotationLimits {
  /** A file that is larger is cut; what is kept of it is at most twice as much. */
  readonly maxBytes: number;
  /** Older files beside it, 1 or more. */
  readonly filesMax: number;
}

export type RotationOutcome =
  | { readonly kind: "untouched" }
  | { readonly kind: "rotated" }
  /** The file was cut, because its size must not depend on the reason; what was in it is gone. */
  | { readonly kind: "lost"; readonly bytes: number; readonly reason: string };

const chunkBytes = 64 * 1024;

/** So much at most is copied in one go, without giving way to others: what is written while one copies gets less each time. */
const lastPartMaxBytes = 1024 * 1024;

/** Rejects with what the file system says when the file itself cannot be looked at or cut. */
export async function rotateOutput(path: string, limits: RotationLimits): Promise<RotationOutcome> {
  if (!isLarge(await lstat(path), limits) || !isReachedWithoutLinks(path)) return { kind: "untouched" };
  // The task owns the folder: it may have put anything there, at any time. Only what was opened is cut.
  const source = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await source.stat();
    if (!isLarge(stats, limits)) return { kind: "untouched" };
    try {
      await keepAndCut(source, { path, stats, limits });
      return { kind: "rotated" };
    } catch (error) {
      const { size } = await source.stat();
      await source.truncate(0);
      return { kind: "lost", bytes: size, reason: error instanceof Error ? error.message : String(error) };
    }
  } finally {
    await source.close();
  }
}

/** A link to a file of somebody else, hard or symbolic, is none of ours. */
function isLarge(stats: Stats, { maxBytes }: RotationLimits): boolean {
  return stats.isFile() && stats.nlink === 1 && stats.size > maxBytes;
}

interface Rotation {
  readonly path: string;
  readonly stats: Stats;
  readonly limits: RotationLimits;
}

async function keepAndCut(source: FileHandle, { path, stats, limits }: Rotation): Promise<void> {
  await makeRoom(path, limits.filesMax);
  const target = await open(`${path}.1`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    // As the task itself would have made it.
    fchownSync(target.fd, stats.uid, stats.gid);
    fchmodSync(target.fd, stats.mode & 0o777);
    let position = Math.max(0, stats.size - 2 * limits.maxBytes);
    const stopBytes = position + 2 * limits.maxBytes;
    const buffer = Buffer.alloc(chunkBytes);
    for (let size = stats.size; position < stopBytes && size - position > lastPartMaxBytes; size = (await source.stat()).size) {
      const { bytesRead } = await source.read(buffer, 0, chunkBytes, position);
      await target.writeFile(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    copyRestAndCut(source.fd, target.fd, { position, stopBytes: Math.min(stopBytes, position + 2 * lastPartMaxBytes) });
  } catch (error) {
    // Half a copy on a full disk is of less use than the room.
    await unlink(`${path}.1`);
    throw error;
  } finally {
    await target.close();
  }
}

/** Each older file becomes one older, up to the first that is missing. */
async function makeRoom(path: string, filesMax: number): Promise<void> {
  let free = 1;
  while (free < filesMax && (await isThere(`${path}.${free}`))) free += 1;
  for (let age = free - 1; age >= 1; age--) await rename(`${path}.${age}`, `${path}.${age + 1}`);
  if (filesMax === 1 && (await isThere(`${path}.1`))) await unlink(`${path}.1`);
}

/** Without anything else in between. Two parts at most: for what there was, and for what comes meanwhile. */
function copyRestAndCut(source: number, target: number, from: { readonly position: number; readonly stopBytes: number }): void {
  const buffer = Buffer.alloc(chunkBytes);
  let { position } = from;
  while (position < from.stopBytes) {
    const bytesRead = readSync(source, buffer, 0, Math.min(chunkBytes, from.stopBytes - position), position);
    if (bytesRead === 0) break;
    for (let written = 0; written < bytesRead; ) written += writeSync(target, buffer, written, bytesRead - written);
    position += bytesRead;
  }
  ftruncateSync(source, 0);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}
