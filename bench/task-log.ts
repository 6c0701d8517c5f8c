/** What a framework saw of its tasks and offers, and a way to wait for it. */

import { TaskState } from "../protos/gen/mesos/v1/mesos.ts";
import { BenchFramework, type BenchOffer, type BenchUpdate } from "./bench-framework.ts";

/** A busy machine takes its time; after this something is wrong. */
const waitTimeoutMs = 60_000;

/** Which state may follow which in these workloads; anything else is a problem. */
const followers: ReadonlyMap<TaskState | undefined, ReadonlySet<TaskState>> = new Map([
  [TaskState.TASK_STAGING, new Set<TaskState>([TaskState.TASK_RUNNING])],
  [TaskState.TASK_RUNNING, new Set<TaskState>([TaskState.TASK_FINISHED, TaskState.TASK_KILLED, TaskState.TASK_LOST])],
]);

interface TaskEntry {
  readonly acceptedAtMs: number;
  state: TaskState;
  /** When the current state was seen. */
  atMs: number;
}

export class TaskLog {
  readonly problems: string[] = [];
  readonly offers: BenchOffer[] = [];
  readonly #tasks = new Map<string, TaskEntry>();
  readonly #counts = new Map<TaskState, number>();
  #framework: BenchFramework | undefined;
  #wake: (() => void) | undefined;

  static async subscribe(port: number): Promise<TaskLog> {
    const log = new TaskLog();
    log.#framework = await BenchFramework.subscribe({
      port,
      onOffers: (offers) => {
        log.offers.push(...offers);
        log.#wake?.();
      },
      onRescind: (offerId) => {
        const index = log.offers.findIndex((offer) => offer.offerId === offerId);
        if (index >= 0) log.offers.splice(index, 1);
      },
      onUpdate: (update) => log.#update(update),
      onProblem: (problem) => log.#problem(problem),
    });
    return log;
  }

  get framework(): BenchFramework {
    if (this.#framework === undefined) throw new RangeError("the framework is not subscribed");
    return this.#framework;
  }

  /** Notes that a task is launched now. */
  launched(taskId: string): void {
    const atMs = performance.now();
    this.#tasks.set(taskId, { acceptedAtMs: atMs, state: TaskState.TASK_STAGING, atMs });
  }

  /** Milliseconds from ACCEPT to the current state. */
  latencyMs(taskId: string): number {
    const task = this.#tasks.get(taskId);
    return task === undefined ? Number.NaN : task.atMs - task.acceptedAtMs;
  }

  /** How many tasks have come to this state, those that went on included. */
  count(state: TaskState): number {
    return this.#counts.get(state) ?? 0;
  }

  /** Resolves in the very turn in which `condition` becomes true. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const timeout = setTimeout(() => this.#wake?.(), waitTimeoutMs);
    const deadlineMs = performance.now() + waitTimeoutMs;
    try {
      while (!condition()) {
        if (performance.now() >= deadlineMs) throw new Error(`waited in vain for ${what}: ${this.problems[0] ?? "no problem was seen"}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Resolves with an offer that has room, which is then the caller's. */
  async takeOffer(): Promise<BenchOffer> {
    for (;;) {
      await this.until("an offer", () => this.offers.length > 0);
      const offer = this.offers.shift();
      if (offer !== undefined && offer.room > 0) return offer;
    }
  }

  #update({ taskId, state, message }: BenchUpdate): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined || followers.get(task.state)?.has(state) !== true) {
      this.#problem(`${taskId} went from state ${task?.state} to ${state}: ${message}`);
      return;
    }
    task.state = state;
    task.atMs = performance.now();
    this.#counts.set(state, this.count(state) + 1);
    this.#wake?.();
  }

  #problem(problem: string): void {
    this.problems.push(problem);
    this.#wake?.();
  }
}
