/** Launches at a steady rate, as far as there are offers, and how long each took until its task ran. */

export interface SteadyLaunchesOptions {
  readonly total: number;
  /** Each second. */
  readonly rate: number;
  /** Launches one task, if there is an offer for it; answers its id. */
  readonly launchOne: () => string | undefined;
}

export class SteadyLaunches {
  /** By task, on the clock of `performance.now()`. */
  readonly #acceptedAtMs = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** Begins. Who is behind catches up as soon as there are offers. */
  constructor({ total, rate, launchOne }: SteadyLaunchesOptions) {
    const beganAtMs = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.min(total, ((performance.now() - beganAtMs) * rate) / 1000);
      while (this.#acceptedAtMs.size < due) {
        const atMs = performance.now();
        const taskId = launchOne();
        if (taskId === undefined) return;
        this.#acceptedAtMs.set(taskId, atMs);
      }
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  taskIds(): readonly string[] {
    return [...this.#acceptedAtMs.keys()];
  }

  /** Milliseconds from ACCEPT to RUNNING; NaN for a task that does not run. */
  latencies(runningAtMs: ReadonlyMap<string, number>): readonly number[] {
    return [...this.#acceptedAtMs].map(([taskId, atMs]) => (runningAtMs.get(taskId) ?? Number.NaN) - atMs);
  }
}
