/**
 * The folders of persistent volumes: `<work directory>/volumes/roles/<role>/<id>`, and the same below the root of a disk of its own, PATH
 * or MOUNT. They outlive tasks, agents and the agent's id; only DESTROY removes them. A role's slashes become spaces, which no role has,
 * so that a role below another is not taken for its volume.
 *
 * The work directory is the agent's alone, so what is not kept there goes. Another disk may hold what is not the agent's, or volumes of an
 * agent whose work directory was lost: there goes only what this agent made, which `volumes/elsewhere` of the work directory lists, one
 * file for each.
 */

import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rm,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import type { TaskVolume, VolumeKey } from "../core/command-description.ts";

export interface Volumes {
  /**
   * Creates what is missing, and takes away what is not named. Throws what the file system throws: an agent that cannot keep its
   * volumes must not say that it does.
   */
  keep(volumes: readonly VolumeKey[]): void;
}

/** A volume on a disk of its own. */
type DiskVolume = Required<VolumeKey>;

export function createVolumes(workDirectory: string): Volumes {
  const top = join(workDirectory, "volumes");
  const roles = join(top, rolesName);
  const elsewhere = join(top, "elsewhere");
  let removedCount = 0;
  /** Names in `elsewhere` of the volumes that are kept now. */
  let listed: ReadonlySet<string> = new Set();

  function keep(volumes: readonly VolumeKey[]): void {
    mkdirSync(roles, { recursive: true });
    mkdirSync(elsewhere, { recursive: true });
    keepOwn(volumes.filter(({ root }) => root === undefined));
    keepElsewhere(volumes.filter(isOnDisk));
  }

  function keepOwn(volumes: readonly VolumeKey[]): void {
    const kept = new Set<string>();
    for (const volume of volumes) {
      const folder = volumeFolder(workDirectory, volume);
      kept.add(folder);
      mkdirSync(folder, { recursive: true });
    }
    for (const role of readdirSync(roles)) {
      for (const id of readdirSync(join(roles, role))) if (!kept.has(join(roles, role, id))) moveAway(top, join(roles, role, id));
    }
    removeMoved(top);
  }

  function keepElsewhere(volumes: readonly DiskVolume[]): void {
    listed = new Set(volumes.map(listName));
    for (const volume of volumes) {
      // A root that is gone must not be made again, on another disk.
      statSync(resolve(workDirectory, volume.root));
      list(volume);
      mkdirSync(volumeFolder(workDirectory, volume), { recursive: true });
    }
    for (const name of readdirSync(elsewhere)) if (!listed.has(name)) takeAway(name);
  }

  /** Before the volume is made, and whole or not at all. */
  function list({ root, role, id }: DiskVolume): void {
    const path = join(elsewhere, listName({ root, role, id }));
    if (existsSync(path)) return;
    writeFileSync(join(top, "listing"), JSON.stringify({ root, role, id }));
    renameSync(join(top, "listing"), path);
  }

  /** The list forgets the volume when nothing of it is left. */
  function takeAway(name: string): void {
    const volume = parseListed(readFileSync(join(elsewhere, name), "utf8"));
    const folder = volumeFolder(workDirectory, volume);
    const volumesFolder = join(resolve(workDirectory, volume.root), volumesName);
    if (existsSync(folder)) moveAway(volumesFolder, folder);
    removeMoved(volumesFolder, () => {
      if (!listed.has(name)) rmSync(join(elsewhere, name), { force: true });
    });
  }

  /** The volume is gone at once; its contents, which may be large, go when there is time. */
  function moveAway(volumesFolder: string, folder: string): void {
    renameSync(folder, join(volumesFolder, `${removedPrefix}${process.pid}-${Date.now()}-${removedCount++}`));
  }

  return { keep };
}

const volumesName = "volumes";
const rolesName = "roles";

/** Beside the folder `roles`, for what waits to be removed. */
const removedPrefix = "removed-";

/** What cannot be removed now is found again the next time. `onDone`: nothing of it is left. */
function removeMoved(volumesFolder: string, onDone: () => void = () => {}): void {
  const names = existsSync(volumesFolder) ? readdirSync(volumesFolder).filter((name) => name.startsWith(removedPrefix)) : [];
  let left = names.length;
  if (left === 0) onDone();
  for (const name of names) {
    rm(join(volumesFolder, name), { recursive: true, force: true }, (error) => {
      if (error === null && --left === 0) onDone();
    });
  }
}

function isOnDisk(volume: VolumeKey): volume is DiskVolume {
  return volume.root !== undefined;
}

function listName({ root, role, id }: DiskVolume): string {
  return createHash("sha256")
    .update(JSON.stringify([root, role, id]))
    .digest("hex");
}

/** Throws an Error when it is nothing that `keep` has written. */
function parseListed(text: string): DiskVolume {
  const { root, role, id }: Record<string, unknown> = JSON.parse(text);
  if (typeof root !== "string" || typeof role !== "string" || typeof id !== "string") {
    throw new Error(`a volume in the list of other disks must have root, role and id, is ${text.slice(0, 200)}`);
  }
  return { root, role, id };
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
 * agent would follow it with more rights than they have. Throws what the file system throws, and for a path that leads through a link.
 */
export function makeRealFolders(sandbox: string, folder: string): void {
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

function volumeFolder(workDirectory: string, { role, id, root = "." }: VolumeKey): string {
  return join(resolve(workDirectory, root), volumesName, rolesName, role.replaceAll("/", " "), id);
}
