/**
 * A durable store of bytes by key, with versions: the registry that all masters share, or one agent's checkpoint. A write
 * takes time, is all or nothing, and is answered when it is durable. When its writer dies, writes on their way are lost
 * or were done, as the seed has it.
 */

import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";

/** `bytes` undefined deletes the key. */
export interface StoreChange {
  readonly key: string;
  readonly bytes: Uint8Array | undefined;
}

export type WriteResult = { readonly kind: "written"; readonly version: number } | { readonly kind: "failed"; readonly reason: string };

export interface StoreWrite {
  readonly writer: string;
  /** Undefined: whatever the version is. */
  readonly expectedVersion: number | undefined;
  readonly changes: readonly StoreChange[];
  /** Decides at the moment of the commit whether the writer may still write; answers the reason when not. */
  readonly refusal?: () => string | undefined;
  readonly done: (result: WriteResult) => void;
}

interface WriteInFlight extends StoreWrite {
  isOver: boolean;
}

export class SimStore {
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  readonly #records = new Map<string, Uint8Array>();
  #inFlight: WriteInFlight[] = [];
  #version = 0;
  #lastCommitAtMs = 0;
  #isFull = false;
  #stalled: WriteInFlight[] | undefined;

  constructor(simulator: Simulator, options: SimOptions) {
    this.#simulator = simulator;
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /** What is durable now, in order of first writing. */
  records(): readonly (readonly [key: string, bytes: Uint8Array])[] {
    return [...this.#records];
  }

  /** Answers after a read's time with what is durable then. */
  read(done: (version: number, records: readonly (readonly [key: string, bytes: Uint8Array])[]) => void): void {
    this.#simulator.after(this.#simulator.between(0, this.#options.writeLatencyMaxMs), () => done(this.#version, this.records()));
  }

  /** Writes commit in the order in which they were asked for. */
  write(write: StoreWrite): void {
    const inFlight: WriteInFlight = { ...write, isOver: false };
    this.#inFlight.push(inFlight);
    this.#scheduleCommit(inFlight);
  }

  /** The writer's process died: each of its writes on their way was done up to some point, and nobody is answered. */
  writerDied(writer: string): void {
    const writes = this.#inFlight.filter((write) => write.writer === writer);
    const doneCount = this.#simulator.prng.nextInt(writes.length + 1);
    for (const [index, write] of writes.entries()) {
      if (index < doneCount) this.#apply(write);
      this.#finish(write);
    }
  }

  /** While full, every write fails. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull;
  }

  stall(): void {
    this.#stalled ??= [];
  }

  unstall(): void {
    const stalled = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const write of stalled) this.#scheduleCommit(write);
  }

  #scheduleCommit(write: WriteInFlight): void {
    const simulator = this.#simulator;
    this.#lastCommitAtMs = Math.max(this.#lastCommitAtMs, simulator.nowMs + simulator.between(1, this.#options.writeLatencyMaxMs));
    simulator.at(this.#lastCommitAtMs, () => {
      if (write.isOver) return;
      if (this.#stalled !== undefined) {
        this.#stalled.push(write);
        return;
      }
      const result = this.#apply(write);
      this.#finish(write);
      write.done(result);
    });
  }

  #apply(write: StoreWrite): WriteResult {
    if (this.#isFull) return { kind: "failed", reason: "disk is full" };
    const refusal = write.refusal?.();
    if (refusal !== undefined) return { kind: "failed", reason: refusal };
    if (write.expectedVersion !== undefined && write.expectedVersion !== this.#version) {
      return { kind: "failed", reason: `registry has version ${this.#version}, the write expected ${write.expectedVersion}` };
    }
    for (const { key, bytes } of write.changes) {
      if (bytes === undefined) this.#records.delete(key);
      else this.#records.set(key, bytes);
    }
    this.#version++;
    return { kind: "written", version: this.#version };
  }

  #finish(write: WriteInFlight): void {
    write.isOver = true;
    this.#inFlight = this.#inFlight.filter((other) => other !== write);
  }
}
