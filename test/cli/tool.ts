/** Runs a tool of the project as its user would, without npm in between. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

export interface ToolOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to Node before the program. */
  readonly nodeOptions?: readonly string[];
  /** In a process group of its own, as a terminal starts it; `-pid` is the group. */
  readonly ownGroup?: boolean;
  /** All that it gets on stdin; without it there is nothing. */
  readonly input?: string;
}

export class Tool {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  #out = "";
  #error = "";
  #isOver = false;
  #waiting: (() => void)[] = [];

  /** `args` begin with the program's path from the root of the project. */
  constructor(args: readonly string[], { environment = {}, nodeOptions = [], ownGroup = false, input }: ToolOptions = {}) {
    this.child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...nodeOptions, ...args], {
      cwd: projectFolder,
      detached: ownGroup,
      env: { ...process.env, ...environment },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.child.stdin?.end(input);
    this.child.stdout?.on("data", (bytes: Buffer) => {
      this.#out += bytes.toString();
      this.#wake();
    });
    this.child.stderr?.on("data", (bytes: Buffer) => {
      this.#error += bytes.toString();
    });
    this.exited = once(this.child, "close").then(([code]) => {
      this.#isOver = true;
      this.#wake();
      return code;
    });
  }

  get out(): string {
    return this.#out;
  }

  get error(): string {
    return this.#error;
  }

  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#out)) {
      assert.ok(!this.#isOver, `it ended before it printed ${pattern}:\n${this.#out}\n${this.#error}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
