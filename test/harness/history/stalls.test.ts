/** What makes a stall long, and how slow a run says its machine was. */

import assert from "node:assert/strict";
import { describeJitter, findLongStalls, measureJitter, type Stall } from "../../../harness/history/stalls.ts";
import { cluster } from "../history-builder.ts";

const stall = (who: string, fromMs: number, toMs: number, waitedMs = toMs - fromMs): Stall => ({ who, fromMs, toMs, waitedMs });

describe("findLongStalls", () => {
  it("leaves out what a third of the epsilon has room for", () => {
    assert.deepEqual(findLongStalls([stall("agent-1", 0, 500)], 1_500), []);
    assert.deepEqual(findLongStalls([stall("agent-1", 0, 501)], 1_500), [stall("agent-1", 0, 501)]);
  });

  it("takes measurements that follow each other as one, by party", () => {
    const measured = [stall("agent-1", 0, 500, 300), stall("harness", 400, 700), stall("agent-1", 505, 1_000, 300)];
    assert.deepEqual(findLongStalls(measured, 1_500), [stall("agent-1", 0, 1_000, 600)]);
  });

  it("does not add up waits with time between them", () => {
    assert.deepEqual(findLongStalls([stall("agent-1", 0, 400), stall("agent-1", 900, 1_300)], 1_500), []);
  });

  it("is in order of the beginnings, whatever the order of the measurements", () => {
    const [late, early] = [stall("agent-1", 9_000, 9_900), stall("master-1", 1_000, 3_000)];
    assert.deepEqual(findLongStalls([late, early], 1_500), [early, late]);
  });
});

describe("measureJitter", () => {
  it("says nothing of a run without long stalls", () => {
    assert.equal(measureJitter(cluster({ epsilonMs: 1_500 }, "processes").stall("harness", 300).events), undefined);
  });

  it("names the longest stall, and counts time in which several waited once", () => {
    const { events } = cluster({ epsilonMs: 1_500 }, "processes").wait(10_000).stall("agent-1", 2_000).stall("harness", 1_000).end(0);
    const jitter = measureJitter(events);
    assert.ok(jitter !== undefined);
    assert.equal(jitter.longest.who, "agent-1");
    assert.equal(jitter.longest.waitedMs, 2_000);
    // The second was written down one event, 10 ms, after the first.
    assert.equal(jitter.share, 2_010 / (events.at(-1)?.atMs ?? 0));
    assert.match(describeJitter(jitter), /^the longest stall was 2000 ms, of agent-1 at [\d.]+ s; \d+ % of the run was stalled$/);
  });
});
