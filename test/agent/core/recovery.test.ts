/** What a restarted agent makes of its records and of the containers that it finds. */

import assert from "node:assert/strict";
import type { RecoveredContainer } from "../../../agent/core/input.ts";
import { ContainerId } from "../../../common/ids.ts";
import { AgentDriver, agentId, frameworkId, leader, task } from "./agent-driver.ts";

type Found = "running" | "vanished" | "absent" | number;

function found(containerId: ContainerId, state: Found): RecoveredContainer[] {
  if (state === "absent") return [];
  if (typeof state === "number") return [{ containerId, state: "ended", exit: { kind: "exited", code: state } }];
  return [{ containerId, state }];
}

describe("a restarted agent", () => {
  it("H2: comes back under the same id and keeps what runs", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    const sent = driver.sent("statusUpdate")[0];
    assert.deepEqual(driver.restart(found(containerId, "running")), []);
    driver.connect();
    assert.equal(driver.sent("reregister")[0]?.agentId, agentId);
    assert.equal(driver.sent("reregister")[0]?.tasks[0]?.state, "TASK_RUNNING");
    assert.deepEqual(driver.sent("statusUpdate"), [sent], "redelivered, the same in all fields");
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.exited(containerId, 0);
    driver.settle();
    assert.equal(driver.lastStatus.state, "TASK_FINISHED");
  });

  const ends: { name: string; found: Found; state: string; reason?: string }[] = [
    { name: "ended well", found: 0, state: "TASK_FINISHED" },
    { name: "failed", found: 3, state: "TASK_FAILED" },
    { name: "vanished", found: "vanished", state: "TASK_FAILED", reason: "REASON_EXECUTOR_TERMINATED" },
    { name: "left no trace", found: "absent", state: "TASK_FAILED", reason: "REASON_EXECUTOR_TERMINATED" },
  ];
  for (const { name, found: state, state: expected, reason } of ends) {
    it(`B20, G1, G10, H5: reports a task that ${name} meanwhile as ${expected}, and then removes its container`, () => {
      const driver = AgentDriver.running();
      const containerId = driver.runUntilRunning(task("t1"));
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      driver.restart(found(containerId, state));
      assert.deepEqual(driver.of("removeContainer"), []);
      driver.settle();
      assert.equal(driver.of("removeContainer").length, 1);
      driver.connect();
      assert.deepEqual(driver.sentStates, [expected]);
      assert.equal(driver.lastStatus.reason, reason);
    });

    it(`reports a task under a kill that ${name} meanwhile as TASK_KILLED`, () => {
      const driver = AgentDriver.running();
      const containerId = driver.runUntilRunning(task("t1"));
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.kill("t1");
      driver.settle();
      driver.restart(found(containerId, state));
      driver.settle();
      driver.connect();
      assert.deepEqual(driver.sentStates, ["TASK_KILLED"]);
    });
  }

  it("reports a task running that was launched and not reported yet", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.restart(found(driver.containerOf(task("t1")), "running"));
    driver.connect();
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
  });

  for (const [capabilities, state] of [
    [["PARTITION_AWARE" as const], "TASK_DROPPED"],
    [[], "TASK_LOST"],
  ] as const) {
    it(`B11, H14: drops a task that it recorded and never launched: ${state}`, () => {
      const driver = AgentDriver.running();
      driver.run(task("t1", { capabilities: [...capabilities] }));
      driver.write();
      driver.restart();
      driver.settle();
      driver.connect();
      assert.deepEqual(driver.sentStates, [state]);
      assert.equal(driver.lastStatus.reason, "REASON_AGENT_RESTARTED");
      assert.deepEqual(driver.of("launchContainer"), []);
      assert.deepEqual(driver.of("removeContainer"), []);
    });
  }

  it("G4, H1: says again the end that was not acknowledged, and removes its container if that is still there", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    driver.exited(containerId, 0);
    driver.write();
    assert.deepEqual(driver.restart(found(containerId, 0)), [{ kind: "removeContainer", containerId }]);
    driver.connect();
    assert.deepEqual(driver.sentStates, ["TASK_FINISHED"]);
    assert.equal(driver.sent("reregister")[0]?.tasks[0]?.statusUpdateUuid, driver.lastStatus.uuid);
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("G5: kills containers that no record names", () => {
    const driver = AgentDriver.running();
    const [stray, dead] = [ContainerId("stray"), ContainerId("dead")];
    const effects = driver.restart([...found(stray, "running"), ...found(dead, 0)]);
    assert.deepEqual(effects, [
      { kind: "killContainer", containerId: stray, graceMs: 0 },
      { kind: "removeContainer", containerId: stray },
      { kind: "removeContainer", containerId: dead },
    ]);
  });

  it("G11: without an id drops the tasks of the id before", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.disk.delete("agent");
    driver.restart(found(containerId, "running"));
    assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 0 }]);
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], []);
  });

  it("drops frameworks that have nothing any more", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.disk.delete(`task/${frameworkId}/t1`);
    driver.restart();
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("recovers once", () => {
    const driver = AgentDriver.running();
    assert.deepEqual(driver.recover(), []);
    assert.equal(driver.agent.describe().connection, "running");
  });

  it("uses a leader that was detected before it had recovered", () => {
    const driver = new AgentDriver();
    driver.step({ kind: "leaderDetected", leader });
    driver.recover();
    driver.openLink();
    assert.equal(driver.sent("register").length, 1);
  });
});
