/** What a process uses, out of /proc/PID/stat, in seconds and bytes. */

import { readFileSync } from "node:fs";
import { endianness } from "node:os";

export interface ProcessUsage {
  readonly threads: number;
  /** Children that have ended and were waited for are included. */
  readonly userSecs: number;
  readonly systemSecs: number;
  readonly rssBytes: number;
}

/** Undefined when there is no such process. */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  return parseProcessUsage(text, machine());
}

export interface MachineUnits {
  readonly ticksPerSec: number;
  readonly pageBytes: number;
}

/** `text` is a line of /proc/PID/stat. Fields count from the last parenthesis, as a name may contain any of them; see proc(5). */
export function parseProcessUsage(text: string, { ticksPerSec, pageBytes }: MachineUnits): ProcessUsage | undefined {
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const field = (numberInManual: number): number => fields[numberInManual - 3] ?? Number.NaN;
  const usage = {
    threads: field(20),
    userSecs: (field(14) + field(16)) / ticksPerSec,
    systemSecs: (field(15) + field(17)) / ticksPerSec,
    rssBytes: field(24) * pageBytes,
  };
  return Object.values(usage).some(Number.isNaN) ? undefined : usage;
}

let units: MachineUnits | undefined;

function machine(): MachineUnits {
  units ??= readMachineUnits();
  return units;
}

/** Entries of the auxiliary vector, which the kernel gives every process: type and value. Source: Linux, include/uapi/linux/auxvec.h */
const pageSizeType = 6n;
const clockTicksType = 17n;

export function readMachineUnits(): MachineUnits {
  const vector = readFileSync("/proc/self/auxv");
  const read = (at: number): bigint => (endianness() === "LE" ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at));
  const values = new Map<bigint, number>();
  for (let at = 0; at + 16 <= vector.length; at += 16) values.set(read(at), Number(read(at + 8)));
  return { ticksPerSec: values.get(clockTicksType) ?? 100, pageBytes: values.get(pageSizeType) ?? 4_096 };
}
