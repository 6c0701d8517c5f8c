/** Streams of updates: stop and wait, retries, acknowledgements, registrations. */

import assert from "node:assert/strict";
import { Uuid } from "../../../common/ids.ts";
import { AgentDriver, agentId, frameworkId, frameworkInfo, task } from "./agent-driver.ts";

const retry = { updateRetryMinMs: 10_000, updateRetryMaxMs: 30_000, pingTimeoutMs: 10_000_000 };

/** A running agent with one task whose TASK_RUNNING is not acknowledged. */
function withRunningTask(): AgentDriver {
  const driver = AgentDriver.running(retry);
  driver.master({ kind: "ping", number: 1, connected: true });
  driver.runUntilRunning(task("t1"));
  return driver;
}

/** Moves time on by `spanMs`, with pings often enough, and answers when updates were sent, relative to the start. */
function sendTimes(driver: AgentDriver, spanMs: number): number[] {
  const startMs = driver.nowMs;
  const times: number[] = [];
  while (driver.nowMs < startMs + spanMs) {
    driver.nowMs += 1_000;
    driver.master({ kind: "ping", number: 2, connected: true });
    const effects = driver.step({ kind: "tick" });
    for (const effect of effects)
      if (effect.kind === "sendToMaster" && effect.message.kind === "statusUpdate") times.push(driver.nowMs - startMs);
  }
  return times;
}

describe("the update stream of a task", () => {
  it("forwards the head only, with the newest durable state", () => {
    const driver = withRunningTask();
    driver.exited(driver.containerOf(task("t1")), 0);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    sendTimes(driver, 10_000);
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_RUNNING"]);
    assert.deepEqual(
      driver.sent("statusUpdate").map((message) => message.latestState),
      ["TASK_RUNNING", "TASK_FINISHED"],
    );
  });

  it("forwards the next update when the acknowledgement is durable", () => {
    const driver = withRunningTask();
    driver.exited(driver.containerOf(task("t1")), 0);
    driver.settle();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_FINISHED"]);
  });

  it("is retried with doubling delays up to the maximum, the same in all fields", () => {
    const driver = withRunningTask();
    assert.deepEqual(sendTimes(driver, 130_000), [10_000, 30_000, 60_000, 90_000, 120_000]);
    const [first, ...others] = driver.sent("statusUpdate");
    for (const other of others) assert.deepEqual(other, first);
  });

  it("stops with the acknowledgement", () => {
    const driver = withRunningTask();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    assert.deepEqual(sendTimes(driver, 100_000), []);
  });

  it("ignores an acknowledgement of anything but the head", () => {
    const driver = withRunningTask();
    const running = driver.lastStatus.uuid;
    driver.exited(driver.containerOf(task("t1")), 0);
    driver.settle();
    driver.acknowledge("t1", Uuid("0".repeat(32)));
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    driver.acknowledge("t1", running);
    driver.settle();
    // The same acknowledgement again must not take the end away.
    assert.deepEqual(driver.acknowledge("t1", running), []);
    driver.acknowledge("unknown", running);
    assert.ok(driver.disk.has(`task/${frameworkId}/t1`));
    assert.deepEqual(sendTimes(driver, 10_000), [10_000]);
    assert.equal(driver.lastStatus.state, "TASK_FINISHED");
  });

  it("does not take an acknowledgement for an update that was not forwarded yet", () => {
    const driver = withRunningTask();
    driver.exited(driver.containerOf(task("t1")), 0);
    const running = driver.lastStatus.uuid;
    driver.acknowledge("t1", running);
    driver.acknowledge("t1", running);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_FINISHED"]);
  });

  it("ends with the acknowledgement of the end: task and framework are forgotten", () => {
    const driver = withRunningTask();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    driver.exited(driver.containerOf(task("t1")), 0);
    driver.settle();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
    assert.equal(driver.agent.describe().taskCount, 0);
    assert.equal(driver.agent.describe().frameworkCount, 0);
  });

  it("pauses without a master, and starts over at once with the registration", () => {
    const driver = withRunningTask();
    sendTimes(driver, 30_000);
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "gone" });
    const before = driver.sentStates.length;
    driver.openLink();
    assert.equal(driver.sentStates.length, before);
    driver.master({ kind: "reregistered", agentId, pingTimeoutMs: 10_000_000, reconcile: [], reconcileOperations: [] });
    assert.equal(driver.sentStates.length, before + 1);
    assert.deepEqual(sendTimes(driver, 10_000), [10_000]);
  });

  it("starts over when the framework's description comes", () => {
    const driver = withRunningTask();
    sendTimes(driver, 30_000);
    const before = driver.sentStates.length;
    driver.master({ kind: "updateFramework", frameworkId, framework: frameworkInfo(["TASK_KILLING_STATE"]), sameScheduler: false });
    assert.equal(driver.sentStates.length, before + 1);
    assert.deepEqual(sendTimes(driver, 10_000), [10_000]);
    driver.settle();
    assert.deepEqual(
      driver.records.find((one) => one.kind === "framework"),
      { kind: "framework", frameworkId, framework: frameworkInfo(["TASK_KILLING_STATE"]) },
    );
  });
});
