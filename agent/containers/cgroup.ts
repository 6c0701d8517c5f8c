/**
 * Control groups (version 2), where the agent may make them: one for the agent, in it one for each task. No process leaves its
 * cgroup by forking, by a new session or by cleaning its environment, and one write kills everything in it, forks
 * under way included. Only a task that may itself write to cgroupfs (root, with a writable mount) can move out.
 * Needs cgroup.kill (Linux 5.14). No controller is used, so nothing about limits changes.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { shellPath } from "./supervisor-script.ts";

/** How long the one trial move at the start may take; it takes a few milliseconds. */
const trialTimeoutMs = 2_000;

/**
 * Makes (or finds again) the cgroup of an agent, beneath the one that the agent runs in. Undefined where that is not
 * possible: no version 2 hierarchy, mounted read-only as in plain containers, not ours to write.
 */
export function openAgentCgroup(name: string): string | undefined {
  const parent = ownCgroup();
  if (parent === undefined) return undefined;
  const folder = join(parent, name);
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, "cgroup.kill"))) {
      rmdirSync(folder);
      return undefined;
    }
  } catch {
    return undefined;
  }
  // Making a folder may be allowed where moving a process is not.
  const trial = createCgroup(folder, "trial");
  const moved = spawnSync(shellPath, ["-c", 'echo 0 >"$1/cgroup.procs"', "trial", trial], { stdio: "ignore", timeout: trialTimeoutMs });
  removeCgroup(trial);
  if (moved.status === 0) return folder;
  removeCgroup(folder);
  return undefined;
}

export function createCgroup(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Live processes in it, groups beneath included; empty when the cgroup is gone. */
export function cgroupMembers(folder: string): readonly number[] {
  const own = read(join(folder, "cgroup.procs"))
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  return own.concat(childCgroups(folder).flatMap((child) => cgroupMembers(join(folder, child))));
}

/** Whether anything lives in it or beneath; zombies do not count. */
export function isCgroupPopulated(folder: string): boolean {
  return read(join(folder, "cgroup.events")).includes("populated 1");
}

/** SIGKILL to everything in it and beneath. */
export function killCgroup(folder: string): void {
  try {
    writeFileSync(join(folder, "cgroup.kill"), "1");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Names of the cgroups directly beneath. */
export function childCgroups(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Removes it with all beneath; false while something lives in it. */
export function removeCgroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (isGone(error)) return true;
  }
  if (isCgroupPopulated(folder)) return false;
  const children = childCgroups(folder);
  return children.length > 0 && children.every((child) => removeCgroup(join(folder, child))) && removeCgroup(folder);
}

/** The folder of the cgroup that this process is in. */
function ownCgroup(): string | undefined {
  // "30 23 0:27 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw": root and mount point are fields 4 and 5.
  const mount = read("/proc/self/mountinfo")
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "))
    ?.split(" ");
  const path = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup"))?.[1];
  const [root, mountPoint] = [mount?.[3], mount?.[4]];
  if (path === undefined || root === undefined || mountPoint === undefined) return undefined;
  // Inside a container without a cgroup namespace the mount shows only a part of the hierarchy.
  const beneath = root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : undefined;
  return beneath === undefined ? undefined : join(mountPoint, beneath);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

/** A cgroup that is removed while its file is open answers ENODEV. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV");
}
