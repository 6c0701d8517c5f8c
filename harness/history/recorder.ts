/** Collects the history of a run in order. The clock is the cluster's. */

import type { HistoryBody, HistoryEvent } from "./event.ts";

export class Recorder {
  readonly #events: HistoryEvent[] = [];
  readonly #nowMs: () => number;
  readonly #listeners: ((event: HistoryEvent) => void)[] = [];
  #nextCall = 0;
  #nextFault = 0;
  #nextImposture = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  record(body: HistoryBody): HistoryEvent {
    const event: HistoryEvent = { seq: this.#events.length, atMs: this.#nowMs(), ...body };
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  /** Called with each event from now on, after it was recorded. */
  listen(listener: (event: HistoryEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** A number for the next call or fault, unique in this run. */
  nextCall(): number {
    return this.#nextCall++;
  }

  nextFault(): number {
    return this.#nextFault++;
  }

  nextImposture(): number {
    return this.#nextImposture++;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }
}
