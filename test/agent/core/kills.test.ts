/** Kills at every moment of a task's life, with their grace, and across a restart. */

import assert from "node:assert/strict";
import { AgentDriver, frameworkId, task } from "./agent-driver.ts";

const slowKill = { killPolicy: { gracePeriod: { nanoseconds: 9_000_000_000n } } };

describe("killing a task", () => {
  it("B10, K6: before it is launched keeps it from ever starting", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.kill("t1");
    driver.settle();
    assert.deepEqual(driver.of("launchContainer"), []);
    assert.deepEqual(driver.of("killContainer"), []);
    assert.equal(driver.lastStatus.state, "TASK_KILLED");
    assert.equal(driver.lastStatus.reason, "REASON_TASK_KILLED_DURING_LAUNCH");
    assert.equal(driver.lastStatus.source, "SOURCE_AGENT");
  });

  it("while it is launched gives the launch up, or is repeated when it runs all the same", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.kill("t1");
    assert.deepEqual(driver.of("killContainer"), []);
    driver.settle();
    const containerId = driver.containerOf(task("t1"));
    const kill = { kind: "killContainer", containerId, graceMs: 3_000 };
    assert.deepEqual(driver.of("killContainer"), [kill]);
    driver.step({ kind: "containerStarted", containerId });
    assert.deepEqual(driver.of("killContainer"), [kill, kill]);
  });

  it("is not carried out before the order is durable, also when the task starts meanwhile", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.kill("t1");
    driver.step({ kind: "containerStarted", containerId: driver.containerOf(task("t1")) });
    assert.deepEqual(driver.of("killContainer"), []);
    driver.confirm();
    assert.equal(driver.of("killContainer").length, 1);
  });

  it("B10: whose launch fails is TASK_KILLED", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.kill("t1");
    driver.step({ kind: "containerFailed", containerId: driver.containerOf(task("t1")), reason: "no memory" });
    driver.settle();
    assert.equal(driver.lastStatus.state, "TASK_KILLED");
    assert.equal(driver.lastStatus.reason, "REASON_TASK_KILLED_DURING_LAUNCH");
  });

  it("that runs is carried out when the order is durable, and its end is TASK_KILLED whatever the exit", () => {
    for (const code of [0, 143]) {
      const driver = AgentDriver.running();
      const containerId = driver.runUntilRunning(task("t1"));
      driver.kill("t1");
      assert.deepEqual(driver.of("killContainer"), []);
      driver.confirm();
      assert.equal(driver.of("killContainer").length, 1);
      driver.exited(containerId, code);
      driver.settle();
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_KILLED"]);
    }
  });

  const graces = [
    { name: "the order's grace", call: 1_000, info: slowKill, expected: 1_000 },
    { name: "no grace when the order says zero", call: 0, info: slowKill, expected: 0 },
    { name: "the task's own grace", call: undefined, info: slowKill, expected: 9_000 },
    { name: "three seconds in doubt", call: undefined, info: {}, expected: 3_000 },
  ];
  for (const { name, call, info, expected } of graces) {
    it(`K8: uses ${name}`, () => {
      const driver = AgentDriver.running();
      driver.runUntilRunning(task("t1", { info }));
      driver.kill("t1", call);
      driver.settle();
      assert.equal(driver.of("killContainer")[0]?.graceMs, expected);
    });
  }

  it("K9: a second time only shortens the grace", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    for (const graceMs of [5_000, 8_000, 5_000, 2_000]) {
      driver.kill("t1", graceMs);
      driver.settle();
    }
    assert.deepEqual(
      driver.of("killContainer").map((effect) => effect.graceMs),
      [5_000, 2_000],
    );
  });

  it("K9: says TASK_KILLING only to a framework that knows the state", () => {
    for (const capabilities of [[], ["TASK_KILLING_STATE" as const]]) {
      const driver = AgentDriver.running();
      const containerId = driver.runUntilRunning(task("t1", { capabilities }));
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      driver.kill("t1");
      driver.kill("t1", 1);
      driver.settle();
      driver.exited(containerId, 143);
      driver.settle();
      if (capabilities.length > 0) driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      const expected = capabilities.length > 0 ? ["TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"] : ["TASK_RUNNING", "TASK_KILLED"];
      assert.deepEqual(driver.sentStates, expected);
    }
  });

  it("G14: is ordered again after a restart, with the same grace", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.kill("t1", 4_000);
    driver.write();
    const effects = driver.restart([{ containerId, state: "running" }]);
    assert.deepEqual(effects, [{ kind: "killContainer", containerId, graceMs: 4_000 }]);
    driver.connect();
    driver.exited(containerId, 143);
    driver.settle();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    assert.equal(driver.lastStatus.state, "TASK_KILLED");
  });

  it("K7: that has ended changes nothing", () => {
    const driver = AgentDriver.running();
    driver.exited(driver.runUntilRunning(task("t1")), 0);
    assert.deepEqual(
      driver.kill("t1").filter((effect) => effect.kind !== "checkpoint"),
      [],
    );
    driver.settle();
    assert.deepEqual(driver.of("killContainer"), []);
  });

  it("B9: that the agent does not have is answered, and once more when asked once more after the acknowledgement", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("other", { capabilities: ["PARTITION_AWARE"] }));
    for (let round = 0; round < 2; round++) {
      driver.kill("t1");
      driver.settle();
      assert.equal(driver.lastStatus.state, "TASK_DROPPED");
      assert.equal(driver.lastStatus.reason, "REASON_EXECUTOR_TERMINATED");
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      assert.ok(!driver.disk.has(`task/${frameworkId}/t1`));
    }
    assert.equal(driver.sentStates.filter((state) => state === "TASK_DROPPED").length, 2);
  });
});
