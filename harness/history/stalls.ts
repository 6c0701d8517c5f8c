/**
 * When the machine under a run was too slow for bounds in real time. Short waits are what the epsilon of the timings is for; a stall that
 * takes up more of it than its share leaves what overlaps it undecided.
 */

import type { HistoryEvent, NodeName } from "./event.ts";

/** Who waited: a node, or the harness itself. */
export type StalledParty = NodeName | "harness";

export interface Stall {
  readonly who: StalledParty;
  readonly fromMs: number;
  readonly toMs: number;
  /** How much of that time the party waited for a processor. */
  readonly waitedMs: number;
}

/** A message and what it causes pass the harness, a master and an agent: each may take this part of the epsilon. */
const partiesOfMessage = 3;

/** Two measurements of one stall meet at the same instant, or nearly so. */
const gapMaxMs = 50;

/** The stalls that are too long for the epsilon, measurements that follow each other as one. In order of their beginning. */
export function findLongStalls(measured: readonly Stall[], epsilonMs: number): Stall[] {
  return joined(measured).filter(({ waitedMs }) => waitedMs > epsilonMs / partiesOfMessage);
}

function joined(measured: readonly Stall[]): Stall[] {
  const done: Stall[] = [];
  const open = new Map<StalledParty, Stall>();
  for (const stall of [...measured].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = open.get(stall.who);
    if (last !== undefined && stall.fromMs <= last.toMs + gapMaxMs) {
      open.set(stall.who, { ...last, toMs: Math.max(last.toMs, stall.toMs), waitedMs: last.waitedMs + stall.waitedMs });
      continue;
    }
    if (last !== undefined) done.push(last);
    open.set(stall.who, { who: stall.who, fromMs: stall.fromMs, toMs: stall.toMs, waitedMs: stall.waitedMs });
  }
  return [...done, ...open.values()].sort((a, b) => a.fromMs - b.fromMs);
}

export interface Jitter {
  readonly longest: Stall;
  /** The part of the run, 0 to 1, in which somebody waited too long. */
  readonly share: number;
}

/** How slow the machine was; undefined when it never was. */
export function measureJitter(events: readonly HistoryEvent[]): Jitter | undefined {
  const run = events.find((event) => event.kind === "run");
  const endAtMs = events.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  const stalls = findLongStalls(
    events.filter((event) => event.kind === "stall"),
    run?.kind === "run" ? run.timings.epsilonMs : 0,
  );
  const [first] = stalls;
  if (first === undefined) return undefined;
  const longest = stalls.reduce((best, stall) => (stall.waitedMs > best.waitedMs ? stall : best), first);
  let stalledMs = 0;
  let reachedMs = 0;
  for (const { fromMs, toMs } of stalls) {
    stalledMs += Math.max(0, toMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, toMs);
  }
  return { longest, share: Math.min(1, stalledMs / Math.max(1, endAtMs)) };
}

/** For people: "the longest stall was 2310 ms, of agent-1 at 12.5 s; 23 % of the run was stalled". */
export function describeJitter({ longest, share }: Jitter): string {
  const where = `of ${longest.who === "harness" ? "the harness" : longest.who} at ${(longest.fromMs / 1_000).toFixed(1)} s`;
  return `the longest stall was ${longest.waitedMs.toFixed(0)} ms, ${where}; ${(100 * share).toFixed(0)} % of the run was stalled`;
}
