/** The wait between two attempts, which a driver that is stopped does not sit out. */

export class InterruptibleSleep {
  #isInterrupted = false;
  #wake: (() => void) | undefined;

  /** Resolves after `durationMs`, or at once when it is interrupted or was before. One sleep at a time. */
  sleep(durationMs: number): Promise<void> {
    if (this.#isInterrupted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** For good: later sleeps take no time. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#wake?.();
  }
}
