/** UpdateQuota, SetQuota and RemoveQuota from bytes: what they mean, and each rule with its message. */

import assert from "node:assert/strict";
import { Call_RemoveQuota, Call_SetQuota, Call_UpdateQuota } from "../../../protos/gen/mesos/v1/master/master.ts";
import { type Resource, Value_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { changedRolesMax } from "../../../server/wire/limits.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

type Amounts = Readonly<Record<string, number>>;
type Config = readonly [role: string, guarantees?: Amounts, limits?: Amounts];

const toScalars = (amounts: Amounts = {}) => Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, { value }]));

const update = (configs: readonly Config[], force?: boolean) =>
  operatorOrders["UpdateQuota"]?.(
    Call_UpdateQuota.encode({
      force,
      quotaConfigs: configs.map(([role, guarantees, limits]) => ({ role, guarantees: toScalars(guarantees), limits: toScalars(limits) })),
    }).finish(),
  );

const scalar = (name: string, value: number, more: Partial<Resource> = {}): Resource => ({
  name,
  type: Value_Type.SCALAR,
  scalar: { value },
  reservations: [],
  ...more,
});

const set = (role: string | undefined, ...guarantee: readonly Resource[]) =>
  operatorOrders["SetQuota"]?.(Call_SetQuota.encode({ quotaRequest: { role, guarantee: [...guarantee] } }).finish());

const refused = (message: string) => ({ ok: false, refusal: { code: "INVALID_ARGUMENT", message } });

describe("UpdateQuota", () => {
  it("holds amounts in thousandths; to guarantee 0 is no guarantee, to allow 0 is a limit", () => {
    assert.deepEqual(update([["a", { cpus: 1.5, mem: 0 }, { cpus: 2, gpus: 0 }], ["*"]], true), {
      ok: true,
      value: {
        kind: "updateQuota",
        force: true,
        quotas: new Map([
          [
            "a",
            {
              guarantees: new Map([["cpus", 1_500]]),
              limits: new Map([
                ["cpus", 2_000],
                ["gpus", 0],
              ]),
            },
          ],
          ["*", { guarantees: new Map(), limits: new Map() }],
        ]),
      },
    });
    const plain = update([["a"]]);
    assert.ok(plain?.ok && plain.value.kind === "updateQuota");
    assert.equal(plain.value.force, false);
  });

  const at = "update_quota.quota_configs";
  const exabyteMb = 1024 ** 4;
  const many: readonly Config[] = Array.from({ length: changedRolesMax + 1 }, (_, index): Config => [`r${index}`]);
  const names = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`n${index}`, 1]));
  const bad: readonly [name: string, configs: readonly Config[], message: string][] = [
    ["nothing", [], `${at} must not be empty`],
    ["too much", many, `${at} must have at most 1000 entries, has 1001`],
    ["a bad role", [["-a"]], `${at}[0].role must not have a component that starts with "-", is "-a"`],
    ["a nested role", [["a"], ["a/b"]], `${at}[1].role must be a top-level role, whose quota is also that of the roles below it, is "a/b"`],
    ["a role twice", [["a"], ["a"]], `${at}[1].role must not repeat a role, has "a" twice`],
    ["a negative amount", [["a", {}, { cpus: -1 }]], `${at}[0].limits["cpus"].value must not be negative, is -1`],
    ["no number", [["a", { cpus: Number.NaN }]], `${at}[0].guarantees["cpus"].value must be a number, is NaN`],
    [
      "infinity",
      [["a", {}, { cpus: Number.POSITIVE_INFINITY }]],
      `${at}[0].limits["cpus"].value must be at most 1000000000000, is Infinity`,
    ],
    [
      "more memory than there is",
      [["a", {}, { mem: 2 * exabyteMb }]],
      `${at}[0].limits["mem"].value must be at most ${exabyteMb}, is ${2 * exabyteMb}`,
    ],
    ["an amount that rounds to 0", [["a", { cpus: 0.0001 }]], `${at}[0].guarantees["cpus"].value must be 0 or at least 0.0005, is 0.0001`],
    [
      "a guarantee above the limit",
      [["a", { cpus: 2 }, { cpus: 1 }]],
      `${at}[0].guarantees["cpus"].value must be at most its limit of 1, is 2`,
    ],
    ["a name that is empty", [["a", { "": 1 }]], `${at}[0].guarantees must not have an empty name`],
    ["a long name", [["a", { ["x".repeat(65)]: 1 }]], `${at}[0].guarantees must have names of at most 64 characters, has one of 65`],
    ["too many names", [["a", {}, names]], `${at}[0].limits must have at most 16 names, has 17`],
  ];
  for (const [name, configs, message] of bad) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(update(configs), refused(message));
    });
  }
});

describe("SetQuota", () => {
  it("guarantees and limits the same", () => {
    const amounts = new Map([
      ["cpus", 2_000],
      ["mem", 512_000],
    ]);
    assert.deepEqual(set("a", scalar("cpus", 2), scalar("mem", 512, { role: "*" })), {
      ok: true,
      value: { kind: "setQuota", force: false, quotas: new Map([["a", { guarantees: amounts, limits: amounts }]]) },
    });
  });

  const at = "set_quota.quota_request";
  const special = `${at}.guarantee[0] must be a scalar that is not reserved, nor revocable, nor a special disk`;
  const bad: readonly [name: string, outcome: ReturnType<typeof set>, message: string][] = [
    ["no role", set(undefined, scalar("cpus", 1)), `${at}.role must be set`],
    [
      "a nested role",
      set("a/b", scalar("cpus", 1)),
      `${at}.role must be a top-level role, whose quota is also that of the roles below it, is "a/b"`,
    ],
    ["no guarantee", set("a"), `${at}.guarantee must not be empty`],
    ["a name twice", set("a", scalar("cpus", 1), scalar("cpus", 1)), `${at}.guarantee[1].name must not repeat a name, has "cpus" twice`],
    ["a negative amount", set("a", scalar("cpus", -1)), `${at}.guarantee["cpus"].value must not be negative, is -1`],
    ["what is reserved", set("a", scalar("cpus", 1, { role: "a" })), special],
    ["what is revocable", set("a", scalar("cpus", 1, { revocable: {} })), special],
    ["what is no scalar", set("a", { name: "ports", type: Value_Type.RANGES, ranges: { range: [] }, reservations: [] }), special],
  ];
  for (const [name, outcome, message] of bad) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(outcome, refused(message));
    });
  }
});

describe("RemoveQuota", () => {
  const remove = (role: string) => operatorOrders["RemoveQuota"]?.(Call_RemoveQuota.encode({ role }).finish());

  it("names a top-level role", () => {
    assert.deepEqual(remove("a"), { ok: true, value: { kind: "removeQuota", role: "a" } });
    assert.deepEqual(remove(""), refused("remove_quota.role must not be empty"));
    assert.deepEqual(
      remove("a/b"),
      refused('remove_quota.role must be a top-level role, whose quota is also that of the roles below it, is "a/b"'),
    );
  });
});
