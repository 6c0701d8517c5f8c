/** UPDATE_WEIGHTS and GET_WEIGHTS: what a weight does to fairness, what goes back when it changes, and who remembers it. */

import assert from "node:assert/strict";
import { weightedRolesMax } from "../../../../server/core/limits.ts";
import { cpusAndMem, MasterDriver, type Scheduler, TestRegistry } from "../master-driver.ts";

const order = (driver: MasterDriver, weights: Readonly<Record<string, number>>): number =>
  driver.order({ kind: "updateWeights", weights: new Map(Object.entries(weights)) });

const weightsOf = (driver: MasterDriver): Readonly<Record<string, number>> =>
  Object.fromEntries(driver.operator("getWeights").weights.weightInfos.map(({ role, weight }) => [role, weight]));

/** How many of `count` equal agents, which come one by one, each of the schedulers is offered. */
function sharesOf(driver: MasterDriver, schedulers: readonly Scheduler[], count: number): readonly number[] {
  const wins = schedulers.map(() => 0);
  for (let index = 0; index < count; index++) {
    driver.register(cpusAndMem(1, 1_024), `host-${index}`);
    const winner = schedulers.findIndex((scheduler) => driver.takeOffers(scheduler).length > 0);
    wins[winner] = (wins[winner] ?? 0) + 1;
  }
  return wins;
}

describe("UPDATE_WEIGHTS", () => {
  it("gives a role of weight 2 twice the share of one of weight 1", () => {
    const driver = new MasterDriver().lead();
    assert.equal(driver.outcomeOf(order(driver, { b: 2 })), "done");
    assert.deepEqual(sharesOf(driver, [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["b"] })], 9), [3, 6]);
  });

  it("counts the weight of a nested role among its sisters only, and a role's own frameworks as weight 1 beside them", () => {
    const driver = new MasterDriver().lead();
    order(driver, { "eng/ads": 3, eng: 2 });
    const schedulers = ["eng/ads", "eng/web", "eng", "ops"].map((role) => driver.subscribe({ roles: [role], multiRole: true }));
    assert.deepEqual(sharesOf(driver, schedulers, 15), [6, 2, 2, 5]);
  });

  it("takes every offer back once the weight is durable, and makes new ones at the next allocation", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const [first, second] = [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["b"] })];
    const offers = [...driver.takeOffers(first), ...driver.takeOffers(second)];
    assert.equal(offers.length, 1);
    driver.writesAtOnce = false;
    const call = order(driver, { b: 2 });
    assert.deepEqual([driver.outcomeOf(call), driver.takeEvents(first, "rescind").length], [undefined, 0]);
    driver.writeDone();
    assert.equal(driver.outcomeOf(call), "done");
    assert.deepEqual(
      driver.takeEvents(first, "rescind").map(({ offerId }) => offerId),
      offers.map(({ offerId }) => offerId),
    );
    driver.advanceAlive(1_000, [agent]);
    assert.equal(driver.takeOffers(first).length + driver.takeOffers(second).length, 1);
  });

  it("leaves offers alone when no framework is in the roles or below them", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const scheduler = driver.subscribe({ roles: ["eng/ads"], multiRole: true });
    order(driver, { "eng/web": 3, "eng/ads/x": 3, en: 3, "*": 3 });
    assert.equal(driver.takeEvents(scheduler, "rescind").length, 0);
    order(driver, { eng: 3 });
    assert.equal(driver.takeEvents(scheduler, "rescind").length, 1);
  });

  it("keeps the weights of roles that it does not name; 1 is no weight", () => {
    const driver = new MasterDriver().lead();
    order(driver, { b: 0.5, a: 2 });
    order(driver, { c: 3, a: 1 });
    assert.deepEqual(weightsOf(driver), { b: 0.5, c: 3 });
    order(driver, { b: 1, c: 1 });
    assert.deepEqual([weightsOf(driver), driver.registry.records.has("weights")], [{}, false]);
  });

  it("takes calls that meet one after the other, and neither overwrites the other", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const calls = [order(driver, { a: 2 }), order(driver, { b: 3 }), order(driver, { a: 4 })];
    while (driver.writes.length > 0) driver.writeDone();
    assert.deepEqual(
      calls.map((call) => driver.outcomeOf(call)),
      ["done", "done", "done"],
    );
    assert.deepEqual(weightsOf(driver), { a: 4, b: 3 });
  });

  it("holds for the next leader", () => {
    const registry = new TestRegistry();
    order(new MasterDriver({}, registry).lead(), { b: 2 });
    const driver = new MasterDriver({}, registry).lead();
    assert.deepEqual(weightsOf(driver), { b: 2 });
    order(driver, { a: 1 });
    assert.deepEqual(weightsOf(driver), { b: 2 });
    assert.deepEqual(sharesOf(driver, [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["b"] })], 6), [2, 4]);
  });

  it("refuses roles beside --roles, and more roles than the registry takes, with no effect", () => {
    const listed = new MasterDriver({ roles: new Set(["a"]) }).lead();
    assert.deepEqual(listed.outcomeOf(order(listed, { a: 2, b: 3 })), {
      code: "INVALID_ARGUMENT",
      message: 'update_weights.weight_infos.role must be one of the roles of this cluster, is "b"',
    });
    assert.deepEqual(weightsOf(listed), {});
    const driver = new MasterDriver().lead();
    const names = Array.from({ length: weightedRolesMax }, (_, index) => `r${index}`);
    assert.equal(driver.outcomeOf(order(driver, Object.fromEntries(names.map((role) => [role, 2])))), "done");
    assert.equal(driver.refusalOf(order(driver, { other: 2 }))?.code, "RESOURCE_EXHAUSTED");
    assert.equal(driver.outcomeOf(order(driver, { r0: 1, other: 2 })), "done");
  });
});
