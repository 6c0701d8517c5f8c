/** UPDATE_QUOTA, SET_QUOTA, REMOVE_QUOTA and GET_QUOTA: what is refused, what goes back when a quota changes, and who remembers it. */

import assert from "node:assert/strict";
import { TaskId } from "../../../../common/ids.ts";
import { quotaRolesMax } from "../../../../server/core/limits.ts";
import { type ConnectedAgent, cpusAndMem, MasterDriver, reportTask, type Scheduler, TestRegistry } from "../master-driver.ts";
import { quotaOutcome, quotasNow, quotasOf, setQuotas } from "./quotas.ts";

const rescindsOf = (driver: MasterDriver, scheduler: Scheduler): number => driver.takeEvents(scheduler, "rescind").length;

/** One agent of 4 cpus, on which role `a` runs a task with 3 of them. */
function withTask() {
  const driver = new MasterDriver().lead();
  const agent = driver.register(cpusAndMem(4, 4_096));
  const scheduler = driver.subscribe({ roles: ["a"] });
  driver.launch(scheduler, driver.takeOffer(scheduler), { resources: cpusAndMem(3, 1_024) }, 3_600_000);
  return { driver, agent, scheduler };
}

describe("UPDATE_QUOTA", () => {
  it("is answered when it is durable, and holds from then on", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const scheduler = driver.subscribe({ roles: ["a"] });
    assert.equal(driver.takeOffers(scheduler).length, 1);
    driver.writesAtOnce = false;
    const order = driver.order({ kind: "updateQuota", ...quotasOf({ a: { limits: { cpus: 0, mem: 0 } } }) });
    assert.deepEqual([driver.outcomeOf(order), rescindsOf(driver, scheduler), quotasNow(driver)], [undefined, 0, {}]);
    driver.writeDone();
    assert.deepEqual([driver.outcomeOf(order), rescindsOf(driver, scheduler)], ["done", 1]);
    assert.deepEqual(quotasNow(driver), { a: { guarantees: {}, limits: { cpus: 0, mem: 0 } } });
  });

  it("replaces the quotas that it names, and keeps the others; an empty one ends a quota", () => {
    const driver = new MasterDriver().lead();
    setQuotas(driver, { b: { limits: { cpus: 2 } }, a: { guarantees: { cpus: 1 }, limits: { mem: 8 } } }, true);
    setQuotas(driver, { a: { limits: { gpus: 1 } } });
    assert.deepEqual(quotasNow(driver), { a: { guarantees: {}, limits: { gpus: 1 } }, b: { guarantees: {}, limits: { cpus: 2 } } });
    setQuotas(driver, { a: {}, b: {} });
    assert.deepEqual([quotasNow(driver), driver.registry.records.has("quotas")], [{}, false]);
  });

  it("does nothing of a call of which one role is refused", () => {
    const { driver, scheduler } = withTask();
    const outcome = quotaOutcome(driver, { b: { limits: { cpus: 1 } }, a: { limits: { cpus: 2 } } });
    assert.deepEqual(outcome, {
      code: "FAILED_PRECONDITION",
      message: 'update_quota.quota_configs: the limit of role "a" for cpus must be at least what the role uses without force, is 2 of 3',
    });
    assert.deepEqual([quotasNow(driver), rescindsOf(driver, scheduler)], [{}, 0]);
    setQuotas(driver, { b: { limits: { cpus: 1 } }, a: { limits: { cpus: 2 } } }, true);
    assert.deepEqual(Object.keys(quotasNow(driver)), ["a", "b"]);
  });

  it("does not count offers, which it takes back, as used", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096));
    const scheduler = driver.subscribe({ roles: ["a/b"], multiRole: true });
    setQuotas(driver, { a: { limits: { cpus: 1 } } });
    assert.equal(rescindsOf(driver, scheduler), 1);
  });

  it("refuses to guarantee more than the cluster has, without force", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096), "one");
    const lost = driver.register(cpusAndMem(4, 4_096), "other");
    setQuotas(driver, { a: { guarantees: { cpus: 5 } } });
    assert.deepEqual(quotaOutcome(driver, { b: { guarantees: { cpus: 4, mem: 1 } } }), {
      code: "FAILED_PRECONDITION",
      message:
        "update_quota.quota_configs: the guarantees of all roles for cpus must be at most what the cluster has without force, are 9 of 8",
    });
    assert.equal(quotaOutcome(driver, { b: { guarantees: { cpus: 3 } } }), "done");
    assert.equal(quotaOutcome(driver, { b: { guarantees: { gpus: 1 } } }, true), "done");
    driver.say(lost.linkId, { kind: "unregister", agentId: lost.agentId, alive: [] });
    // Less is taken, even when it is still too much.
    assert.equal(quotaOutcome(driver, { a: { guarantees: { cpus: 4.5 } } }), "done");
    assert.notEqual(quotaOutcome(driver, { a: { guarantees: { cpus: 5 } } }), "done");
  });

  it("counts agents that are awaited since the failover to what the cluster has", () => {
    const registry = new TestRegistry();
    new MasterDriver({}, registry).lead().register(cpusAndMem(4, 4_096));
    const driver = new MasterDriver({}, registry).lead();
    assert.equal(quotaOutcome(driver, { a: { guarantees: { cpus: 5 } } }) === "done", false);
    assert.equal(quotaOutcome(driver, { a: { guarantees: { cpus: 4 } } }), "done");
  });

  it("checks calls that meet against one another", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096));
    driver.writesAtOnce = false;
    const calls = ["a", "b"].map((role) => driver.order({ kind: "updateQuota", ...quotasOf({ [role]: { guarantees: { cpus: 3 } } }) }));
    while (driver.writes.length > 0) driver.writeDone();
    const outcomes = calls.map((call) => driver.outcomeOf(call));
    assert.equal(outcomes[0], "done");
    assert.ok(typeof outcomes[1] === "object");
    assert.deepEqual(Object.keys(quotasNow(driver)), ["a"]);
  });

  it("takes offers of others back until the guarantee can be met, the newest first, and none that meets a guarantee", () => {
    const driver = new MasterDriver().lead();
    const [first, second, third] = [
      driver.subscribe({ roles: ["a"] }),
      driver.subscribe({ roles: ["b"] }),
      driver.subscribe({ roles: ["c"] }),
    ];
    setQuotas(driver, { a: { guarantees: { cpus: 4 } } }, true);
    for (const hostname of ["1", "2", "3"]) driver.register(cpusAndMem(4, 4_096), hostname);
    const held = [first, second, third].map((scheduler) => driver.takeOffers(scheduler).length);
    assert.deepEqual(held, [1, 1, 1]);
    setQuotas(driver, { d: { guarantees: { cpus: 2 } } });
    assert.deepEqual(
      [first, second, third].map((scheduler) => rescindsOf(driver, scheduler)),
      [0, 0, 1],
    );
    setQuotas(driver, { d: { guarantees: { cpus: 5 } } });
    assert.deepEqual(
      [first, second, third].map((scheduler) => rescindsOf(driver, scheduler)),
      [0, 1, 0],
    );
    setQuotas(driver, { d: { guarantees: { cpus: 9 } } }, true);
    assert.deepEqual(
      [first, second, third].map((scheduler) => rescindsOf(driver, scheduler)),
      [0, 0, 0],
    );
  });

  it("holds for the next leader", () => {
    const registry = new TestRegistry();
    setQuotas(new MasterDriver({}, registry).lead(), { a: { limits: { cpus: 1 } } });
    const driver = new MasterDriver({}, registry).lead();
    assert.deepEqual(quotasNow(driver), { a: { guarantees: {}, limits: { cpus: 1 } } });
    setQuotas(driver, { b: { limits: { cpus: 1 } } });
    assert.deepEqual(Object.keys(quotasNow(driver)), ["a", "b"]);
    driver.register(cpusAndMem(4, 4_096));
    const scheduler = driver.subscribe({ roles: ["a"] });
    assert.deepEqual(
      driver.takeOffer(scheduler).resources.map(({ name, value }) => [name, value]),
      [
        ["cpus", { kind: "scalar", milli: 1_000 }],
        ["mem", { kind: "scalar", milli: 4_096_000 }],
      ],
    );
  });

  it("refuses roles beside --roles, and more roles than the registry takes", () => {
    const listed = new MasterDriver({ roles: new Set(["a"]) }).lead();
    assert.deepEqual(quotaOutcome(listed, { a: { limits: { cpus: 1 } }, b: { limits: { cpus: 1 } } }), {
      code: "INVALID_ARGUMENT",
      message: 'update_quota.quota_configs.role must be one of the roles of this cluster, is "b"',
    });
    const driver = new MasterDriver().lead();
    const names = Array.from({ length: quotaRolesMax }, (_, index) => `r${index}`);
    setQuotas(driver, Object.fromEntries(names.map((role) => [role, { limits: { cpus: 1 } }])));
    const refusal = quotaOutcome(driver, { other: { limits: { cpus: 1 } } });
    assert.equal(typeof refusal === "object" && refusal.code, "RESOURCE_EXHAUSTED");
    setQuotas(driver, { r0: {}, other: { limits: { cpus: 1 } } });
  });
});

describe("a role above its limit", () => {
  const limits = { cpus: 4 };

  function withReturningAgent(resourcesOfTask = cpusAndMem(3, 512)) {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const { agentId } = before.register(cpusAndMem(8, 4_096), "back");
    const { frameworkId } = before.subscribe({ roles: ["a"] });
    const driver = new MasterDriver({}, registry).lead();
    const scheduler = driver.subscribe({ roles: ["a"] }, frameworkId);
    const tasks = [reportTask(frameworkId, { resources: resourcesOfTask.map((one) => ({ ...one, allocationRole: "a" })) })];
    const comeBack = (): ConnectedAgent => driver.reregister(agentId, { tasks });
    return { driver, scheduler, comeBack };
  }

  it("loses offers when tasks come back that nobody knew of", () => {
    const { driver, scheduler, comeBack } = withReturningAgent();
    driver.register(cpusAndMem(4, 4_096), "new");
    assert.equal(driver.takeOffers(scheduler).length, 1);
    setQuotas(driver, { a: { limits } });
    assert.equal(rescindsOf(driver, scheduler), 0);
    comeBack();
    assert.equal(rescindsOf(driver, scheduler), 1);
    const cpus = driver.takeOffers(scheduler).flatMap(({ resources }) => resources.filter(({ name }) => name === "cpus"));
    assert.deepEqual(
      cpus.map(({ value }) => value),
      [{ kind: "scalar", milli: 1_000 }],
    );
  });

  it("keeps what runs, and gets no more of it", () => {
    const { driver, scheduler, comeBack } = withReturningAgent(cpusAndMem(4, 512));
    setQuotas(driver, { a: { limits: { cpus: 1 } } });
    const agent = comeBack();
    driver.advanceAlive(5_000, [agent]);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
    assert.deepEqual(
      driver.takeOffers(scheduler).flatMap(({ resources }) => resources.map(({ name }) => name)),
      ["mem"],
    );
  });

  it("is not offered anything after a failover until four of five agents are back, or their time is over", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const agents = [1, 2, 3, 4, 5].map((number) => before.register(cpusAndMem(1, 1_024), `host-${number}`));
    setQuotas(before, { other: { limits: { cpus: 1 } } });
    const nextLeader = () => {
      const driver = new MasterDriver({ agentReregisterTimeoutMs: 30_000 }, registry).lead();
      const scheduler = driver.subscribe({ roles: ["a"] });
      const back = agents.slice(0, 3).map(({ agentId }) => driver.reregister(agentId));
      driver.advanceAlive(5_000, back);
      assert.equal(driver.takeOffers(scheduler).length, 0);
      return { driver, scheduler, back };
    };
    const one = nextLeader();
    for (const { agentId } of agents.slice(3, 4)) one.driver.reregister(agentId);
    assert.equal(one.driver.takeOffers(one.scheduler).length, 4);
    const two = nextLeader();
    two.driver.advanceAlive(27_000, two.back);
    assert.equal(two.driver.takeOffers(two.scheduler).length, 3);
  });

  it("does not hold up offers after a failover when there is no quota", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const [agent] = [1, 2].map((number) => before.register(cpusAndMem(1, 1_024), `host-${number}`));
    const driver = new MasterDriver({}, registry).lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    assert.ok(agent !== undefined);
    driver.reregister(agent.agentId);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });
});

describe("SET_QUOTA and REMOVE_QUOTA", () => {
  const set = (driver: MasterDriver, cpus: number, force = false) => {
    const amounts = { guarantees: { cpus }, limits: { cpus } };
    return driver.outcomeOf(driver.order({ kind: "setQuota", ...quotasOf({ a: amounts }, force) }));
  };
  const remove = (driver: MasterDriver) => driver.outcomeOf(driver.order({ kind: "removeQuota", role: "a" }));

  it("set what a role is guaranteed once, as its limit, too", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096));
    assert.equal(set(driver, 3), "done");
    assert.deepEqual(quotasNow(driver), { a: { guarantees: { cpus: 3 }, limits: { cpus: 3 } } });
    const info = driver.operator("getQuota").quota.status?.infos[0];
    assert.deepEqual([info?.role, info?.guarantee[0]?.name, info?.guarantee[0]?.scalar], ["a", "cpus", { value: 3 }]);
    assert.deepEqual(set(driver, 2), {
      code: "FAILED_PRECONDITION",
      message: 'set_quota.quota_request.role must be of a role without a quota, "a" has one; UpdateQuota changes it',
    });
  });

  it("refuse more than the cluster has without force, and a role without a quota", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096));
    const refusal = set(driver, 5);
    assert.equal(typeof refusal === "object" && refusal.code, "FAILED_PRECONDITION");
    assert.equal(set(driver, 5, true), "done");
    assert.equal(remove(driver), "done");
    assert.deepEqual(quotasNow(driver), {});
    assert.deepEqual(remove(driver), { code: "NOT_FOUND", message: 'remove_quota.role must be of a role with a quota, "a" has none' });
  });

  it("leaves a role that has more than the new limit what it runs", () => {
    const { driver } = withTask();
    assert.equal(set(driver, 1), "done");
    assert.deepEqual(
      driver.operator("getTasks").tasks.tasks.map(({ taskId }) => taskId?.value),
      [TaskId("task")],
    );
  });
});
