/** How much of the machine a container may use: what its task asks for and what it may take beyond that. */

import { type Resources, scalarMilli } from "../../common/resources.ts";
import type { TaskLimits } from "../../common/task-limits.ts";
import { fromMilli } from "../../common/values.ts";

export const bytesPerMegabyte = 1024 * 1024;

export interface ContainerLimits {
  /** What counts when the processors are busy. */
  readonly cpus: number;
  /** Processors that it may use at most, be they idle or not; undefined for as many as are idle. */
  readonly cpusMax: number | undefined;
  /** Infinity: no limit. */
  readonly memBytesMax: number;
  /** Of its sandbox; undefined where it asked for no disk. */
  readonly diskBytesMax: number | undefined;
}

/** What a container went beyond. */
export interface Breach {
  readonly resource: "mem" | "disk";
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** Of a task, or of an executor by itself. */
export function limitsOf(resources: Resources, limits: TaskLimits = {}): ContainerLimits {
  const amount = (name: string): number => fromMilli(scalarMilli(resources, name));
  const disk = amount("disk");
  return {
    cpus: amount("cpus"),
    cpusMax: limits["cpus"]?.value,
    memBytesMax: (limits["mem"]?.value ?? amount("mem")) * bytesPerMegabyte,
    diskBytesMax: disk === 0 ? undefined : disk * bytesPerMegabyte,
  };
}

/** Of several that share a container. Where one has a limit of its processors, the others have what they ask for. */
export function addLimits(left: ContainerLimits, right: ContainerLimits): ContainerLimits {
  const isCapped = left.cpusMax !== undefined || right.cpusMax !== undefined;
  const hasDisk = left.diskBytesMax !== undefined || right.diskBytesMax !== undefined;
  return {
    cpus: left.cpus + right.cpus,
    cpusMax: isCapped ? (left.cpusMax ?? left.cpus) + (right.cpusMax ?? right.cpus) : undefined,
    memBytesMax: left.memBytesMax + right.memBytesMax,
    diskBytesMax: hasDisk ? (left.diskBytesMax ?? 0) + (right.diskBytesMax ?? 0) : undefined,
  };
}
