/** Orders about roles reach the master as they were meant, and its answers come back so. */

import assert from "node:assert/strict";
import type { RoleOrderJson } from "../../../harness/history/role-json.ts";
import { decodeRoleAnswer, encodeRoleOrder, roleRpcs } from "../../../harness/workload/role-codec.ts";
import { Response_GetQuota, Response_GetWeights } from "../../../protos/gen/mesos/v1/master/master.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

const decoded = (order: RoleOrderJson) => operatorOrders[roleRpcs[order.kind]]?.(encodeRoleOrder(order));

describe("the workload's orders about roles", () => {
  it("are read by the master as they are written", () => {
    const amounts = new Map([["cpus", 1_500]]);
    const none = new Map<string, number>();
    assert.deepEqual(decoded({ kind: "updateQuota", quotas: [{ role: "a", guarantees: { cpus: 1_500 }, limits: {} }], force: true }), {
      ok: true,
      value: { kind: "updateQuota", force: true, quotas: new Map([["a", { guarantees: amounts, limits: none }]]) },
    });
    assert.deepEqual(decoded({ kind: "setQuota", role: "a", amounts: { cpus: 1_500 }, force: false }), {
      ok: true,
      value: { kind: "setQuota", force: false, quotas: new Map([["a", { guarantees: amounts, limits: amounts }]]) },
    });
    assert.deepEqual(decoded({ kind: "removeQuota", role: "a" }), { ok: true, value: { kind: "removeQuota", role: "a" } });
    assert.deepEqual(decoded({ kind: "updateWeights", weights: [{ role: "a", weight: 2 }] }), {
      ok: true,
      value: { kind: "updateWeights", weights: new Map([["a", 2]]) },
    });
  });

  it("are answered in thousandths", () => {
    const configs = [{ role: "a", guarantees: { cpus: { value: 1.5 } }, limits: { mem: { value: 0.001 } } }];
    const quota = Response_GetQuota.encode({ status: { infos: [], configs } }).finish();
    assert.deepEqual(decodeRoleAnswer("getQuota", quota), {
      kind: "quotas",
      quotas: [{ role: "a", guarantees: { cpus: 1_500 }, limits: { mem: 1 } }],
    });
    const weights = Response_GetWeights.encode({ weightInfos: [{ role: "a", weight: 2 }] }).finish();
    assert.deepEqual(decodeRoleAnswer("getWeights", weights), { kind: "weights", weights: [{ role: "a", weight: 2 }] });
    assert.equal(decodeRoleAnswer("removeQuota", new Uint8Array()), undefined);
  });
});
