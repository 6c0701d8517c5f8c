/**
 * The supervisors of one agent. Starting one means forking the agent, which takes milliseconds because Node is large; so those whose
 * tasks have ended wait a while for the next.
 */

import { Supervisor } from "./supervisor.ts";

/** More would not be needed by an agent that starts a few hundred short tasks a second; each takes a third of a megabyte. */
const idleMax = 64;

/** A supervisor without a task for this long was one too many. */
const idleMs = 10_000;

export class SupervisorPool {
  readonly #bootId: string;
  readonly #all = new Set<Supervisor>();
  /** In the order in which they came to wait, with the timers that end it. */
  readonly #idle = new Map<Supervisor, NodeJS.Timeout>();

  constructor(bootId: string) {
    this.#bootId = bootId;
  }

  /** One without a task; undefined when none can be started. */
  take(): Supervisor | undefined {
    const waiting = [...this.#idle.keys()].at(-1);
    if (waiting !== undefined) {
      this.#forgetIdle(waiting);
      return waiting;
    }
    const started = Supervisor.start(this.#bootId, (supervisor) => this.#forget(supervisor));
    if (started !== undefined) this.#all.add(started);
    return started;
  }

  /** Its task has ended and left nothing behind. */
  giveBack(supervisor: Supervisor): void {
    if (!this.#all.has(supervisor) || supervisor.isBusy || !supervisor.isReusable) return;
    if (this.#idle.size >= idleMax) {
      supervisor.retire();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.delete(supervisor);
      supervisor.retire();
    }, idleMs);
    this.#idle.set(supervisor, timer);
  }

  /** Lets go of all: those with a task end after it. */
  close(): void {
    for (const supervisor of [...this.#all]) {
      this.#forget(supervisor);
      supervisor.letGo();
    }
  }

  #forget(supervisor: Supervisor): void {
    this.#all.delete(supervisor);
    this.#forgetIdle(supervisor);
  }

  #forgetIdle(supervisor: Supervisor): void {
    clearTimeout(this.#idle.get(supervisor));
    this.#idle.delete(supervisor);
  }
}
