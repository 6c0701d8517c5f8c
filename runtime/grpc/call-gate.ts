/**
 * Keeps calls of one stream in order around those that wait for the registry: while one of them is not settled, later calls wait
 * in front of the core, which would otherwise act on them first.
 */

interface Held {
  readonly start: () => void;
  readonly shuts: boolean;
}

export class CallGate {
  #isShut = false;
  /** Oldest first; the stream's own limit of calls in flight bounds them. */
  readonly #held: Held[] = [];

  /** Starts a call now or when its turn comes. `shuts`: later ones wait until `open`. */
  pass(start: () => void, shuts: boolean): void {
    if (this.#isShut) this.#held.push({ start, shuts });
    else this.#start({ start, shuts });
  }

  /** The call that shut the gate is settled. */
  open(): void {
    this.#isShut = false;
    while (!this.#isShut) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#start(next);
    }
  }

  /** Nobody waits for these calls any more. */
  clear(): void {
    this.#held.length = 0;
  }

  #start({ start, shuts }: Held): void {
    this.#isShut = shuts;
    start();
  }
}
