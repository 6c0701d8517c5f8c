/**
 * Streams of a framework beside which it subscribed anew. The master must end them; a framework that waits for that in vain closes
 * them itself, late enough for everybody to see that the master did not.
 */

import type { Subscription } from "./subscription.ts";

/** Longer than a checker allows for the end of the old stream. */
const keptMs = 5_000;

/** What was on its way on the old stream when the new one began cannot be put in order with what came on the new one. */
const raceMs = 1_000;

export class OlderStreams {
  readonly #waiting = new Set<Subscription>();
  readonly #replaced = new Map<Subscription, number>();

  /** A newer subscription was asked for beside this one. */
  add(subscription: Subscription): void {
    this.#waiting.add(subscription);
  }

  /** The newer one has begun, at this master. */
  replace(masterId: string, nowMs: number): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const subscription of waiting) {
      if (subscription.isClosed) continue;
      // One that never began, or began elsewhere, is not this master's to end.
      if (subscription.masterId === masterId) this.#replaced.set(subscription, nowMs);
      else subscription.stream?.close();
    }
  }

  /** Whether an event of this stream says nothing that can be put in order. */
  isRacing(subscription: Subscription, nowMs: number): boolean {
    const replacedAtMs = this.#replaced.get(subscription);
    return replacedAtMs !== undefined && nowMs < replacedAtMs + raceMs;
  }

  tick(nowMs: number): void {
    for (const [subscription, replacedAtMs] of [...this.#replaced]) {
      if (!subscription.isClosed && nowMs < replacedAtMs + keptMs) continue;
      this.#replaced.delete(subscription);
      if (!subscription.isClosed) subscription.stream?.close();
    }
  }

  closeAll(): void {
    const all = [...this.#waiting, ...this.#replaced.keys()];
    this.#waiting.clear();
    this.#replaced.clear();
    for (const { stream } of all) stream?.close();
  }
}
