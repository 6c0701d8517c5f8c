/** What the operator asks and ends at the end of a run. */

import assert from "node:assert/strict";
import type { RoleOrderJson } from "../../../harness/history/role-json.ts";
import { RolePlan } from "../../../harness/workload/role-plan.ts";

const quota = { role: "web", guarantees: {}, limits: { cpus: 1_000 } };
const end: RoleOrderJson = { kind: "updateQuota", quotas: [{ role: "web", guarantees: {}, limits: {} }], force: false };

describe("the plan for roles", () => {
  it("ends the quotas that the leader has, once nothing is on its way", () => {
    const plan = new RolePlan();
    assert.deepEqual(plan.nextEnd, []);
    plan.ordered({ kind: "updateQuota", quotas: [quota], force: true });
    assert.deepEqual(plan.nextEnd, [], "it is on its way");
    plan.settled(undefined);
    assert.deepEqual(plan.nextEnd, [{ kind: "getQuota" }]);
    plan.ordered({ kind: "getQuota" });
    plan.settled({ kind: "quotas", quotas: [quota] });
    assert.deepEqual(plan.nextEnd, [{ kind: "getQuota" }, end]);
    plan.ordered({ kind: "getQuota" });
    plan.settled({ kind: "quotas", quotas: [] });
    assert.deepEqual(plan.nextEnd, [{ kind: "getQuota" }]);
  });

  it("looks at weights that it changed", () => {
    const plan = new RolePlan();
    plan.ordered({ kind: "updateWeights", weights: [{ role: "web", weight: 2 }] });
    plan.settled(undefined);
    assert.deepEqual(plan.nextEnd, [{ kind: "getWeights" }]);
  });
});
