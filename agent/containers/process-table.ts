/** Processes as /proc shows them. Synchronous: /proc is memory, and a snapshot has to be quick rather than polite. */

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Clock ticks since boot at which it started. */
  readonly startTicks: number;
  /** A zombie has ended; only its status waits for its parent. */
  readonly isDead: boolean;
  /** It has obeyed a SIGSTOP: until it has, it may be in the middle of a fork. */
  readonly isStopped: boolean;
}

export type ProcessTable = ReadonlyMap<number, ProcessEntry>;

/** A stat line has about 300 bytes; the environment of a task may take 128 KiB, the marker stands in it as one of the last entries. */
const buffer = Buffer.alloc(256 * 1024);

export function readProcessTable(): ProcessTable {
  const table = new Map<number, ProcessEntry>();
  for (const name of readdirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 0x30 || first > 0x39) continue;
    const entry = readProcess(Number(name));
    if (entry !== undefined) table.set(entry.pid, entry);
  }
  return table;
}

/** Undefined when there is no such process. */
export function readProcess(pid: number): ProcessEntry | undefined {
  const size = readInto(`/proc/${pid}/stat`);
  return size === undefined ? undefined : parseStat(buffer.toString("latin1", 0, size));
}

/** The name of a process stands in parentheses and may itself contain parentheses and spaces, so fields count from the last one. */
export function parseStat(text: string): ProcessEntry | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const pid = Number.parseInt(text, 10);
  const [state, parentPid, groupId, sessionId] = fields;
  const startTicks = Number(fields[19]);
  if (Number.isNaN(pid) || Number.isNaN(startTicks)) return undefined;
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    startTicks,
    isDead: state === "Z" || state === "X",
    isStopped: state === "T" || state === "t",
  };
}

/** The value of one variable in the environment that a process was started with; undefined when it has none or it is not ours to read. */
export function readEnvironmentVariable(pid: number, name: string): string | undefined {
  const size = readInto(`/proc/${pid}/environ`);
  if (size === undefined) return undefined;
  const marker = `${name}=`;
  const text = buffer.toString("latin1", 0, size);
  let from = 0;
  for (;;) {
    const at = text.indexOf(marker, from);
    if (at === -1) return undefined;
    if (at === 0 || text.charCodeAt(at - 1) === 0) {
      const end = text.indexOf("\0", at);
      return text.slice(at + marker.length, end === -1 ? undefined : end);
    }
    from = at + 1;
  }
}

/** The words that a process was started with, each ended by a null byte; empty when it is not there. */
export function readCommandLine(pid: number): string {
  const size = readInto(`/proc/${pid}/cmdline`);
  return size === undefined ? "" : buffer.toString("latin1", 0, size);
}

/** Whether exactly this process (not a later one of the same pid) runs. */
export function isProcessAlive(pid: number, startTicks: number): boolean {
  const entry = readProcess(pid);
  return entry !== undefined && entry.startTicks === startTicks && !entry.isDead;
}

/** Changes with every boot: start ticks of another boot mean nothing. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function readInto(path: string): number | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    let size = 0;
    for (;;) {
      const read = readSync(file, buffer, size, buffer.length - size, null);
      size += read;
      if (read === 0 || size === buffer.length || buffer[size - 1] === 0x0a) return size;
    }
  } catch {
    // It ended between the two calls, or it belongs to somebody else.
    return undefined;
  } finally {
    closeSync(file);
  }
}
