/**
 * The folders of persistent volumes: `<work directory>/volumes/roles/<role>/<id>`. They outlive tasks, agents and the agent's id; only
 * DESTROY removes them. A role's slashes become spaces, which no role has, so that a role below another is not taken for its volume.
 */

import { chownSync, lstatSync, mkdirSync, readdirSync, renameSync, rm, statSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import type { TaskVolume, VolumeKey } from "../core/command-description.ts";

export interface Volumes {
  /**
   * Creates what is missing, and takes away what is not named. Throws what the file system throws: an agent that cannot keep its
   * volumes must not say that it does.
   */
  keep(volumes: readonly VolumeKey[]): void;
}

export function createVolumes(workDirectory: string): Volumes {
  const top = join(workDirectory, "volumes");
  const roles = rolesFolder(workDirectory);
  let removedCount = 0;

  function keep(volumes: readonly VolumeKey[]): void {
    mkdirSync(roles, { recursive: true });
    const kept = new Set<string>();
    for (const volume of volumes) {
      const folder = volumeFolder(workDirectory, volume);
      kept.add(folder);
      mkdirSync(folder, { recursive: true });
    }
    for (const role of readdirSync(roles)) {
      for (const id of readdirSync(join(roles, role))) if (!kept.has(join(roles, role, id))) moveAway(join(roles, role, id));
    }
    for (const name of readdirSync(top)) if (name.startsWith(removedPrefix)) remove(join(top, name));
  }

  /** The volume is gone at once; its contents, which may be large, go when there is time. */
  function moveAway(folder: string): void {
    renameSync(folder, join(top, `${removedPrefix}${process.pid}-${Date.now()}-${removedCount++}`));
  }

  return { keep };
}

/** Beside the folder `roles`, for what waits to be removed. */
const removedPrefix = "removed-";

/** What cannot be removed now is found again the next time. */
function remove(folder: string): void {
  rm(folder, { recursive: true, force: true }, () => {});
}

/** Shows a task its volumes. Throws what the file system throws, and for a path that leads through a link. */
export function linkVolumes(workDirectory: string, sandbox: string, volumes: readonly TaskVolume[]): void {
  for (const volume of volumes) {
    const link = join(sandbox, volume.containerPath);
    makeRealFolders(sandbox, dirname(link));
    symlinkSync(volumeFolder(workDirectory, volume), link);
  }
}

/**
 * Behind a link lies another volume, or what the task's own files made of it: earlier tasks decide there where a path leads, and the
 * agent would follow it with more rights than they have.
 */
function makeRealFolders(sandbox: string, folder: string): void {
  let place = sandbox;
  for (const part of relative(sandbox, folder).split("/")) {
    if (part === "") continue;
    place = join(place, part);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(place);
    else if (!found.isDirectory()) throw new Error(`the container_path of a volume must lead through folders only, ${place} is none`);
  }
}

/**
 * Lets a user write to the volumes; what is in them stays whose it is. One that tasks of several users may have stays with the first of
 * them. Throws what the file system throws.
 */
export function giveVolumes(workDirectory: string, volumes: readonly TaskVolume[], { uid, gid }: { uid: number; gid: number }): void {
  for (const volume of volumes) {
    const folder = volumeFolder(workDirectory, volume);
    if (!volume.isShared || statSync(folder).uid === process.geteuid?.()) chownSync(folder, uid, gid);
  }
}

function rolesFolder(workDirectory: string): string {
  return join(workDirectory, "volumes", "roles");
}

function volumeFolder(workDirectory: string, { role, id }: VolumeKey): string {
  return join(rolesFolder(workDirectory), role.replaceAll("/", " "), id);
}
