/**
 * What this machine has to offer where the operator does not say. Source of the proportions: Mesos
 * src/slave/containerizer/containerizer.cpp.
 */

import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

import { addResources, type Resource, type Resources, toResources } from "../common/resources.ts";
import type { ResourcesFlag } from "./flags.ts";

const bytesPerMegabyte = 1024 * 1024;

/** What the machine keeps for itself: this much, or half of everything where that is less. */
const memReservedMegabytes = 1024;
const diskReservedMegabytes = 5 * 1024;

/** The reference offers the same ones; they lie below the ports that Linux hands out by itself. */
const portsRange = { begin: 31_000, end: 32_000 };

/** What was named stays as it was named, a zero included; cpus, mem, disk and ports that were not named are found. */
export function completeResources({ text, resources }: ResourcesFlag, workDirectory: string): Resources {
  const detected = detectResources(workDirectory).filter(({ name }) => !isNamed(text, name));
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
  return { name, value: { kind: "scalar", milli: value * 1_000 }, reservations: [] };
}

/** In the text form "name:" or "name(role):", in the JSON form a member "name". */
function isNamed(text: string, name: string): boolean {
  return new RegExp(`(^|;)\\s*${name}\\s*[(:]|"name"\\s*:\\s*"${name}"`).test(text);
}
