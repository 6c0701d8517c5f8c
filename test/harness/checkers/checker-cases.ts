/**
 * Good and bad histories for a checker, as tests. Each good one must please *every* checker of the catalog, so it is a
 * guard against false alarms everywhere; each bad one must be refused by the checker that it is made for.
 */

import assert from "node:assert/strict";
import type { Checker } from "../../../harness/checkers/checker.ts";
import { judge } from "../../../harness/checkers/judge.ts";
import { buildView } from "../../../harness/history/view.ts";
import type { HistoryBuilder } from "../history-builder.ts";

export interface CheckerCases {
  /** The checker's precondition is met, and kept. */
  readonly good: Readonly<Record<string, () => HistoryBuilder>>;
  readonly bad: Readonly<Record<string, () => HistoryBuilder>>;
  /** Nothing may be concluded here: the precondition is not met. */
  readonly undecided?: Readonly<Record<string, () => HistoryBuilder>>;
}

/** How many good and bad histories each checker has; `catalog.test.ts` walks it. */
export const casesOf = new Map<string, { readonly good: number; readonly bad: number }>();

export function describeChecker(checker: Checker, { good, bad, undecided = {} }: CheckerCases): void {
  casesOf.set(checker.id, { good: Object.keys(good).length, bad: Object.keys(bad).length });
  describe(`${checker.id} ${checker.title}`, () => {
    for (const [name, history] of Object.entries(good)) {
      it(`accepts: ${name}`, () => {
        const verdict = checker.check(buildView(history().events));
        assert.equal(verdict.kind, "pass", verdict.kind === "fail" ? verdict.message : "");
        assert.ok(verdict.kind === "pass" && verdict.evaluated > 0, "the precondition was not met");
        assertNoAlarm(history());
      });
    }
    for (const [name, history] of Object.entries(undecided)) {
      it(`says nothing: ${name}`, () => assertNoAlarm(history()));
    }
    for (const [name, history] of Object.entries(bad)) {
      it(`refuses: ${name}`, () => {
        const verdict = checker.check(buildView(history().events));
        assert.equal(verdict.kind, "fail");
        assert.ok(verdict.kind === "fail" && verdict.events.length > 0, "the failure names no event");
      });
    }
  });
}

/** No checker of the catalog fails on this history. */
export function assertNoAlarm(history: HistoryBuilder): void {
  const { firstBroken } = judge(history.events);
  assert.equal(firstBroken, undefined, `${firstBroken?.id}: ${firstBroken?.message}`);
}
