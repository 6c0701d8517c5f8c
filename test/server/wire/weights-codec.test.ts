/** UpdateWeights from bytes: each rule with its message. */

import assert from "node:assert/strict";
import { Call_UpdateWeights } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { WeightInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { changedRolesMax } from "../../../server/wire/limits.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

const decode = (...weightInfos: readonly WeightInfo[]) =>
  operatorOrders["UpdateWeights"]?.(Call_UpdateWeights.encode({ weightInfos: [...weightInfos] }).finish());

describe("UpdateWeights", () => {
  it("takes any positive weight of any valid role", () => {
    const infos = [
      { role: "*", weight: Number.MIN_VALUE },
      { role: "eng/ads", weight: 2.5 },
    ];
    const weights = new Map(infos.map(({ role, weight }) => [role, weight]));
    assert.deepEqual(decode(...infos), { ok: true, value: { kind: "updateWeights", weights } });
  });

  const at = "update_weights.weight_infos";
  const many = Array.from({ length: changedRolesMax + 1 }, (_, index) => ({ role: `r${index}`, weight: 1 }));
  const bad: readonly [name: string, infos: readonly WeightInfo[], message: string][] = [
    ["nothing", [], `${at} must not be empty`],
    ["too much", many, `${at} must have at most 1000 entries, has 1001`],
    ["no role", [{ weight: 1 }], `${at}[0].role must be set`],
    ["an empty role", [{ role: "", weight: 1 }], `${at}[0].role must not be empty`],
    ["a bad role", [{ role: "a/..", weight: 1 }], `${at}[0].role must not have the component "..", is "a/.."`],
    [
      "a role twice",
      [
        { role: "a", weight: 1 },
        { role: "a", weight: 1 },
      ],
      `${at}[1].role must not repeat a role, has "a" twice`,
    ],
    ["weight 0", [{ role: "a", weight: 0 }], `${at}[0].weight must be positive and finite, is 0`],
    ["a negative weight", [{ role: "a", weight: -1 }], `${at}[0].weight must be positive and finite, is -1`],
    ["an infinite weight", [{ role: "a", weight: Number.POSITIVE_INFINITY }], `${at}[0].weight must be positive and finite, is Infinity`],
    ["no number", [{ role: "a", weight: Number.NaN }], `${at}[0].weight must be positive and finite, is NaN`],
  ];
  for (const [name, infos, message] of bad) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(decode(...infos), { ok: false, refusal: { code: "INVALID_ARGUMENT", message } });
    });
  }
});
