/**
 * Virtual time: events in a heap, keyed by whole milliseconds and then by the order in which they were made. Time jumps
 * from one event to the next, so an idle cluster costs nothing. One seed decides everything that is left to chance.
 */

import { assert } from "../../common/assert.ts";
import { createPrng, type Prng } from "../../common/prng.ts";
import { TraceHash } from "./trace-hash.ts";

interface SimEvent {
  readonly atMs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** More events than this at one instant mean that the cluster talks to itself without end: a run of 20 nodes needs some hundreds. */
const eventsPerInstantMax = 200_000;

export class Simulator {
  readonly prng: Prng;
  readonly trace = new TraceHash();
  readonly #heap: SimEvent[] = [];
  #nowMs = 0;
  #sequence = 0;
  #eventCount = 0;

  constructor(seed: number) {
    this.prng = createPrng(`sim/${seed}`);
  }

  /** Milliseconds since the simulation began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have run. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Runs `run` after `delayMs`, which is rounded up to whole milliseconds; never before the caller has returned. */
  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + Math.max(0, delayMs), run);
  }

  /** Runs `run` at `atMs`, or as soon as possible when that has passed. */
  at(atMs: number, run: () => void): void {
    const event: SimEvent = { atMs: Math.max(this.#nowMs, Math.ceil(atMs)), sequence: this.#sequence++, run };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as SimEvent;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  /** Lets everything happen that is due until `untilMs`, rounded up to whole milliseconds, and leaves the clock there. */
  runUntil(untilMs: number): void {
    const atMs = Math.ceil(untilMs);
    let burst = 0;
    for (let top = this.#heap[0]; top !== undefined && top.atMs <= atMs; top = this.#heap[0]) {
      this.#pop();
      if (top.atMs > this.#nowMs) burst = 0;
      this.#nowMs = top.atMs;
      burst++;
      assert(burst <= eventsPerInstantMax, `simulation is stuck at ${top.atMs} ms: ${burst} events without time passing`);
      this.#eventCount++;
      top.run();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** A whole number of milliseconds from `minMs` to `maxMs`, both included. */
  between(minMs: number, maxMs: number): number {
    return maxMs <= minMs ? minMs : minMs + this.prng.nextInt(maxMs - minMs + 1);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as SimEvent, heap[child] as SimEvent)) child = right;
      const below = heap[child] as SimEvent;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(left: SimEvent, right: SimEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}
