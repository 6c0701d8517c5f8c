/** The event streams of a history's reader, each with what came on it. */

import type { HistoryEvent } from "./event.ts";
import type { ReaderEventJson } from "./reader-json.ts";

export interface ReaderLife {
  readonly stream: number;
  /** Of its first event. */
  readonly openedSeq: number;
  readonly openedAtMs: number;
  /** Infinity while it is up. */
  closedAtMs: number;
  readonly events: { readonly seq: number; readonly atMs: number; readonly event: ReaderEventJson }[];
}

export class ReaderLives {
  readonly #lives = new Map<number, ReaderLife>();

  /** Those on which something came, in the order in which they began. */
  get all(): readonly ReaderLife[] {
    return [...this.#lives.values()];
  }

  heard({ stream, event, seq, atMs }: Extract<HistoryEvent, { kind: "readerEvent" }>): void {
    let life = this.#lives.get(stream);
    if (life === undefined) {
      life = { stream, openedSeq: seq, openedAtMs: atMs, closedAtMs: Number.POSITIVE_INFINITY, events: [] };
      this.#lives.set(stream, life);
    }
    life.events.push({ seq, atMs, event });
  }

  closed({ stream, atMs }: Extract<HistoryEvent, { kind: "readerClosed" }>): void {
    const life = this.#lives.get(stream);
    if (life !== undefined) life.closedAtMs = Math.min(life.closedAtMs, atMs);
  }
}
