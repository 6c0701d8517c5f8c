/** How long to wait before the next attempt: full jitter, so that clients of a restarted master do not come back all at once. */

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Answers a number in [0, 1). */
  readonly random: () => number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The next delay: at least half of min, growing by doubling up to max. */
  nextDelayMs(): number {
    const { minMs, maxMs, random } = this.#options;
    const ceilingMs = Math.min(maxMs, minMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt++;
    return Math.round(minMs / 2 + random() * Math.max(0, ceilingMs - minMs / 2));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
