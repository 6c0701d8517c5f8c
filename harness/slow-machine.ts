/**
 * What the machine's slowness took from a run. The history is judged a second time as if the machine had never stalled: what is broken
 * then, or put to the test only then, is undecided. So no stall makes a pass of anything.
 */

import { checkers as allCheckers } from "./checkers/catalog.ts";
import type { Checker } from "./checkers/checker.ts";
import { type Judgement, judge } from "./checkers/judge.ts";
import type { HistoryEvent } from "./history/event.ts";
import { describeJitter, measureJitter } from "./history/stalls.ts";

export interface Judged {
  readonly judgement: Judgement;
  /** Those that made the judgement; all, if absent. */
  readonly checkers?: readonly Checker[];
}

/** Why the run decides less than it should, in one sentence; undefined when the machine took nothing from it. */
export function slowMachineProblem(events: readonly HistoryEvent[], { judgement, checkers = allCheckers }: Judged): string | undefined {
  const jitter = measureJitter(events);
  if (jitter === undefined) return undefined;
  const unexcused = judge(
    events.filter(({ kind }) => kind !== "stall"),
    checkers,
  );
  const undecided = unexcused.results.flatMap(({ id, verdict }, index) => {
    const stalled = judgement.results[index]?.verdict;
    if (verdict.kind === "fail" && stalled?.kind !== "fail") return [`${id} (${verdict.message})`];
    if (verdict.kind === "pass" && verdict.evaluated > 0 && stalled?.kind === "pass" && stalled.evaluated === 0) return [id];
    return [];
  });
  return undecided.length === 0 ? undefined : `the machine was too slow to decide ${undecided.join(", ")}: ${describeJitter(jitter)}`;
}
