/** The agent's hold on one supervisor that it started: gives it tasks, hears how they end. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

import { assert } from "../../common/assert.ts";
import type { ContainerExit } from "../core/input.ts";
import { exitFromStatus } from "./container-record.ts";
import { shellPath, supervisorArguments, supervisorScript } from "./supervisor-script.ts";

/**
 * A task that has run for this long is not one of many short ones: its supervisor is let go and ends with it, so that an agent
 * with thousands of long tasks does not hold two sockets for each.
 */
const attachedMs = 10_000;

export interface TaskHandling {
  /** Called once, unless `letGo` comes before. */
  readonly onEnd: (exit: ContainerExit) => void;
  /** Letting go of it would end such a task. */
  readonly endsWithAgent: boolean;
}

type SupervisorProcess = ChildProcessByStdio<Writable, Readable, null>;

export class Supervisor {
  readonly pid: number;
  readonly #child: SupervisorProcess;
  /** Defined as long as a task runs. */
  #onEnd: ((exit: ContainerExit) => void) | undefined;
  #detachTimer: NodeJS.Timeout | undefined;
  #isAttached = true;
  #report = "";

  /** Undefined when the system has no process, memory or file to spare. `onExit` hears the end of the process. */
  static start(bootId: string, onExit: (supervisor: Supervisor) => void): Supervisor | undefined {
    const child = spawn(shellPath, supervisorArguments(bootId), {
      cwd: "/",
      env: {},
      // A session of its own: it gets neither the agent's signals nor those of the agent's terminal.
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    if (child.pid !== undefined) return new Supervisor(child, child.pid, onExit);
    // Node tells the reason as an event.
    child.once("error", () => {});
    return undefined;
  }

  private constructor(child: SupervisorProcess, pid: number, onExit: (supervisor: Supervisor) => void) {
    this.#child = child;
    this.pid = pid;
    // A supervisor that died cannot be written to; its end is heard below.
    child.stdin.on("error", () => {});
    child.stdout.on("error", () => {});
    child.stdout.setEncoding("latin1").on("data", (text: string) => this.#read(text));
    child.once("exit", (status, signal) => {
      this.#detach();
      onExit(this);
      // One that was killed knows no more of its task than that.
      this.#end(signal === null ? exitFromStatus(status ?? 0) : { kind: "signalled", signal: constants.signals[signal] });
    });
    child.stdin.write(supervisorScript);
  }

  /** Whether a task runs beneath it, as far as we have heard. */
  get isBusy(): boolean {
    return this.#onEnd !== undefined;
  }

  /** Whether it can be given a task, now or when the one that it has is over. */
  get isReusable(): boolean {
    return this.#isAttached;
  }

  /** One task at a time. */
  run(request: string, { onEnd, endsWithAgent }: TaskHandling): void {
    assert(!this.isBusy && this.#isAttached, `supervisor ${this.pid} cannot take a task: it has one, or was let go`);
    this.#onEnd = onEnd;
    if (!endsWithAgent) this.#detachTimer = setTimeout(() => this.#detach(), attachedMs);
    this.#child.stdin.write(request);
  }

  /** It ends by itself, at once or after its task. That end is still heard. */
  retire(): void {
    this.#detach();
  }

  /** Nobody listens any more, and it does not keep the agent from its end. */
  letGo(): void {
    this.#detach();
    this.#onEnd = undefined;
    this.#child.removeAllListeners("exit");
    this.#child.unref();
  }

  #detach(): void {
    clearTimeout(this.#detachTimer);
    this.#isAttached = false;
    // What was written before is in the socket's buffer or on its way there; only a reader that hangs could keep it back.
    this.#child.stdin.end();
    this.#child.stdout.destroy();
  }

  #read(text: string): void {
    const lines = (this.#report + text).split("\n");
    this.#report = lines.pop() ?? "";
    for (const line of lines) {
      const status = /^ended (\d+)$/.exec(line)?.[1];
      if (status !== undefined) this.#end(exitFromStatus(Number(status)));
    }
  }

  #end(exit: ContainerExit): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    clearTimeout(this.#detachTimer);
    onEnd?.(exit);
  }
}
