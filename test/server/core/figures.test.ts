/** What a leader counts of its cluster. */

import assert from "node:assert/strict";
import { TaskId } from "../../../common/ids.ts";
import type { ClusterFigures } from "../../../server/core/figures.ts";
import { anHourMs, ordered, planOf, start, windowAt } from "./maintenance/windows.ts";
import { cpusAndMem, MasterDriver, TestRegistry } from "./master-driver.ts";
import { setQuotas } from "./roles/quotas.ts";

function figuresOf({ master }: MasterDriver): ClusterFigures {
  const figures = master.figures();
  assert.ok(figures !== undefined);
  return figures;
}

const resourcesOf = (driver: MasterDriver) =>
  Object.fromEntries(Object.entries(figuresOf(driver).resources).map(([use, quantities]) => [use, quantities.get("cpus") ?? 0]));

describe("clusterFigures()", () => {
  it("are those of a leader only", () => {
    assert.equal(new MasterDriver().master.figures(), undefined);
    assert.deepEqual(figuresOf(new MasterDriver().lead()).agents, {
      active: 0,
      withheld: 0,
      disconnected: 0,
      recovered: 0,
      unreachable: 0,
    });
  });

  it("count each agent once, as it stands", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    const [a, b, c] = ["a", "b", "c"].map((hostname) => driver.register(cpusAndMem(4, 4_096), hostname));
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    ordered(driver, { kind: "deactivateAgent", agentId: a.agentId });
    driver.closeLink(b);
    assert.deepEqual(figuresOf(driver).agents, { active: 1, withheld: 1, disconnected: 1, recovered: 0, unreachable: 0 });
    driver.advanceAlive(700_000, [a, c]);
    assert.deepEqual(figuresOf(driver).agents, { active: 1, withheld: 1, disconnected: 0, recovered: 0, unreachable: 1 });
    const next = new MasterDriver({}, registry).lead();
    assert.deepEqual(figuresOf(next).agents, { active: 0, withheld: 0, disconnected: 0, recovered: 2, unreachable: 1 });
  });

  it("count machines with a window by their mode", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b"), windowAt(2 * anHourMs, "c")));
    ordered(driver, start("b"));
    assert.deepEqual(figuresOf(driver).machines, { draining: 2, down: 1 });
  });

  it("say whose the resources are, and count tasks until their end is acknowledged", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register(cpusAndMem(4, 4_096));
    const scheduler = driver.subscribe();
    assert.deepEqual(resourcesOf(driver), { total: 4_000, allocated: 0, offered: 4_000 });
    driver.launch(scheduler, driver.takeOffer(scheduler), { resources: cpusAndMem(1, 128) }, 10_000);
    assert.deepEqual(resourcesOf(driver), { total: 4_000, allocated: 1_000, offered: 0 });
    driver.update(agent, scheduler, "TASK_RUNNING");
    const count = () => [...figuresOf(driver).tasks];
    assert.deepEqual(count(), [["TASK_RUNNING", 1]]);
    const uuid = driver.update(agent, scheduler, "TASK_FINISHED");
    assert.deepEqual(count(), [["TASK_FINISHED", 1]]);
    driver.call(scheduler, { kind: "acknowledge", agentId: agent.agentId, taskId: TaskId("task"), uuid });
    assert.deepEqual([count(), resourcesOf(driver)["allocated"]], [[], 0]);
  });

  it("count offers, inverse offers and frameworks by how they are connected", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096), "a");
    const scheduler = driver.subscribe({ failoverTimeoutMs: 60_000 });
    assert.deepEqual(figuresOf(driver).offers, { offer: 1, inverse: 0 });
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.advance(1_000);
    assert.deepEqual(figuresOf(driver).offers, { offer: 1, inverse: 1 });
    driver.closeStream(scheduler);
    assert.deepEqual(figuresOf(driver).offers, { offer: 0, inverse: 0 });
    assert.deepEqual(figuresOf(driver).frameworks, { connected: 0, disconnected: 1, recovered: 0 });
  });

  it("say what counts towards the quota of each role", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(4, 4_096));
    setQuotas(driver, { a: { guarantees: { cpus: 1 }, limits: { cpus: 2, mem: 512 } } });
    const scheduler = driver.subscribe({ roles: ["a"] });
    driver.launch(scheduler, driver.takeOffer(scheduler), { resources: cpusAndMem(1, 128) }, 10_000);
    assert.deepEqual(figuresOf(driver).quotas, [
      { role: "a", name: "cpus", guaranteeMilli: 1_000, limitMilli: 2_000, consumedMilli: 1_000 },
      { role: "a", name: "mem", guaranteeMilli: undefined, limitMilli: 512_000, consumedMilli: 128_000 },
    ]);
  });
});
