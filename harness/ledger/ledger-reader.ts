/** Follows the ledger files that tasks write, and puts their lines into the history. */

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { HistoryBody, NodeName } from "../history/event.ts";
import type { Recorder } from "../history/recorder.ts";
import { parseLedgerFileName } from "./ledger-script.ts";

type LedgerLine = Extract<HistoryBody, { kind: "ledger" }>;

/** How often the folder is read, in milliseconds. Lines carry their own time, so this only delays them. */
const readIntervalMs = 50;

/** Read from one file at a time; a line has less than 100 bytes. */
const chunkBytes = 64 * 1024;

export interface LedgerReaderOptions {
  readonly folder: string;
  readonly recorder: Recorder;
  /** Milliseconds of the cluster's clock. */
  readonly nowMs: () => number;
  readonly nodeOf: (agentId: string) => NodeName | undefined;
}

export class LedgerReader {
  readonly #options: LedgerReaderOptions;
  readonly #read = new Map<string, { offset: number; rest: string }>();
  readonly #timer: NodeJS.Timeout;
  readonly #uptimeAtZeroMs: number;

  constructor(options: LedgerReaderOptions) {
    this.#options = options;
    this.#uptimeAtZeroMs = uptimeMs() - options.nowMs();
    this.#timer = setInterval(() => this.readNow(), readIntervalMs);
  }

  /** Reads what is there now; call it before the history is judged. */
  readNow(): void {
    const lines: LedgerLine[] = [];
    for (const name of readdirSync(this.#options.folder).sort()) this.#readFile(name, lines);
    lines.sort((a, b) => (a.wroteAtMs ?? 0) - (b.wroteAtMs ?? 0));
    for (const line of lines) this.#options.recorder.record(line);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #readFile(name: string, lines: LedgerLine[]): void {
    const task = parseLedgerFileName(name);
    if (task === undefined) return;
    const position = this.#read.get(name) ?? { offset: 0, rest: "" };
    const text = position.rest + readFrom(join(this.#options.folder, name), position.offset);
    const complete = text.split("\n");
    const rest = complete.pop() ?? "";
    this.#read.set(name, { offset: position.offset + Buffer.byteLength(text) - Buffer.byteLength(position.rest), rest });
    for (const row of complete) {
      const line = this.#parse(row);
      if (line === undefined) continue;
      const node = this.#options.nodeOf(task.agentId) ?? task.agentId;
      lines.push({ ...line, node, frameworkId: task.frameworkId, taskId: task.taskId });
    }
  }

  #parse(row: string): Pick<LedgerLine, "kind" | "line" | "process" | "wroteAtMs" | "exitCode"> | undefined {
    const [line, uptime, process, , exitCode] = row.split(" ");
    if ((line !== "start" && line !== "beat" && line !== "end") || uptime === undefined || process === undefined) return undefined;
    const wroteAtMs = Math.max(0, Number(uptime) * 1000 - this.#uptimeAtZeroMs);
    return { kind: "ledger", line, process, wroteAtMs, ...(exitCode ? { exitCode: Number(exitCode) } : {}) };
  }
}

function readFrom(path: string, offset: number): string {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(chunkBytes);
    const count = readSync(file, buffer, 0, chunkBytes, offset);
    return buffer.toString("utf8", 0, count);
  } finally {
    closeSync(file);
  }
}

function uptimeMs(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
}
