/** A drain that an operator ordered, on the agent: what ends, how it is told, and what a restart makes of it. */

import assert from "node:assert/strict";
import type { TaskToRun } from "../../../agent/core/master-message.ts";
import { AgentDriver, task } from "./agent-driver.ts";
import { ExecutorPeer, executorTask, update } from "./executor-driver.ts";

const withGrace = (id: string, graceMs: number): TaskToRun =>
  task(id, { info: { killPolicy: { gracePeriod: { nanoseconds: BigInt(graceMs) * 1_000_000n } } } });

function drain(driver: AgentDriver, maxGraceMs?: number, markGone = false): void {
  driver.master({ kind: "drain", maxGraceMs, markGone });
  driver.settle();
}

const killed = (driver: AgentDriver) => driver.of("killContainer").map(({ graceMs }) => graceMs);
const lastSaid = ({ lastStatus }: AgentDriver) => [lastStatus.state, lastStatus.reason];

describe("a drain by an operator", () => {
  it("gives each task the shorter of its own grace and the order's, and the order's to one that has none", () => {
    const driver = AgentDriver.running();
    for (const one of [withGrace("short", 1_000), withGrace("long", 60_000), task("none")]) driver.runUntilRunning(one);
    drain(driver, 10_000);
    assert.deepEqual(killed(driver), [1_000, 10_000, 10_000]);
  });

  it("without a bound gives each task its own grace", () => {
    const driver = AgentDriver.running();
    for (const one of [withGrace("long", 60_000), task("none")]) driver.runUntilRunning(one);
    drain(driver);
    assert.deepEqual(killed(driver), [60_000, 3_000]);
  });

  it("kills nothing before that is durable, and never starts what was not started yet", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.run(task("t2"));
    driver.master({ kind: "drain", maxGraceMs: undefined, markGone: false });
    assert.deepEqual(killed(driver), []);
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 1);
    assert.deepEqual(lastSaid(driver), ["TASK_KILLED", "REASON_AGENT_DRAINING"]);
  });

  it("B2: takes nothing until it is ended, and says so", () => {
    for (const partitionAware of [true, false]) {
      const driver = AgentDriver.running();
      drain(driver);
      const order = task("t1", partitionAware ? { capabilities: ["PARTITION_AWARE"] } : {});
      driver.run(order);
      driver.settle();
      assert.deepEqual(lastSaid(driver), [partitionAware ? "TASK_DROPPED" : "TASK_LOST", "REASON_AGENT_DRAINING"]);
      driver.master({ kind: "endDrain" });
      driver.runUntilRunning(task("t2"));
      assert.equal(driver.lastStatus.state, "TASK_RUNNING");
    }
  });

  it("B21: tells of each end that the drain is why, and that the operator took it away where the agent will be gone", () => {
    for (const [partitionAware, markGone, state] of [
      [true, false, "TASK_KILLED"],
      [true, true, "TASK_GONE_BY_OPERATOR"],
      [false, true, "TASK_KILLED"],
    ] as const) {
      const driver = AgentDriver.running();
      const capabilities = ["TASK_KILLING_STATE", ...(partitionAware ? (["PARTITION_AWARE"] as const) : [])] as const;
      const containerId = driver.runUntilRunning(task("t1", { capabilities: [...capabilities] }));
      driver.acknowledge("t1", driver.lastStatus.uuid);
      drain(driver, undefined, markGone);
      assert.deepEqual(lastSaid(driver), ["TASK_KILLING", "REASON_AGENT_DRAINING"], "it still runs");
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.exited(containerId, 143);
      driver.settle();
      assert.deepEqual(lastSaid(driver), [state, "REASON_AGENT_DRAINING"]);
    }
  });

  it("leaves the end of a task that ended by itself alone", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.exited(containerId, 0);
    drain(driver);
    driver.settle();
    assert.deepEqual(lastSaid(driver), ["TASK_FINISHED", undefined]);
  });

  it("asks executors to end their tasks, and ends an executor that has none left", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    peer.start(executorTask("t1"));
    peer.say(update("t1", "TASK_RUNNING"));
    drain(driver, 2_000);
    assert.equal(peer.heard("kill").length, 1);
    assert.equal(peer.heard("shutdown").length, 0);
    peer.say(update("t1", "TASK_KILLED"));
    driver.settle();
    assert.equal(peer.heard("shutdown").length, 1);
  });

  it("ends an executor that does not end its tasks when their grace and its own are over", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    const containerId = peer.start(executorTask("t1"));
    drain(driver, 2_000);
    const startMs = driver.nowMs;
    while (driver.of("killContainer").length === 0) driver.tickAtDeadline();
    assert.equal(driver.of("killContainer")[0]?.containerId, containerId);
    assert.equal(driver.nowMs - startMs, 2_000 + 5_000 + 5_000, "the task's grace, the executor's, and the time after SHUTDOWN");
  });

  // Each registration brings the order again. On a link that kept breaking, that put the end of such an executor off for ever.
  it("does not put that end off when the order is repeated, and brings it forward when the order has a shorter grace", () => {
    for (const [graces, endMs] of [
      [[2_000, 2_000, 2_000, 60_000], 2_000 + 5_000],
      [[60_000, 2_000], 1_500 + 2_000 + 5_000],
    ] as const) {
      const driver = AgentDriver.running();
      const peer = new ExecutorPeer(driver);
      peer.start(executorTask("t1"));
      const startMs = driver.nowMs;
      for (const [index, graceMs] of graces.entries()) {
        driver.nowMs = startMs + index * 1_500;
        drain(driver, graceMs);
      }
      assert.equal(peer.heard("shutdown").length, 0);
      while (peer.heard("shutdown").length === 0) driver.tickAtDeadline();
      assert.equal(driver.nowMs - startMs, endMs);
    }
  });

  it("survives a restart: kills are carried out, ends are told as before, and nothing new is taken", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    drain(driver, 1_000);
    driver.restart([{ containerId, state: "running" }]);
    driver.settle();
    assert.deepEqual(killed(driver), [1_000]);
    driver.connect();
    driver.run(task("t2"));
    driver.settle();
    assert.deepEqual(lastSaid(driver), ["TASK_LOST", "REASON_AGENT_DRAINING"]);
    driver.exited(containerId, 143);
    driver.settle();
    driver.acknowledge("t1", driver.sent("statusUpdate").find(({ status }) => status.taskId === "t1")?.status.uuid);
    driver.settle();
    assert.deepEqual(lastSaid(driver), ["TASK_KILLED", "REASON_AGENT_DRAINING"]);
  });

  it("is forgotten with the id when the agent drains itself at once", () => {
    const driver = AgentDriver.running();
    drain(driver);
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.equal(driver.disk.has("drain"), false);
  });
});
