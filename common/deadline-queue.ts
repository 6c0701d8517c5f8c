/**
 * Keys that wait for an instant each, in order of time. A binary heap; an entry that was replaced or deleted stays in the
 * heap until it comes to the top, or until such entries are the larger half and are swept out.
 */

interface Entry<K> {
  readonly key: K;
  readonly atMs: number;
  /** Order of insertion, which decides between equal instants. */
  readonly sequence: number;
  isLive: boolean;
}

/** Below this many entries a sweep costs more than it frees. */
const sweepAtCount = 64;

export class DeadlineQueue<K> {
  readonly #entries = new Map<K, Entry<K>>();
  #heap: Entry<K>[] = [];
  #sequence = 0;

  /** How many keys wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** Lets `key` wait until `atMs`; replaces the instant that it waited for. */
  set(key: K, atMs: number): void {
    this.delete(key);
    const entry: Entry<K> = { key, atMs, sequence: this.#sequence++, isLive: true };
    this.#entries.set(key, entry);
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
  }

  /** Whether `key` was waiting; it does not any more. */
  delete(key: K): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    entry.isLive = false;
    this.#entries.delete(key);
    if (this.#heap.length > sweepAtCount && this.#heap.length > 2 * this.#entries.size) this.#sweep();
    return true;
  }

  /** The instant that `key` waits for. */
  atMs(key: K): number | undefined {
    return this.#entries.get(key)?.atMs;
  }

  /** The earliest instant that a key waits for, or undefined when none waits. */
  nextAtMs(): number | undefined {
    return this.#top()?.atMs;
  }

  /** Takes out every key whose instant has come, in order of instant, then of insertion. */
  takeDue(nowMs: number): K[] {
    const due: K[] = [];
    for (let top = this.#top(); top !== undefined && top.atMs <= nowMs; top = this.#top()) {
      this.#pop();
      this.#entries.delete(top.key);
      due.push(top.key);
    }
    return due;
  }

  #top(): Entry<K> | undefined {
    while (this.#heap[0]?.isLive === false) this.#pop();
    return this.#heap[0];
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapUnlessOrdered(parent, index)) return;
      index = parent;
    }
  }

  #siftDown(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [leftEntry, rightEntry] = [this.#heap[left], this.#heap[left + 1]];
      if (leftEntry === undefined) return;
      const child = rightEntry !== undefined && isBefore(rightEntry, leftEntry) ? left + 1 : left;
      if (!this.#swapUnlessOrdered(index, child)) return;
      index = child;
    }
  }

  /** Whether it had to swap. */
  #swapUnlessOrdered(parent: number, child: number): boolean {
    const [parentEntry, childEntry] = [this.#heap[parent], this.#heap[child]];
    if (parentEntry === undefined || childEntry === undefined || !isBefore(childEntry, parentEntry)) return false;
    this.#heap[parent] = childEntry;
    this.#heap[child] = parentEntry;
    return true;
  }

  /** A sorted list is a heap. */
  #sweep(): void {
    this.#heap = this.#heap.filter((entry) => entry.isLive).sort((left, right) => (isBefore(left, right) ? -1 : 1));
  }
}

function isBefore<K>(left: Entry<K>, right: Entry<K>): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}
