/** Runs all checkers over a history and merges their verdicts into the worst. A checker that crashes proves nothing, so it is unknown. */

import type { HistoryEvent } from "../history/event.ts";
import { buildView, type HistoryView } from "../history/view.ts";
import { checkers as allCheckers } from "./catalog.ts";
import type { Checker, Verdict } from "./checker.ts";

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
}

export interface Judgement {
  /** The worst of all: fail, then unknown, then pass. */
  readonly verdict: Verdict["kind"];
  /** In the catalog's order. */
  readonly results: readonly CheckResult[];
  /** The broken guarantee that shows earliest in the history. */
  readonly firstBroken: BrokenGuarantee | undefined;
}

export interface BrokenGuarantee {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly events: readonly number[];
}

/** Judges a whole history. Never throws. */
export function judge(events: readonly HistoryEvent[], checkers: readonly Checker[] = allCheckers): Judgement {
  const view = tryBuildView(events);
  const results = checkers.map((checker) => ({ id: checker.id, title: checker.title, verdict: verdictOf(checker, view) }));
  const kinds = new Set(results.map((result) => result.verdict.kind));
  const verdict = kinds.has("fail") ? "fail" : kinds.has("unknown") || results.length === 0 ? "unknown" : "pass";
  return { verdict, results, firstBroken: firstBroken(results) };
}

function tryBuildView(events: readonly HistoryEvent[]): HistoryView | string {
  try {
    const view = buildView(events);
    return view.hasRun ? view : "the history has no run event, so the cluster's timings are not known";
  } catch (error) {
    return `the history could not be read: ${describe(error)}`;
  }
}

function verdictOf(checker: Checker, view: HistoryView | string): Verdict {
  if (typeof view === "string") return { kind: "unknown", reason: view };
  try {
    return checker.check(view);
  } catch (error) {
    return { kind: "unknown", reason: `checker ${checker.id} crashed: ${describe(error)}` };
  }
}

function firstBroken(results: readonly CheckResult[]): BrokenGuarantee | undefined {
  let first: BrokenGuarantee | undefined;
  let firstSeq = Number.POSITIVE_INFINITY;
  for (const { id, title, verdict } of results) {
    if (verdict.kind !== "fail") continue;
    // A violation is complete with its last event.
    const seq = verdict.events.at(-1) ?? Number.MAX_SAFE_INTEGER;
    if (seq >= firstSeq) continue;
    firstSeq = seq;
    first = { id, title, message: verdict.message, events: verdict.events };
  }
  return first;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.message}` : String(error);
}
