/**
 * How long nodes have waited for a processor, by the kernel's count: runnable, and not run. A process that hangs or works by itself does
 * not wait, so this tells the machine's slowness from the cluster's.
 */

import { readFileSync } from "node:fs";
import type { NodeName } from "../history/event.ts";

export interface NodeProcess {
  readonly node: NodeName;
  /** On this machine. */
  readonly pid: number;
}

export interface ProcessorWait extends NodeProcess {
  /** Since the process began. */
  readonly waitedMs: number;
}

const procFolder = "/proc";

/** What each process waited, as far as the kernel counts it; those that have ended are left out. Reads one small file for each. */
export function readProcessorWaits(processes: readonly NodeProcess[], folder = procFolder): readonly ProcessorWait[] {
  return processes.flatMap(({ node, pid }) => {
    const waitedMs = readWaitedMs(`${folder}/${pid}/schedstat`);
    return waitedMs === undefined ? [] : [{ node, pid, waitedMs }];
  });
}

/** The second number, in nanoseconds: of the thread that runs the event loop. */
function readWaitedMs(path: string): number | undefined {
  try {
    const waitedNs = Number(readFileSync(path, "utf8").split(" ")[1]);
    return Number.isFinite(waitedNs) ? waitedNs / 1_000_000 : undefined;
  } catch {
    // The process has ended, or this kernel does not count.
    return undefined;
  }
}
