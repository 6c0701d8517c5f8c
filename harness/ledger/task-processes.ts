/** Finds the processes of the workload's tasks on this machine, those in containers included, by the ledger variable that they inherit. */

import { readdir, readFile } from "node:fs/promises";
import type { TaskIdentity } from "../cluster.ts";
import { ledgerPathVariable, parseLedgerFileName } from "./ledger-script.ts";

export interface TaskProcess {
  readonly task: TaskIdentity;
  /** `<pid>:<start time>` as the task itself sees its pid. */
  readonly process: string;
  /** The pid on this machine. */
  readonly pid: number;
}

/** Scans for what is left until nothing is; a task that forks faster than this does not exist in the workload. */
const killScansMax = 20;
const killPauseMs = 20;

/** Every process that writes below `ledgerFolder` and is not a zombie. */
export async function listTaskProcesses(ledgerFolder: string): Promise<readonly TaskProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readTaskProcess(pid, ledgerFolder)));
  return found.filter((process) => process !== undefined);
}

/** Ends what tasks left behind when a cluster is taken down: they outlive their agents by design. */
export async function killTaskProcesses(ledgerFolder: string): Promise<void> {
  for (let scan = 0; scan < killScansMax; scan++) {
    const processes = await listTaskProcesses(ledgerFolder);
    if (processes.length === 0) return;
    for (const { pid } of processes) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, killPauseMs));
  }
}

async function readTaskProcess(pid: string, ledgerFolder: string): Promise<TaskProcess | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8");
    const prefix = `${ledgerPathVariable}=${ledgerFolder}/`;
    const entry = environment.split("\0").find((variable) => variable.startsWith(prefix));
    const task = entry === undefined ? undefined : parseLedgerFileName(entry.slice(prefix.length));
    if (task === undefined) return undefined;
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/status`, "utf8")]);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const innerPid = /^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? pid;
    return { task, process: `${innerPid}:${fields[19]}`, pid: Number(pid) };
  } catch {
    // The process ended while it was looked at, or belongs to somebody else.
    return undefined;
  }
}
