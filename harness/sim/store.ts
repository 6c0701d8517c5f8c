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
  /** Its writer died, and it was done then or is lost. */
  isOver: boolean;
}

export class SimStore {
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  readonly #records = new Map<string, Uint8Array>();
  /** In the order in which they were asked for, which is that in which they commit. */
  #queue: WriteInFlight[] = [];
  #version = 0;
  #lastCommitAtMs = 0;
  #isFull = false;
  #isStalled = false;
  /** Commits whose time came while the store was stalled. */
  #dueCount = 0;
  /** Since the store was broken last. */
  #failedCount = 0;

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
    this.#queue.push({ ...write, isOver: false });
    const simulator = this.#simulator;
    this.#lastCommitAtMs = Math.max(this.#lastCommitAtMs, simulator.nowMs + simulator.between(1, this.#options.writeLatencyMaxMs));
    simulator.at(this.#lastCommitAtMs, () => this.#commitNext());
  }

  /** The writer's process died: each of its writes on their way was done up to some point, and nobody is answered. */
  writerDied(writer: string): void {
    const writes = this.#queue.filter((write) => write.writer === writer && !write.isOver);
    const doneCount = this.#simulator.prng.nextInt(writes.length + 1);
    for (const [index, write] of writes.entries()) {
      if (index < doneCount) this.#apply(write);
      write.isOver = true;
    }
  }

  /** While full, every write fails. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull;
    this.#failedCount = 0;
  }

  stall(): void {
    this.#isStalled = true;
  }

  unstall(): void {
    this.#isStalled = false;
    for (; this.#dueCount > 0; this.#dueCount--) this.#simulator.after(0, () => this.#commitNext());
  }

  /** What the stall or the lack of room has done so far, in words. */
  evidence(): string | undefined {
    if (this.#failedCount > 0) return `${this.#failedCount} writes failed`;
    return this.#dueCount > 0 ? `${this.#dueCount} writes wait` : undefined;
  }

  /** Each write has its event, but the queue decides which one an event commits: a stall must not change the order. */
  #commitNext(): void {
    if (this.#isStalled) {
      this.#dueCount++;
      return;
    }
    const write = this.#queue.shift();
    if (write === undefined || write.isOver) return;
    write.done(this.#apply(write));
  }

  #apply(write: StoreWrite): WriteResult {
    if (this.#isFull) {
      this.#failedCount++;
      return { kind: "failed", reason: "disk is full" };
    }
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
}
