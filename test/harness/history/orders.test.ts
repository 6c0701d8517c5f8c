/** When operators' orders surely or possibly hold. */

import assert from "node:assert/strict";
import { buildView } from "../../../harness/history/view.ts";
import { emptyHistory, type HistoryBuilder } from "../history-builder.ts";

const never = Number.POSITIVE_INFINITY;

/** In these histories each event takes 10 ms: the first order is made at 10 and answered at 20. */
function ordersIn(history: HistoryBuilder) {
  return buildView(history.end(0).events).orders;
}

describe("AgentOrders", () => {
  it("knows nothing of an order that was refused", () => {
    const orders = ordersIn(emptyHistory().drainAgent("A1", { outcome: "fail" }).markGone("A1", "fail"));
    assert.deepEqual(orders.of("A1"), []);
    assert.equal(orders.mayWithhold("A1", 0, never), false);
  });

  it("lets an order that was obeyed hold from its outcome until somebody asks to take it back", () => {
    const orders = ordersIn(emptyHistory().deactivate().wait(1_000).reactivate());
    const [span, ...others] = orders.withholdings("A1");
    assert.deepEqual([span?.order.outcomeAtMs, span?.untilMs, others.length], [20, 1_030, 0]);
    assert.equal(orders.mayWithhold("A1", 0, 9), false, "before it was made");
    assert.equal(orders.mayWithhold("A1", 0, 10), true);
    assert.equal(orders.mayWithhold("A1", 1_040, never), true, "until the answer");
    assert.equal(orders.mayWithhold("A1", 1_041, never), false);
    assert.equal(orders.mayEmpty("A1", 0, never), false, "its tasks run on");
  });

  it("lets an order whose outcome nobody knows hold for ever, and surely never", () => {
    const orders = ordersIn(emptyHistory().drainAgent("A1", { outcome: "info" }).reactivate());
    assert.deepEqual(orders.withholdings("A1"), []);
    assert.equal(orders.mayEmpty("A1", 5_000, never), true);
  });

  it("says nothing for sure of orders that cross", () => {
    const orders = ordersIn(emptyHistory().reactivate("A1", "open").deactivate());
    assert.deepEqual(orders.withholdings("A1"), []);
  });

  it("takes a drain that marks gone as an end of the id that may have come, and MARK_AGENT_GONE as one that came", () => {
    const drained = ordersIn(emptyHistory().drainAgent("A1", { markGone: true }));
    assert.equal(drained.mayBeGone("A1", never), true);
    assert.equal(drained.markedGone("A1"), undefined);
    assert.equal(ordersIn(emptyHistory().markGone()).markedGone("A1")?.outcomeAtMs, 20);
  });
});
