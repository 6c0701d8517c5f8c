/**
 * The disks of their own that `--resources` names (DiskInfo.source): an agent looks at them before it offers them, so that a disk that was
 * not mounted is noticed now and not when its volumes fill the disk of the system.
 */

import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";

import type { Resources } from "../../common/resources.ts";

/** A disk cannot be used as it is. Something for the operator, not a fault of the program. */
export class DiskError extends Error {
  override readonly name = "DiskError";
}

export interface DiskPlace {
  /** Absolute; relative roots are below it. */
  readonly workDirectory: string;
  /** Absolute and without links. */
  readonly mountPoints: ReadonlySet<string>;
}

/** Throws a DiskError with the first rule that a disk breaks: its root is a folder that can be written, that of a MOUNT a mount point. */
export function checkDisks(resources: Resources, { workDirectory, mountPoints }: DiskPlace): void {
  for (const { disk } of resources) {
    const { type, root } = disk?.source ?? {};
    if (type === undefined || root === undefined) continue;
    const folder = resolve(workDirectory, root);
    const problem = folderProblem(folder) ?? (type === "MOUNT" ? mountProblem(folder, mountPoints) : undefined);
    if (problem !== undefined) throw new DiskError(`--resources: the root of a ${type} disk, ${root}, ${problem}`);
  }
}

function folderProblem(folder: string): string | undefined {
  try {
    if (!statSync(folder).isDirectory()) return "must be a folder";
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function mountProblem(folder: string, mountPoints: ReadonlySet<string>): string | undefined {
  return mountPoints.has(realpathSync(folder)) ? undefined : "must be a mount point: is the disk mounted?";
}

/** Where something is mounted, as this process sees it. */
export function readMountPoints(): ReadonlySet<string> {
  return parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** The fifth field of each line, in which blanks are written as octal numbers. Source: proc(5). */
export function parseMountPoints(mountInfo: string): ReadonlySet<string> {
  const points = new Set<string>();
  for (const line of mountInfo.split("\n")) {
    const point = line.split(" ")[4];
    if (point !== undefined)
      points.add(point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  }
  return points;
}
