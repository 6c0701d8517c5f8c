/** Starts an agent as a stranger would: by its command line, on a free port, seen through its log. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import type { Exit, LogLine } from "./master-process.ts";

const program = new URL("../../agent/main.ts", import.meta.url).pathname;

/** Tests subscribe as "nobody", who may not read folders of theirs: those about users say so. */
const usualFlags = ["--registration-backoff=50ms", "--switch-user=false"];

export class AgentProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  readonly #lines: LogLine[] = [];
  readonly #texts: string[] = [];
  #waiting: (() => void)[] = [];
  #isOver = false;

  /** `environment` is added to what this process has. */
  constructor(flags: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [program, "--port=0", "--http-port=0", ...usualFlags, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...environment },
    });
    const { stderr } = this.child;
    assert.ok(stderr);
    createInterface(stderr).on("line", (line) => {
      this.#texts.push(line);
      if (line.startsWith("{")) this.#lines.push(JSON.parse(line) as LogLine);
      this.#wake();
    });
    this.exited = once(this.child, "close").then(([code, signal]) => {
      this.#isOver = true;
      this.#wake();
      return { code, signal, text: this.#texts.join("\n") };
    });
  }

  /** Resolves with the first log line of this message. */
  async logged(message: string): Promise<LogLine> {
    for (;;) {
      const found = this.#lines.find(({ msg }) => msg === message);
      if (found !== undefined) return found;
      assert.ok(!this.#isOver, `the agent ended before it logged "${message}":\n${this.#texts.join("\n")}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The id that the master gave, or gave before. */
  async registered(): Promise<string> {
    const again = this.logged("registered again");
    again.catch(() => {});
    const line = await Promise.race([this.logged("registered"), again]);
    assert.ok(typeof line["agentId"] === "string");
    return line["agentId"];
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }
}
