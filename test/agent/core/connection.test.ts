/** Registration, delays, pings, links that come and go, and leaders that change. */

import assert from "node:assert/strict";
import { agentLimits } from "../../../agent/core/limits.ts";
import { AgentId, LinkId, TaskId } from "../../../common/ids.ts";
import { AgentDriver, agentId, credential, frameworkId, frameworkInfo, given, leader, task } from "./agent-driver.ts";

describe("an agent's way to its master", () => {
  it("does nothing before it has recovered", () => {
    const driver = new AgentDriver();
    assert.deepEqual(driver.step({ kind: "leaderDetected", leader }), []);
    assert.equal(driver.agent.nextDeadlineMs(), undefined);
    driver.recover();
    assert.equal(driver.agent.describe().connection, "waiting");
  });

  it("begins after a random part of the backoff, different for each seed", () => {
    const delays = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const driver = new AgentDriver({ seed: `seed ${seed}` });
      driver.recover();
      driver.step({ kind: "leaderDetected", leader });
      const delayMs = (driver.agent.nextDeadlineMs() ?? Number.NaN) - driver.nowMs;
      assert.ok(delayMs >= 0 && delayMs < 1_000, `${delayMs}`);
      delays.add(delayMs);
    }
    assert.ok(delays.size > 10);
  });

  it("G11: registers without an id, runs once its id is durable, and then takes the tasks that came meanwhile", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.connect();
    assert.equal(driver.sent("register").length, 1);
    assert.equal(driver.agent.describe().connection, "accepting");
    driver.run(task("t1"));
    assert.equal(driver.disk.size, 0);
    const saidRegistered = (): boolean => driver.logs.some(({ message }) => message === "registered");
    assert.equal(saidRegistered(), false);
    driver.confirm();
    assert.equal(driver.agent.describe().connection, "running");
    assert.equal(saidRegistered(), true);
    driver.settle();
    assert.deepEqual(driver.records[0], { kind: "agent", agentId, credential, given, bootId: "boot 1" });
    assert.equal(driver.of("launchContainer").length, 1);
  });

  it("starts over when more comes than can wait for the id", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.connect();
    const linkId = driver.linkId;
    for (let index = 0; index < agentLimits.deferredMessagesMax; index++) driver.kill(`t${index}`);
    assert.deepEqual(driver.kill("one more"), [{ kind: "closeLink", linkId }]);
    driver.settle();
    driver.openLink();
    assert.equal(driver.sent("reregister")[0]?.agentId, agentId);
  });

  it("asks again with growing random delays until it is answered", () => {
    const driver = new AgentDriver({ pingTimeoutMs: 10_000_000, registrationBackoffMaxMs: 16_000 });
    driver.recover();
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    for (const boundMs of [2_000, 4_000, 8_000, 16_000, 16_000, 16_000]) {
      const delayMs = (driver.agent.nextDeadlineMs() ?? Number.NaN) - driver.nowMs;
      assert.ok(delayMs >= 0 && delayMs < boundMs, `${delayMs} < ${boundMs}`);
      driver.tickAtDeadline();
    }
    assert.equal(driver.sent("register").length, 7);
    driver.master({ kind: "registered", agentId, pingTimeoutMs: 5_000 });
    driver.settle();
    assert.equal(driver.agent.nextDeadlineMs(), driver.nowMs + 5_000);
    // The answer to an earlier attempt changes nothing.
    assert.deepEqual(driver.master({ kind: "registered", agentId, pingTimeoutMs: 5_000 }), []);
  });

  it("returns with its id, its frameworks and its tasks as far as they are durable", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    const { uuid } = driver.lastStatus;
    driver.exited(containerId, 0);
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "master gone" });
    driver.openLink();
    const { resources } = task("t1").info;
    assert.deepEqual(driver.sent("reregister"), [
      {
        kind: "reregister",
        credential,
        agentId,
        frameworks: [frameworkInfo()],
        executors: [],
        tasks: [
          {
            frameworkId,
            taskId: TaskId("t1"),
            executorId: undefined,
            name: "name of t1",
            resources,
            state: "TASK_RUNNING",
            statusUpdateState: "TASK_RUNNING",
            statusUpdateUuid: uuid,
            checked: {},
            limits: {},
          },
        ],
        holdings: { created: [], resourceVersion: driver.sent("reregister")[0]?.holdings.resourceVersion, operations: [] },
      },
    ]);
  });

  it("answers pings, also before it is registered, and gives a silent link up", () => {
    const driver = new AgentDriver({ pingTimeoutMs: 75_000, registrationBackoffMaxMs: 1_000_000 });
    driver.recover();
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    assert.deepEqual(driver.master({ kind: "ping", number: 7, connected: false }), [
      { kind: "sendToMaster", linkId: driver.linkId, message: { kind: "pong", number: 7 } },
    ]);
    driver.master({ kind: "registered", agentId, pingTimeoutMs: 20_000 });
    driver.settle();
    driver.nowMs += 15_000;
    driver.master({ kind: "ping", number: 8, connected: true });
    driver.nowMs += 19_999;
    assert.deepEqual(driver.step({ kind: "tick" }), []);
    driver.nowMs += 1;
    const silent = driver.linkId;
    assert.deepEqual(driver.step({ kind: "tick" }), [{ kind: "closeLink", linkId: silent }]);
    assert.notEqual(driver.openLink(), silent);
  });

  it("ends what it is told to end before it is let back in, and takes nothing on", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "cut" });
    driver.openLink();
    assert.equal(driver.agent.describe().connection, "registering");
    driver.kill("t1");
    driver.run(task("t2"));
    driver.settle();
    assert.deepEqual(
      driver.of("killContainer").map((effect) => effect.containerId),
      [containerId],
    );
    assert.deepEqual(
      driver.of("launchContainer").filter(({ spec }) => spec.task?.taskId === "t2"),
      [],
    );
    driver.master({ kind: "ping", number: 0, connected: true });
    assert.deepEqual(driver.sent("pong"), [{ kind: "pong", number: 0 }]);
  });

  it("registers again when a ping says that the master has lost sight of it", () => {
    const driver = AgentDriver.running();
    driver.master({ kind: "ping", number: 1, connected: false });
    assert.deepEqual(
      driver.of("sendToMaster").map((effect) => effect.message.kind),
      ["pong", "reregister"],
    );
    assert.equal(driver.agent.describe().connection, "registering");
    // Orders count again after the answer only.
    driver.run(task("t1"));
    assert.ok(!driver.isCheckpointInFlight);
    driver.master({ kind: "reregistered", agentId, pingTimeoutMs: 75_000, reconcile: [], reconcileOperations: [] });
    assert.equal(driver.agent.describe().connection, "running");
  });

  it("changes over to a new leader, and waits without one", () => {
    const driver = AgentDriver.running();
    const old = driver.linkId;
    assert.deepEqual(driver.step({ kind: "leaderDetected", leader: { ...leader } }), []);
    assert.deepEqual(driver.step({ kind: "leaderDetected", leader: undefined }), [{ kind: "closeLink", linkId: old }]);
    assert.equal(driver.agent.nextDeadlineMs(), undefined);
    const next = { hostname: "master-2", grpcPort: 6050 };
    driver.step({ kind: "leaderDetected", leader: next });
    driver.openLink();
    assert.deepEqual(driver.of("openLink")[0]?.leader, next);
    // What the old link still says is not heard.
    assert.deepEqual(driver.step({ kind: "masterMessage", linkId: old, message: { kind: "refuse", reason: "old" } }), []);
    assert.deepEqual(driver.step({ kind: "linkClosed", linkId: old, reason: "late" }), []);
  });

  it("closes a link that opened too late", () => {
    const driver = AgentDriver.running();
    const linkId = LinkId("link-99");
    assert.deepEqual(driver.step({ kind: "linkOpened", linkId }), [{ kind: "closeLink", linkId }]);
  });

  it("does not take another id", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "gone" });
    driver.openLink();
    driver.master({ kind: "reregistered", agentId: AgentId("M1-S9"), pingTimeoutMs: 1, reconcile: [], reconcileOperations: [] });
    assert.equal(driver.agent.describe().connection, "registering");
    assert.equal(driver.agent.describe().agentId, agentId);
    assert.equal(driver.logs.at(-1)?.level, "warn");
  });

  it("comes back under its id when the link closed before the id was durable", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.connect();
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "cut" });
    driver.openLink();
    assert.equal(driver.sent("reregister").length, 1);
    driver.master({ kind: "reregistered", agentId, pingTimeoutMs: 75_000, reconcile: [], reconcileOperations: [] });
    assert.equal(driver.agent.describe().connection, "accepting");
    driver.confirm();
    assert.equal(driver.agent.describe().connection, "running");
  });
});
