import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId } from "../../../../common/ids.ts";
import { OfferFilters } from "../../../../server/core/allocator/filters.ts";
import { filtersPerAgentMax } from "../../../../server/core/limits.ts";
import { cpusAndMem } from "../master-driver.ts";

const key = { role: "*", agentId: AgentId("a") };

describe("OfferFilters", () => {
  it("cover what was refused and less, not more of anything, not another agent or role", () => {
    const filters = new OfferFilters();
    filters.add(key, cpusAndMem(2, 512), { nowMs: 0, untilMs: 10 });
    assert.ok(filters.covers(key, cpusAndMem(1, 512), 9));
    assert.ok(!filters.covers(key, cpusAndMem(2, 1_024), 9));
    assert.ok(!filters.covers({ ...key, role: "other" }, cpusAndMem(1, 1), 9));
    assert.ok(!filters.covers({ ...key, agentId: AgentId("b") }, cpusAndMem(1, 1), 9));
  });

  it("end at their instant, and a shorter one does not end a longer one", () => {
    const filters = new OfferFilters();
    filters.add(key, cpusAndMem(1, 1), { nowMs: 0, untilMs: 100 });
    filters.add(key, cpusAndMem(2, 2), { nowMs: 0, untilMs: 10 });
    assert.ok(filters.covers(key, cpusAndMem(2, 2), 9));
    assert.ok(!filters.covers(key, cpusAndMem(2, 2), 10));
    assert.ok(filters.covers(key, cpusAndMem(1, 1), 99));
    assert.ok(!filters.covers(key, cpusAndMem(1, 1), 100));
  });

  it("are bounded: the oldest of too many shapes makes room", () => {
    const filters = new OfferFilters();
    for (let index = 0; index <= filtersPerAgentMax; index++) {
      filters.add(key, cpusAndMem(index + 1, 1_000 - index), { nowMs: 0, untilMs: 10 });
    }
    assert.ok(!filters.covers(key, cpusAndMem(1, 1_000), 0));
    assert.ok(filters.covers(key, cpusAndMem(2, 999), 0));
  });
});
