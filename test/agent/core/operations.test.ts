/** Operations on an agent's resources: durable before they are told, true after a restart, refused when based on the past. */

import assert from "node:assert/strict";
import type { MasterToAgent, OperationKey } from "../../../agent/core/master-message.ts";
import { FrameworkId, OperationId, Uuid } from "../../../common/ids.ts";
import type { Resource } from "../../../common/resource.ts";
import type { ResourceOperation } from "../../../common/resource-operations.ts";
import { describeResources, toResources } from "../../../common/resources.ts";
import { AgentDriver, agentId, frameworkId, leader } from "./agent-driver.ts";

const disk: Resource = { name: "disk", value: { kind: "scalar", milli: 10_000 }, reservations: [] };
const part = (milli: number): Resource => ({
  ...disk,
  value: { kind: "scalar", milli },
  reservations: [{ type: "DYNAMIC", role: "web/ads" }],
});
const volume: Resource = { ...part(1_000), disk: { persistence: { id: "v" }, volume: { containerPath: "data", mode: "RW" } } };
const reserve: ResourceOperation = { kind: "reserve", source: [], resources: toResources([part(2_000)]) };
const create: ResourceOperation = { kind: "create", volumes: toResources([volume]) };
const destroy: ResourceOperation = { kind: "destroy", volumes: toResources([volume]) };

function keyOf(number: number): OperationKey {
  return { uuid: Uuid(String(number).repeat(32)), frameworkId, operationId: OperationId(`op${number}`) };
}

function running(): AgentDriver {
  const driver = new AgentDriver({ resources: toResources([disk]) });
  driver.recover();
  driver.connect();
  driver.settle();
  return driver;
}

/** Based on what the agent said of itself last. */
function order(driver: AgentDriver, number: number, operation: ResourceOperation): MasterToAgent {
  const said = [...driver.sent("register"), ...driver.sent("reregister")].at(-1);
  return { kind: "applyOperation", key: keyOf(number), operation, resourceVersion: said?.holdings.resourceVersion };
}

function states(driver: AgentDriver): string[] {
  return driver.sent("operationUpdate").map(({ status }) => `${status.operationId} ${status.state}`);
}

describe("operations on an agent", () => {
  it("are told when they are durable, after their volumes are there", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.master(order(driver, 2, create));
    assert.deepEqual(states(driver), []);
    driver.settle();
    assert.deepEqual(states(driver), ["op1 OPERATION_FINISHED", "op2 OPERATION_FINISHED"]);
    assert.deepEqual(driver.volumes, [{ role: "web/ads", id: "v" }]);
    assert.equal(describeResources(driver.agent.describe().total).includes("[v:data]:1"), true);
  });

  it("survive a restart, and so do their ends until they are acknowledged", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.master(order(driver, 2, create));
    driver.settle();
    const { total } = driver.agent.describe();
    driver.restart();
    assert.deepEqual(driver.agent.describe().total, total);
    assert.deepEqual(driver.volumes, [{ role: "web/ads", id: "v" }]);
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    const holdings = driver.sent("reregister").at(-1)?.holdings;
    assert.deepEqual(
      holdings?.operations.map(({ status }) => status.operationId),
      ["op1", "op2"],
    );
    const first = holdings?.operations[0];
    assert.ok(first?.status.uuid !== undefined);
    driver.master(driver.answerTo());
    driver.master({ kind: "acknowledgeOperation", uuid: first.key.uuid, statusUuid: first.status.uuid });
    driver.settle();
    assert.equal([...driver.disk.keys()].filter((key) => key.startsWith("operation/")).length, 1);
  });

  it("of an operator outlive the end of every framework, until the master acknowledges them", () => {
    const driver = running();
    const key = { uuid: Uuid("1".repeat(32)), frameworkId: undefined, operationId: undefined };
    driver.master({ ...order(driver, 1, reserve), key } as MasterToAgent);
    driver.settle();
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    driver.restart();
    driver.connect();
    driver.settle();
    const [reported] = driver.sent("reregister").at(-1)?.holdings.operations ?? [];
    assert.deepEqual([reported?.key, reported?.status.state], [key, "OPERATION_FINISHED"]);
    assert.ok(reported?.status.uuid !== undefined);
    driver.master({ kind: "acknowledgeOperation", uuid: key.uuid, statusUuid: reported.status.uuid });
    driver.settle();
    assert.deepEqual(
      [...driver.disk.keys()].filter((one) => one.startsWith("operation/")),
      [],
    );
  });

  it("that were not durable never happened", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.restart();
    assert.deepEqual(driver.agent.describe().total, toResources([disk]));
  });

  it("that were durable without their volumes get them at the next start", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.master(order(driver, 2, create));
    driver.confirm();
    driver.write();
    driver.restart();
    assert.deepEqual(driver.volumes, [{ role: "web/ads", id: "v" }]);
  });

  it("destroy a volume", () => {
    const driver = running();
    for (const [index, operation] of [reserve, create, destroy].entries()) driver.master(order(driver, index + 1, operation));
    driver.settle();
    assert.deepEqual(driver.volumes, []);
    assert.deepEqual(states(driver).at(-1), "op3 OPERATION_FINISHED");
  });

  it("based on what the agent was before are dropped, and the agent registers again", () => {
    const driver = running();
    driver.master({ ...order(driver, 1, reserve), resourceVersion: Uuid("f".repeat(32)) } as MasterToAgent);
    assert.equal(driver.of("closeLink").length, 1);
    driver.settle();
    const record = [...driver.disk.keys()].filter((key) => key.startsWith("operation/"));
    assert.equal(record.length, 1);
    assert.deepEqual(driver.agent.describe().total, toResources([disk]));
  });

  it("that the agent has no resources for fail without an effect", () => {
    const driver = running();
    driver.master(order(driver, 1, create));
    assert.equal(driver.of("closeLink").length, 1);
    assert.deepEqual(driver.agent.describe().total, toResources([disk]));
  });

  it("that never arrived are answered at the registration", () => {
    const driver = running();
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "cut" });
    driver.openLink();
    driver.master({ kind: "reregistered", agentId, pingTimeoutMs: 75_000, reconcile: [], reconcileOperations: [keyOf(7)] });
    driver.settle();
    assert.deepEqual(states(driver), ["op7 OPERATION_DROPPED"]);
  });

  it("are told again with growing delays until they are acknowledged", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.settle();
    for (const [delayMs, count] of [
      [9_999, 1],
      [1, 2],
      [19_999, 2],
      [1, 3],
    ] as const) {
      driver.nowMs += delayMs;
      driver.step({ kind: "tick" });
      assert.equal(states(driver).length, count, `after ${driver.nowMs} ms`);
    }
  });

  it("of a framework that is gone are forgotten", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.settle();
    driver.master({ kind: "shutdownFramework", frameworkId: FrameworkId("another") });
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    assert.deepEqual(
      [...driver.disk.keys()].filter((key) => key.startsWith("operation/")),
      [],
    );
    assert.ok(driver.disk.has("resources"));
  });

  it("of a framework that ended before they were durable make the agent tell its resources again", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "cut" });
    driver.openLink();
    driver.master(driver.answerTo());
    driver.master({ kind: "shutdownFramework", frameworkId });
    assert.deepEqual(driver.sent("reregister").at(-1)?.holdings.created, []);
    driver.settle();
    driver.openLink();
    assert.equal(describeResources(driver.sent("reregister").at(-1)?.holdings.created ?? []), describeResources(reserve.resources));
    assert.deepEqual(states(driver), []);
  });

  it("outlive the id of an agent that drains", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.settle();
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.deepEqual(
      [...driver.disk.keys()].filter((key) => !key.startsWith("departed/")),
      ["resources"],
    );
  });
});

describe("an agent whose flags have less than what is reserved", () => {
  it("does not start", () => {
    const driver = running();
    driver.master(order(driver, 1, reserve));
    driver.settle();
    const smaller = new AgentDriver({ resources: toResources([{ ...disk, value: { kind: "scalar", milli: 1_000 } }]) });
    for (const [key, bytes] of driver.disk) smaller.disk.set(key, bytes);
    smaller.recover();
    assert.match(smaller.of("exit")[0]?.reason ?? "", /must have room for what is reserved/);
  });
});
