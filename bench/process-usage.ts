/** What the kernel says of processes: their CPU time, memory, state, children and working directories. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Linux reports CPU time in hundredths of a second, whatever its own clock is. */
const msPerTick = 10;

/** User and system time so far, in milliseconds, in steps of ten. */
export function cpuMs(pid: number): number {
  const fields = statFields(pid) ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** The same with all children, and theirs, that have ended and were waited for. */
export function cpuWithChildrenMs(pid: number): number {
  const fields = statFields(pid) ?? [];
  return cpuMs(pid) + (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

/** Whether the process exists and is more than an entry that waits to be read by its parent. */
export function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The largest resident memory so far. */
export function peakRssBytes(pid: number): number {
  return kilobytesOf(`/proc/${pid}/status`, "VmHWM") * 1024;
}

/** Memory with what is shared divided among those who share it; 0 for a process that is gone. */
export function pssBytes(pid: number): number {
  try {
    return kilobytesOf(`/proc/${pid}/smaps_rollup`, "Pss") * 1024;
  } catch {
    return 0;
  }
}

/** Everything beneath `pid`, without itself. */
export function descendantsOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const each of allPids()) {
    const parent = Number(statFields(each)?.[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [each]);
    else siblings.push(each);
  }
  const found: number[] = [];
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    waiting.push(...below);
  }
  return found;
}

/** Live processes that work in `folder` or below it. */
export function processesIn(folder: string): readonly number[] {
  return allPids().filter((pid) => {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      return (cwd === folder || cwd.startsWith(`${folder}/`)) && isAlive(pid);
    } catch {
      return false;
    }
  });
}

/** Words of the command line; none for a process that is gone. */
export function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** From the state on: the name before it may hold anything. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function kilobytesOf(path: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(path, "utf8"));
  return Number(found?.[1] ?? 0);
}
