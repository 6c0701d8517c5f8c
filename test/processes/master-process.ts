/** Starts a master as a stranger would: by its command line, on free ports, seen through its log. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const program = new URL("../../server/main.ts", import.meta.url).pathname;

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything on stderr. */
  readonly text: string;
}

export class MasterProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  readonly #lines: string[] = [];
  readonly #leading: Promise<LogLine>;

  constructor(flags: readonly string[]) {
    this.child = spawn(process.execPath, [program, "--port=0", "--http-port=0", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
    const { stderr } = this.child;
    assert.ok(stderr);
    const leading = Promise.withResolvers<LogLine>();
    createInterface(stderr).on("line", (line) => {
      this.#lines.push(line);
      if (line.startsWith("{") && line.includes('"msg":"leading"')) leading.resolve(JSON.parse(line) as LogLine);
    });
    this.exited = once(this.child, "close").then(([code, signal]) => ({ code, signal, text: this.#lines.join("\n") }));
    void this.exited.then(({ text }) => leading.reject(new Error(`the master ended before it led:\n${text}`)));
    leading.promise.catch(() => {});
    this.#leading = leading.promise;
  }

  /** Resolves with the ports once the master leads. */
  async leading(): Promise<{ readonly address: string; readonly grpcPort: number; readonly httpPort: number; readonly masterId: string }> {
    const { grpcPort, httpPort, masterId } = await this.#leading;
    assert.ok(typeof grpcPort === "number" && typeof httpPort === "number" && typeof masterId === "string");
    return { address: `127.0.0.1:${grpcPort}`, grpcPort, httpPort, masterId };
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }
}
