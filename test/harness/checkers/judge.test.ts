/** The merged verdict: the worst of all, with the violation that shows first; and no history makes the judge throw. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { checkers } from "../../../harness/checkers/catalog.ts";
import type { Checker, Verdict } from "../../../harness/checkers/checker.ts";
import { judge } from "../../../harness/checkers/judge.ts";
import type { HistoryEvent } from "../../../harness/history/event.ts";
import { cluster, emptyHistory, HistoryBuilder } from "../history-builder.ts";
import { historyArbitrary } from "./history-arbitrary.ts";

function saying(id: string, verdict: Verdict): Checker {
  return { id, title: id, check: () => verdict };
}

const passing = saying("P", { kind: "pass", evaluated: 1 });
const unknowing = saying("U", { kind: "unknown", reason: "no clock" });
const late = saying("F9", { kind: "fail", message: "late", events: [1, 9] });
const early = saying("F5", { kind: "fail", message: "early", events: [3, 5] });
const crashing: Checker = {
  id: "C",
  title: "C",
  check: () => {
    throw new Error("index out of range");
  },
};

describe("judge()", () => {
  it("passes what all checkers pass", () => {
    const { verdict, firstBroken, results } = judge(emptyHistory().events);
    assert.equal(verdict, "pass");
    assert.equal(firstBroken, undefined);
    assert.equal(results.length, checkers.length);
  });

  it("fails when one fails, and names the violation that shows first", () => {
    const judgement = judge(emptyHistory().events, [passing, late, unknowing, early]);
    assert.equal(judgement.verdict, "fail");
    assert.deepEqual(judgement.firstBroken, { id: "F5", title: "F5", message: "early", events: [3, 5] });
  });

  it("is unknown when one cannot tell and none fails", () => {
    assert.equal(judge(emptyHistory().events, [passing, unknowing]).verdict, "unknown");
  });

  it("takes a crash of a checker for unknown, never for a pass", () => {
    const { verdict, results } = judge(emptyHistory().events, [passing, crashing]);
    assert.equal(verdict, "unknown");
    assert.deepEqual(results[1]?.verdict, { kind: "unknown", reason: "checker C crashed: index out of range" });
  });

  it("knows nothing of a history without its run event, or without checkers", () => {
    assert.equal(judge(new HistoryBuilder().end().events).verdict, "unknown");
    assert.equal(judge([]).verdict, "unknown");
    assert.equal(judge(cluster().events, []).verdict, "unknown");
  });

  it("neither throws nor lets a checker crash, whatever the order of events", () => {
    fc.assert(
      fc.property(historyArbitrary, (events: readonly HistoryEvent[]) => {
        const unknown = judge(events).results.filter((result) => result.verdict.kind === "unknown");
        assert.deepEqual(unknown, []);
      }),
      { numRuns: 200 },
    );
  });

  it("answers the same for the same history", () => {
    fc.assert(
      fc.property(historyArbitrary, (events: readonly HistoryEvent[]) => assert.deepEqual(judge(events), judge(events))),
      { numRuns: 20 },
    );
  });
});
