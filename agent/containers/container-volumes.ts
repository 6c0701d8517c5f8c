/** Shows a container the volumes that its ContainerInfo asks for: links in its sandbox, made before anything of it runs. */

import { existsSync, lchownSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

import type { VolumeTarget } from "../../common/container-volumes.ts";
import type { ContainerVolume } from "../core/container-setup.ts";
import type { SystemUser } from "./system-users.ts";
import { makeRealFolders } from "./volumes.ts";

/** `user`: whose the sandbox will be; undefined for the agent's own. Throws what the file system throws, or what is wrong with a volume. */
export function linkContainerVolumes(sandbox: string, volumes: readonly ContainerVolume[], user: SystemUser | undefined): void {
  for (const { containerPath, target } of volumes) {
    const link = join(sandbox, containerPath);
    makeRealFolders(sandbox, dirname(link));
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
      throw new Error(`container.volumes must have a container_path that is free in the sandbox, "${containerPath}" is not`);
    }
    symlinkSync(findTarget(sandbox, target, user), link);
  }
}

/** Where the links to volumes lead that the container may only read. */
export function readOnlyPaths(sandbox: string, volumes: readonly ContainerVolume[]): readonly string[] {
  return volumes.flatMap(({ isReadOnly, target }) => (isReadOnly ? [pathOf(sandbox, target)] : []));
}

function pathOf(sandbox: string, target: VolumeTarget): string {
  switch (target.kind) {
    case "host":
      return target.path;
    case "own":
      return join(sandbox, target.path);
    case "shared":
      // The sandbox is `containers/<name>` in that of the executor.
      return join(dirname(dirname(sandbox)), target.name);
  }
}

/** It is there when this answers. */
function findTarget(sandbox: string, target: VolumeTarget, user: SystemUser | undefined): string {
  const path = pathOf(sandbox, target);
  switch (target.kind) {
    case "host":
      if (existsSync(path)) return path;
      throw new Error(`container.volumes must have a host_path that exists on the agent's machine, "${path}" does not`);
    case "own":
      return ownFolder(sandbox, path);
    case "shared":
      return sharedFolder(path, user);
  }
}

/** What was fetched may be there, a file, too. A new folder becomes the user's with all that is in the sandbox. */
function ownFolder(sandbox: string, place: string): string {
  makeRealFolders(sandbox, dirname(place));
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found === undefined) mkdirSync(place);
  else if (!found.isDirectory() && !found.isFile())
    throw new Error(`container.volumes must lead to folders and files, "${place}" is neither`);
  return place;
}

/** It belongs to the user of the first task that asks for it. Nobody but the agent can write where it lies. */
function sharedFolder(folder: string, user: SystemUser | undefined): string {
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  mkdirSync(folder);
  if (user !== undefined) lchownSync(folder, user.uid, user.gid);
  return folder;
}
