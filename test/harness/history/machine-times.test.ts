/** What a machine's window may have been, and what that may have done to its agents. Each event takes 10 ms. */

import assert from "node:assert/strict";
import { buildView, type HistoryView } from "../../../harness/history/view.ts";
import { cluster, emptyHistory, type HistoryBuilder } from "../history-builder.ts";

const never = Number.POSITIVE_INFINITY;
const enforced = { maintenance: { mode: "enforce", revocationGraceMs: 5_000, wallSkewMaxMs: 100 } } as const;
const agent1 = { hostname: "agent-1", ip: "10.0.0.1" };
const agent2 = { hostname: "agent-2", ip: "10.0.0.1" };

function viewOf(history: HistoryBuilder): HistoryView {
  return buildView(history.end(0).events);
}

function startsOf(view: HistoryView, fromMs: number, toMs: number, place = agent1): (number | undefined)[] {
  return view.machines.windows(place, fromMs, toMs).map((one) => one?.startAtMs);
}

describe("MachineTimes", () => {
  it("has no window before anybody planned one, nor after one that was refused", () => {
    assert.deepEqual(startsOf(viewOf(emptyHistory()), 0, never), [undefined]);
    assert.deepEqual(startsOf(viewOf(emptyHistory().schedule(undefined, { outcome: "fail" })), 0, never), [undefined]);
  });

  it("has the window that was planned from its answer on, and may have it from its request on", () => {
    const view = viewOf(emptyHistory().schedule(undefined, { startsInMs: 1_000 }).wait(1_000));
    assert.deepEqual(startsOf(view, 0, 9), [undefined]);
    assert.deepEqual(startsOf(view, 10, 15), [undefined, 1_010]);
    assert.deepEqual(startsOf(view, 21, never), [1_010]);
    assert.equal(view.machines.onlyWindow(agent1, 15, never), undefined);
    assert.deepEqual(view.machines.onlyWindow(agent1, 21, never), { startAtMs: 1_010 });
  });

  it("finds machines by hostname in any case, by address, or by both", () => {
    const planned = (machine: object) => viewOf(emptyHistory().schedule([machine], { startsInMs: 0 }));
    assert.deepEqual(startsOf(planned({ hostname: "AGENT-1" }), 100, never), [10]);
    assert.deepEqual(startsOf(planned({ hostname: "agent-1" }), 100, never, agent2), [undefined]);
    assert.deepEqual(startsOf(planned({ ip: "10.0.0.1" }), 100, never, agent2), [10]);
    assert.deepEqual(startsOf(planned({ hostname: "agent-1", ip: "10.0.0.1" }), 100, never, agent2), [undefined]);
  });

  it("loses a window that was replaced, cancelled or stopped, once that is sure", () => {
    const planned = () => emptyHistory().schedule(undefined, { startsInMs: 0 }).wait(1_000);
    assert.deepEqual(startsOf(viewOf(planned().schedule(undefined, { startsInMs: 0 })), 2_000, never), [1_030]);
    assert.deepEqual(startsOf(viewOf(planned().schedule([])), 2_000, never), [undefined]);
    assert.deepEqual(startsOf(viewOf(planned().schedule([], { outcome: "info" }).wait(200)), 1_100, never), [10, undefined]);
    assert.deepEqual(startsOf(viewOf(planned().startMaintenance().stopMaintenance()), 2_000, never), [undefined]);
  });

  it("takes an order without an answer for possible until the cluster was calm for long", () => {
    const history = cluster().schedule(undefined, { startsInMs: 0, outcome: "info" }).wait(5_000).schedule([]).wait(5_000);
    const view = viewOf(history);
    const [update] = view.maintenanceOrders;
    assert.ok(update !== undefined);
    assert.deepEqual(startsOf(view, update.outcomeAtMs + 2_000, update.outcomeAtMs + 3_000).length, 2);
    assert.deepEqual(startsOf(view, update.outcomeAtMs + 6_000, never), [undefined]);
  });

  it("says when a machine surely was down, and when it may have been", () => {
    const view = viewOf(emptyHistory().schedule().startMaintenance().wait(1_000).stopMaintenance().wait(5_000));
    const [down, ...others] = view.machines.downTimes(agent1);
    assert.deepEqual([down?.start.outcomeAtMs, down?.untilMs, others.length], [40, 1_050, 0]);
    assert.equal(view.machines.mayBeDown(agent1, 0, 29), false);
    assert.equal(view.machines.mayBeDown(agent1, 0, 30), true);
    assert.equal(view.machines.mayBeDown(agent1, 3_000, never), false);
    assert.equal(view.machines.mayBeDown(agent2, 0, never), false);
  });

  it("is not sure of a machine that somebody took up meanwhile", () => {
    const view = viewOf(emptyHistory().schedule().stopMaintenance(undefined, "open").startMaintenance());
    assert.deepEqual(view.machines.downTimes(agent1), []);
  });
});

describe("what maintenance does to agents", () => {
  it("empties and removes those of a machine that is taken down, for good", () => {
    const { orders } = viewOf(cluster().schedule().startMaintenance().wait(1_000).stopMaintenance().wait(60_000));
    assert.equal(orders.mayEmpty("A1", 100_000, never), true);
    assert.equal(orders.mayBeGone("A1", never), true);
    assert.equal(orders.mayEmpty("A2", 0, never), false);
  });

  it("does nothing to an agent that registered after it was over", () => {
    const history = cluster().schedule().startMaintenance().wait(1_000).stopMaintenance().wait(5_000).registered("agent-1", "A3", 1);
    const { orders } = viewOf(history);
    assert.deepEqual([orders.mayEmpty("A3", 0, never), orders.mayBeGone("A3", never)], [false, false]);
  });

  it("empties agents when their window begins, and removes them after the grace, if that is enforced", () => {
    const history = () => cluster(enforced).schedule(undefined, { startsInMs: 10_000 }).wait(60_000);
    const { orders, machines } = viewOf(history());
    const [touch] = machines.touches({ hostname: "agent-1", ip: undefined });
    assert.ok(touch !== undefined);
    assert.equal(touch.removesFromMs - touch.fromMs, 5_000);
    assert.equal(orders.mayEmpty("A1", 0, touch.fromMs - 1), false);
    assert.equal(orders.mayEmpty("A1", 0, touch.fromMs), true);
    const asked = cluster({ maintenance: { ...enforced.maintenance, mode: "operator" } }).schedule(undefined, { startsInMs: 0 });
    assert.equal(viewOf(asked.wait(60_000)).orders.mayEmpty("A1", 0, never), false);
  });

  it("removes agents after the grace also when the same schedule was ordered again meanwhile, and not when another was", () => {
    const planned = () => emptyHistory(enforced).schedule(undefined, { startsInMs: 1_000 }).wait(1_000);
    const removedFromMs = (history: HistoryBuilder) => viewOf(history).machines.touches(agent1).at(-1)?.removesFromMs;
    assert.equal(removedFromMs(planned().schedule(undefined, { startsInMs: -20 }).wait(60_000)), 1_010 - 100 + 5_000);
    assert.equal(removedFromMs(planned().schedule(undefined, { startsInMs: -30 }).wait(60_000)), 1_030 + 5_000);
  });

  it("does nothing to agents whose window was cancelled before it began", () => {
    const history = cluster(enforced).schedule(undefined, { startsInMs: 10_000 }).wait(1_000).schedule([]).wait(60_000);
    assert.equal(viewOf(history).orders.mayEmpty("A1", 0, never), false);
  });
});
