/**
 * The record of a container, one small file. The agent makes it, its supervisor writes on:
 *
 *   created [nested]
 *   started <pid> <start ticks> <boot id> <cgroup folder or ->
 *   ended <status as $? has it>
 *
 * Durability, and what it costs: each line is one write(2), complete when it ends in a newline, so neither a temporary file nor
 * a rename is needed. There is no fsync. The end of the agent, or of any process, loses nothing that was written; only the
 * end of the machine can, and that ends every task too, whose container is then reported as vanished. An fsync would
 * cost milliseconds for each task and change no answer.
 */

import { readFileSync } from "node:fs";

import type { ContainerExit } from "../core/input.ts";

/** Ids of containers are the names of their records. */
export const containerIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** What the agent writes: a record without it was made by a supervisor that came too late. */
export const createdLine = "created\n";

/** The same for what an operator started within another container: nobody but the runtime knows of it. */
export const nestedCreatedLine = "created nested\n";

export interface StartRecord {
  readonly supervisorPid: number;
  /** Clock ticks since boot: with the pid and the boot id it names one process for ever. */
  readonly startTicks: number;
  readonly bootId: string;
  readonly cgroup: string | undefined;
}

export interface ContainerRecord {
  /** An operator started it within another one. */
  readonly isNested: boolean;
  /** Undefined as long as the supervisor did not come to write it. */
  readonly start: StartRecord | undefined;
  readonly exit: ContainerExit | undefined;
}

/** What a supervisor writes for "no cgroup". */
export const noCgroup = "-";

export function readContainerRecord(path: string): ContainerRecord {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    // Removed meanwhile: as good as never written.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  return parseContainerRecord(text);
}

/** A last line without its newline is still being written and does not count. */
export function parseContainerRecord(text: string): ContainerRecord {
  const start = /^created(?: nested)?\nstarted (\d+) (\d+) (\S+) (.+)\n/.exec(text);
  const end = /\nended (\d+)\n/.exec(text);
  return {
    isNested: text.startsWith(nestedCreatedLine),
    start:
      start === null
        ? undefined
        : {
            supervisorPid: Number(start[1]),
            startTicks: Number(start[2]),
            bootId: start[3] ?? "",
            cgroup: start[4] === noCgroup ? undefined : start[4],
          },
    exit: end === null ? undefined : exitFromStatus(Number(end[1])),
  };
}

/** Highest signal number of Linux. */
const signalMax = 64;

/**
 * A POSIX shell reports "ended by signal n" as 128 + n and cannot tell it from a task that exits with 128 + n by itself; tepui
 * takes it for the signal, as shells do. Statuses above that are plain exit codes.
 */
export function exitFromStatus(status: number): ContainerExit {
  const signal = status - 128;
  return signal > 0 && signal <= signalMax ? { kind: "signalled", signal } : { kind: "exited", code: status };
}
