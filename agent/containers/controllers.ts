/**
 * The controllers of control groups that keep containers within their limits: cpu and memory, in version 1, where each has a hierarchy
 * of its own, or in version 2, where they work in the cgroup that the container has anyhow.
 */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import type { ContainerLimits } from "../core/container-limits.ts";
import { childCgroups } from "./cgroup.ts";

export type ControllerName = "cpu" | "memory";

/** What was asked for cannot be had here; the message says why. */
export class IsolationError extends Error {}

/** The least memory that a container gets: less than this, and hardly a shell starts. Source: the reference. */
export const memBytesMin = 32 * 1024 * 1024;

/** The kernel's own default, in which quotas are counted. */
const periodUs = 100_000;

/** Less than a millisecond of each period the kernel refuses. */
const quotaMinUs = 1_000;

/** Of version 1: what one processor weighs, and the least that the kernel takes. */
const sharesPerCpu = 1_024;
const sharesMin = 2;
const sharesMax = 262_144;

interface Controller {
  readonly name: ControllerName;
  readonly version: 1 | 2;
  /** The agent's own group; in it one for each container. */
  readonly folder: string;
}

export class Controllers {
  readonly #controllers: readonly Controller[];

  constructor(controllers: readonly Controller[]) {
    this.#controllers = controllers;
  }

  /** Of a container that was created: those that its processes have to enter beside its cgroup of version 2. */
  groups(containerId: ContainerId): readonly string[] {
    const ofVersionOne = this.#controllers.filter(({ version }) => version === 1);
    return ofVersionOne.map(({ folder }) => join(folder, containerId)).filter((folder) => existsSync(folder));
  }

  /** Makes the container's groups with its limits; answers those that its processes have to enter beside its cgroup of version 2. */
  create(containerId: ContainerId, limits: ContainerLimits): readonly string[] {
    for (const { folder } of this.#controllers) mkdirSync(join(folder, containerId), { recursive: true });
    this.#write(containerId, limits, true);
    return this.groups(containerId);
  }

  /** Memory is only ever given: taking it from a container that has it would kill it for what it was allowed to do. */
  limit(containerId: ContainerId, limits: ContainerLimits): void {
    this.#write(containerId, limits, false);
  }

  /** Undefined when no process of it was ever killed for want of memory. */
  shortage(containerId: ContainerId): { readonly usedBytes: number; readonly limitBytes: number } | undefined {
    const memory = this.#controllers.find(({ name }) => name === "memory");
    if (memory === undefined) return undefined;
    const folder = join(memory.folder, containerId);
    const events = read(join(folder, memory.version === 1 ? "memory.oom_control" : "memory.events"));
    if (Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0) === 0) return undefined;
    const used = memory.version === 1 ? ["memory.max_usage_in_bytes"] : ["memory.peak", "memory.current"];
    const usedBytes = Number(used.map((file) => read(join(folder, file)).trim()).find((text) => text !== "") ?? 0);
    return { usedBytes, limitBytes: readMemoryMax(memory, folder) };
  }

  /** A group with something in it stays: it is asked again. */
  remove(containerId: ContainerId): void {
    for (const { folder } of this.#controllers) removeGroup(join(folder, containerId));
  }

  /** Those that an earlier agent made. */
  known(): ReadonlySet<ContainerId> {
    return new Set(this.#controllers.flatMap(({ folder }) => childCgroups(folder)) as ContainerId[]);
  }

  /** Nothing is left of the agent's own groups, unless containers are. */
  close(): void {
    for (const { folder } of this.#controllers) removeGroup(folder);
  }

  #write(containerId: ContainerId, limits: ContainerLimits, isNew: boolean): void {
    for (const controller of this.#controllers) {
      const folder = join(controller.folder, containerId);
      if (!existsSync(folder)) continue;
      if (controller.name === "cpu") writeCpu(controller, folder, limits);
      else writeMemory(controller, folder, { limits, isNew });
    }
  }
}

function writeCpu({ version }: Controller, folder: string, { cpus, cpusMax }: ContainerLimits): void {
  const shares = Math.min(sharesMax, Math.max(sharesMin, Math.round(cpus * sharesPerCpu)));
  const isCapped = cpusMax !== undefined && cpusMax !== Number.POSITIVE_INFINITY;
  const quotaUs = isCapped ? Math.max(quotaMinUs, Math.round(cpusMax * periodUs)) : undefined;
  if (version === 1) {
    writeFileSync(join(folder, "cpu.shares"), String(shares));
    if (existsSync(join(folder, "cpu.cfs_quota_us"))) writeFileSync(join(folder, "cpu.cfs_quota_us"), String(quotaUs ?? -1));
    return;
  }
  // The range of shares on the range of weights, as all who have to translate do it.
  const weight = 1 + Math.floor(((shares - sharesMin) * 9_999) / (sharesMax - sharesMin));
  writeFileSync(join(folder, "cpu.weight"), String(weight));
  writeFileSync(join(folder, "cpu.max"), `${quotaUs ?? "max"} ${periodUs}`);
}

function writeMemory(controller: Controller, folder: string, { limits, isNew }: { limits: ContainerLimits; isNew: boolean }): void {
  const bytes = Math.max(memBytesMin, Math.round(limits.memBytesMax));
  if (!isNew && bytes <= readMemoryMax(controller, folder)) return;
  if (controller.version === 1) {
    writeFileSync(join(folder, "memory.limit_in_bytes"), bytes === Number.POSITIVE_INFINITY ? "-1" : String(bytes));
    return;
  }
  writeFileSync(join(folder, "memory.max"), bytes === Number.POSITIVE_INFINITY ? "max" : String(bytes));
  // One of them killed is all of them killed, at once.
  if (existsSync(join(folder, "memory.oom.group"))) writeFileSync(join(folder, "memory.oom.group"), "1");
}

/** Infinity where there is no limit, which version 1 says with a number near 2^63. */
function readMemoryMax({ version }: Controller, folder: string): number {
  const text = read(join(folder, version === 1 ? "memory.limit_in_bytes" : "memory.max")).trim();
  const bytes = text === "max" || text === "" ? Number.POSITIVE_INFINITY : Number(text);
  return bytes > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : bytes;
}

/** Throws IsolationError. `agentCgroup` is the agent's cgroup of version 2, if it has one. */
export function openControllers(names: readonly ControllerName[], name: string, agentCgroup: string | undefined): Controllers {
  return new Controllers(names.map((controller) => openController(controller, name, agentCgroup)));
}

function openController(controller: ControllerName, name: string, agentCgroup: string | undefined): Controller {
  const parent = findVersionOne(controller);
  try {
    if (parent !== undefined) {
      const folder = join(parent, name);
      mkdirSync(folder, { recursive: true });
      return { name: controller, version: 1, folder };
    }
    if (agentCgroup !== undefined) {
      // Those above have to hand the controller down.
      for (const folder of [join(agentCgroup, ".."), agentCgroup]) writeFileSync(join(folder, "cgroup.subtree_control"), `+${controller}`);
      return { name: controller, version: 2, folder: agentCgroup };
    }
  } catch (error) {
    throw new IsolationError(
      `the ${controller} controller of cgroups cannot be used: ${error instanceof Error ? error.message : String(error)}; ` +
        "in version 2 the agent has to be alone in a cgroup that was delegated to it, with no process beside those beneath it",
    );
  }
  throw new IsolationError(`the ${controller} controller of cgroups is not there, or no cgroup can be made`);
}

/** The folder of our own group in the hierarchy of a controller; undefined where it has none. */
function findVersionOne(controller: ControllerName): string | undefined {
  // "36 25 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory": root and mount point are fields 4 and 5.
  const mount = read("/proc/self/mountinfo")
    .split("\n")
    .find((line) => line.includes(" - cgroup ") && (line.split(" ").at(-1) ?? "").split(",").includes(controller))
    ?.split(" ");
  const lines = read("/proc/self/cgroup").split("\n");
  const path = lines.map((line) => line.split(":")).find(([, names = ""]) => names.split(",").includes(controller))?.[2];
  const [root, mountPoint] = [mount?.[3], mount?.[4]];
  if (root === undefined || mountPoint === undefined || path === undefined) return undefined;
  return join(mountPoint, root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : "/");
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    // Something is in it still; the next agent finds it.
    const isLeft = error instanceof Error && "code" in error && ["ENOENT", "EBUSY", "ENOTEMPTY"].includes(String(error.code));
    if (!isLeft) throw error;
  }
}

/** Empty when there is no such file: the container has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
