/**
 * Measures how slow the machine is while a cluster of real nodes runs: how late the harness's own timer comes, and how long nodes wait
 * for a processor. Only what the machine did is measured, nothing of what a node answers: a cluster that hangs
 * must not pass for a slow machine.
 */

import type { Recorder } from "../history/recorder.ts";
import type { ProcessorWait } from "./processor-waits.ts";

const tickMs = 20;

/** A tick that is later than this is a stall of the harness; less, the garbage collector alone can cause. */
const latenessMaxMs = 250;

/** How often the waits of nodes are read. */
const lookMs = 500;

/** A process that waits for this part of the time between two looks or more stalls: what it does takes more than twice as long. */
const waitPartMax = 0.5;

export interface StallWatchOptions {
  readonly recorder: Pick<Recorder, "record">;
  readonly nowMs: () => number;
  readonly readWaits: () => readonly ProcessorWait[];
}

export class StallWatch {
  readonly #options: StallWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #tickedAtMs: number;
  #lookedAtMs: number;
  /** By process id. */
  #waitedMs: Map<number, number> = new Map();

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#tickedAtMs = options.nowMs();
    this.#lookedAtMs = this.#tickedAtMs;
  }

  /** From now on until `stop`. */
  start(): void {
    this.#tickedAtMs = this.#options.nowMs();
    this.look();
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.beat();
    if (this.#options.nowMs() - this.#lookedAtMs >= lookMs) this.look();
  }

  /** The harness has come to its timer. */
  beat(): void {
    const nowMs = this.#options.nowMs();
    const fromMs = this.#tickedAtMs;
    this.#tickedAtMs = nowMs;
    const waitedMs = nowMs - fromMs - tickMs;
    if (waitedMs > latenessMaxMs) this.#options.recorder.record({ kind: "stall", who: "harness", fromMs, toMs: nowMs, waitedMs });
  }

  /** Records which nodes have waited for most of the time since the last look. */
  look(): void {
    const toMs = this.#options.nowMs();
    const fromMs = this.#lookedAtMs;
    const known = this.#waitedMs;
    this.#waitedMs = new Map();
    for (const { node, pid, waitedMs: sinceBirthMs } of this.#options.readWaits()) {
      this.#waitedMs.set(pid, sinceBirthMs);
      const waitedMs = sinceBirthMs - (known.get(pid) ?? 0);
      if (toMs <= fromMs || waitedMs < waitPartMax * (toMs - fromMs)) continue;
      this.#options.recorder.record({ kind: "stall", who: node, fromMs, toMs, waitedMs: Math.min(waitedMs, toMs - fromMs) });
    }
    this.#lookedAtMs = toMs;
  }
}
