/**
 * A checker decides one guarantee of docs/guarantees.md from the history alone. It fails only on what no correct
 * cluster can show: calls with outcome `info` may take effect later or never, a stream that closes soon after leaves
 * undecided what it should have carried, and only calm times (see history/calm.ts) oblige the cluster to act.
 */

import type { HistoryView } from "../history/view.ts";

export type Verdict =
  /** `evaluated` counts how often the precondition was met: 0 says nothing. */
  | { readonly kind: "pass"; readonly evaluated: number }
  /** `events` are the positions in the history that show it, in order. */
  | { readonly kind: "fail"; readonly message: string; readonly events: readonly number[] }
  | { readonly kind: "unknown"; readonly reason: string };

export interface Checker {
  /** Of guarantees.md: "S01". */
  readonly id: string;
  readonly title: string;
  check(view: HistoryView): Verdict;
}

export function pass(evaluated: number): Verdict {
  return { kind: "pass", evaluated };
}

/** A broken guarantee; positions that never came are left out. */
export function fail(message: string, events: readonly number[]): Verdict {
  const known = new Set(events.filter((seq) => Number.isFinite(seq) && seq >= 0));
  return { kind: "fail", message, events: [...known].sort((a, b) => a - b) };
}
