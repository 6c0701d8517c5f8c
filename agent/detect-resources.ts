/**
 * What this machine has to offer where the operator does not say. Source of the proportions: Mesos
 * src/slave/containerizer/containerizer.cpp.
 */

import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

import { flaggedForCreated } from "../common/resource-operations.ts";
import { addResources, type Resource, type Resources, scalarMilli, toResources } from "../common/resources.ts";
import type { ResourcesFlag } from "./flags.ts";

const bytesPerMegabyte = 1024 * 1024;

/** What the machine keeps for itself: this much, or half of everything where that is less. */
const memReservedMegabytes = 1024;
const diskReservedMegabytes = 5 * 1024;

/** The reference offers the same ones; they lie below the ports that Linux hands out by itself. */
const portsRange = { begin: 31_000, end: 32_000 };

export interface Place {
  readonly workDirectory: string;
  /** What operations have reserved, and the volumes that they made. */
  readonly created: Resources;
}

/**
 * What was named stays as it was named, a zero included; cpus, mem, disk and ports that were not named are found. A machine that shows
 * a little less than before (another kernel, a file system that counts otherwise) still has what was reserved of it.
 */
export function completeResources({ text, resources }: ResourcesFlag, { workDirectory, created }: Place): Resources {
  const reserved = flaggedForCreated(created).filter(({ reservations, disk }) => reservations.length === 0 && disk === undefined);
  const detected = detectResources(workDirectory)
    .filter(({ name }) => !isNamed(text, name))
    .map((found) =>
      found.value.kind === "scalar" ? scalarOf(found.name, Math.max(found.value.milli, scalarMilli(reserved, found.name))) : found,
    );
  return addResources(resources, toResources(detected));
}

function detectResources(workDirectory: string): readonly Resource[] {
  const limitBytes = process.constrainedMemory();
  const memBytes = limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem();
  const { blocks, bsize } = statfsSync(workDirectory);
  return [
    scalar("cpus", availableParallelism()),
    scalar("mem", shareOf(memBytes, memReservedMegabytes)),
    scalar("disk", shareOf(blocks * bsize, diskReservedMegabytes)),
    { name: "ports", value: { kind: "ranges", ranges: [portsRange] }, reservations: [] },
  ];
}

function shareOf(bytes: number, reservedMegabytes: number): number {
  const megabytes = Math.floor(bytes / bytesPerMegabyte);
  return Math.max(megabytes - reservedMegabytes, Math.floor(megabytes / 2));
}

function scalar(name: string, value: number): Resource {
  return scalarOf(name, value * 1_000);
}

function scalarOf(name: string, milli: number): Resource {
  return { name, value: { kind: "scalar", milli }, reservations: [] };
}

/** In the text form "name:" or "name(role):", in the JSON form a member "name". */
function isNamed(text: string, name: string): boolean {
  return new RegExp(`(^|;)\\s*${name}\\s*[(:]|"name"\\s*:\\s*"${name}"`).test(text);
}
