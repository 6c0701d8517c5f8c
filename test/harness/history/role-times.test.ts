/** When quotas surely held, and when they may have. */

import assert from "node:assert/strict";
import type { OrderJson } from "../../../harness/history/event.ts";
import { buildView } from "../../../harness/history/view.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";

const limit = (cpus: number, role = "web"): OrderJson => ({
  kind: "updateQuota",
  quotas: [{ role, guarantees: {}, limits: { cpus } }],
  force: false,
});
const end: OrderJson = { kind: "removeQuota", role: "web" };

const spansOf = (history: HistoryBuilder) =>
  buildView(history.events)
    .roles.quotaSpans()
    .map(({ value, order, untilSeq }) => [value.limits["cpus"], order.outcomeSeq, untilSeq]);

describe("the times of quotas", () => {
  it("last from the answer until somebody orders something else for the role", () => {
    const history = cluster().order(limit(1)).order(limit(5, "batch")).order(limit(2));
    const first = cluster().events.length;
    assert.deepEqual(spansOf(history), [
      [1, first + 1, first + 4],
      [2, first + 5, Number.POSITIVE_INFINITY],
      [5, first + 3, Number.POSITIVE_INFINITY],
    ]);
  });

  it("are not sure of what was refused, has no known outcome, or met another order", () => {
    assert.deepEqual(spansOf(cluster().order(limit(1), "fail").order(limit(2), "info").order(limit(3))), []);
    assert.deepEqual(spansOf(cluster().order(limit(1), "open").order(limit(2))), []);
    assert.equal(spansOf(cluster().order(limit(1)).order(limit(2), "info")).length, 1);
  });

  it("may hold something back from the first word until an end was answered", () => {
    const mayHoldBack = (history: HistoryBuilder, fromMs: number, toMs: number): boolean =>
      buildView(history.events).roles.mayHoldBack(fromMs, toMs);
    const atMs = cluster().wait(0).events.at(-1)?.atMs ?? 0;
    const ended = cluster().order(limit(1)).wait(1_000).order(end);
    assert.deepEqual([mayHoldBack(ended, 0, atMs), mayHoldBack(ended, atMs + 60_000, atMs + 70_000)], [false, false]);
    assert.equal(mayHoldBack(ended, atMs + 20_000, atMs + 20_500), true);
    assert.equal(mayHoldBack(cluster().order(limit(1), "info").order(end), atMs + 60_000, atMs + 70_000), true);
    assert.equal(mayHoldBack(cluster().order(limit(1), "fail"), 0, atMs + 60_000), false);
    assert.equal(mayHoldBack(cluster().order(limit(1)).order(end, "info"), atMs + 60_000, atMs + 70_000), true);
  });
});
