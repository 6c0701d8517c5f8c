/**
 * Where sandboxes are, as in the reference: one folder for each run,
 *
 *   <work directory>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>
 *
 * and beside it a link `latest` to the last run. A nested container has its own below the run of the outer one, in `containers/<name>`.
 * Tools that know Mesos find what they look for.
 */

import { createHash } from "node:crypto";
import { readdirSync, realpathSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { parentContainerId } from "../../common/container-id.ts";
import { ContainerId } from "../../common/ids.ts";
import type { SandboxKey } from "../core/sandbox-key.ts";

export interface Run {
  readonly containerId: ContainerId;
  readonly folder: string;
}

/** Beside the runs of an executor: a link to the last one. */
export const latestName = "latest";

/** What a command prints goes to these files of its sandbox. */
export const outputNames = ["stdout", "stderr"] as const;
export type OutputName = (typeof outputNames)[number];

/** NAME_MAX of Linux. Ids have as many characters at most, which can be more bytes. */
const nameMaxBytes = 255;

export function runFolder(workDirectory: string, key: SandboxKey, containerId: ContainerId): string {
  const outer = parentContainerId(containerId);
  if (outer !== undefined) return nestedFolder(runFolder(workDirectory, key, outer), containerId);
  return join(runsFolder(workDirectory, key), containerId);
}

/** Of all runs of an executor. */
export function runsFolder(workDirectory: string, { agentId, frameworkId, executorId }: SandboxKey): string {
  const framework = join(topOf(workDirectory), toName(agentId), "frameworks", toName(frameworkId));
  return join(framework, "executors", toName(executorId), "runs");
}

/** The sandbox of a nested container, where that of the container around it is known. */
export function nestedFolder(outerFolder: string, containerId: ContainerId): string {
  return join(outerFolder, "containers", containerId.slice(containerId.lastIndexOf(".") + 1));
}

/** Throws what the file system throws. */
export function linkLatest(folder: string, containerId: ContainerId): void {
  const link = join(dirname(folder), latestName);
  try {
    symlinkSync(containerId, link);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    unlinkSync(link);
    symlinkSync(containerId, link);
  }
}

/**
 * Every run there is, of every agent id. Links are not followed; folders of executors without a run go. What cannot be read is told
 * to `onError` and passed over.
 */
export async function* walkRuns(workDirectory: string, onError: (folder: string, error: unknown) => void): AsyncGenerator<Run> {
  async function foldersIn(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) onError(folder, error);
      return [];
    }
  }
  const top = topOf(workDirectory);
  for (const agent of await foldersIn(top)) {
    const frameworks = join(top, agent, "frameworks");
    for (const framework of await foldersIn(frameworks)) {
      const executors = join(frameworks, framework, "executors");
      for (const executor of await foldersIn(executors)) {
        const runs = join(executors, executor, "runs");
        const containerIds = await foldersIn(runs);
        for (const containerId of containerIds) yield { containerId: ContainerId(containerId), folder: join(runs, containerId) };
        if (containerIds.length === 0) removeEmptyAbove(workDirectory, join(runs, latestName));
      }
    }
  }
}

/**
 * After a run is gone: removes the folders above it that have nothing in them any more. Synchronous, so that no launch comes between;
 * rmdir itself refuses a folder that is in use.
 */
export function removeEmptyAbove(workDirectory: string, folder: string): void {
  const top = topOf(workDirectory);
  const runs = dirname(folder);
  try {
    if (!isReachedWithoutLinks(folder)) return;
    const names = readdirSync(runs);
    if (names.length === 1 && names[0] === latestName) unlinkSync(join(runs, latestName));
    for (let above = runs; above.startsWith(`${top}/`); above = dirname(above)) rmdirSync(above);
  } catch {
    // Something is in there, or somebody else was faster: either way there is nothing to do.
  }
}

/** A task may put a link in the place of a folder; nothing may be moved or removed through it. Throws what the file system throws. */
export function isReachedWithoutLinks(folder: string): boolean {
  return realpathSync(dirname(folder)) === dirname(folder);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}

function topOf(workDirectory: string): string {
  return join(workDirectory, "slaves");
}

/** The id itself wherever it can be a name. */
function toName(id: string): string {
  return Buffer.byteLength(id) <= nameMaxBytes ? id : createHash("sha256").update(id).digest("hex");
}
