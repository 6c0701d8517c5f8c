/** SIGUSR1 in every situation, and an agent that its master refuses. */

import assert from "node:assert/strict";
import { AgentDriver, agentId, credential, frameworkId, leader, task } from "./agent-driver.ts";

const killAll = { kind: "killAllContainers", timeoutMs: 100 } as const;

describe("drain now", () => {
  it("D1, D2: kills at once, says that it leaves when everything is dead, and exits when the id is retired and the master knows", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    const leaving = { kind: "sendToMaster", linkId: driver.linkId, message: { kind: "leaving", agentId } };
    assert.deepEqual(driver.step({ kind: "drainNow" }), [leaving, killAll]);
    const effects = driver.step({ kind: "allContainersKilled", alive: [] });
    assert.deepEqual(effects[0], {
      kind: "sendToMaster",
      linkId: driver.linkId,
      message: { kind: "unregister", credential, agentId, alive: [] },
    });
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], [`departed/${agentId}`], "id and tasks are retired");
    assert.deepEqual(driver.of("exit"), []);
    driver.master({ kind: "unregistered", agentId });
    assert.deepEqual(
      driver.of("exit").map((effect) => effect.code),
      [0],
    );
  });

  it("does not exit before the retirement is durable", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.master({ kind: "unregistered", agentId });
    assert.deepEqual(driver.of("exit"), []);
    driver.settle();
    assert.equal(driver.of("exit").length, 1);
  });

  it("names the tasks that could not be seen dead", () => {
    const driver = AgentDriver.running();
    const stuck = driver.runUntilRunning(task("stuck"));
    driver.runUntilRunning(task("t2"));
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [stuck] });
    assert.deepEqual(driver.sent("unregister")[0]?.alive, [{ frameworkId, taskId: "stuck" }]);
  });

  it("is one however often it is asked for", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "drainNow" });
    assert.deepEqual(driver.step({ kind: "drainNow" }), []);
    driver.step({ kind: "allContainersKilled", alive: [] });
    assert.deepEqual(driver.step({ kind: "drainNow" }), []);
    assert.deepEqual(driver.step({ kind: "allContainersKilled", alive: [] }), []);
    assert.equal(driver.sent("unregister").length, 1);
  });

  it("B1, D3: launches, kills and forwards nothing any more", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.run(task("t2"));
    const sentBefore = driver.sentStates.length;
    driver.step({ kind: "drainNow" });
    driver.run(task("t3"));
    driver.kill("t1");
    driver.exited(containerId, 0);
    driver.step({ kind: "containerStarted", containerId });
    driver.confirm();
    driver.step({ kind: "tick" });
    assert.equal(driver.of("launchContainer").length, 1);
    assert.deepEqual(driver.of("killContainer"), []);
    assert.equal(driver.sentStates.length, sentBefore);
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], [`departed/${agentId}`]);
  });

  it("D1: is told again by the next process until a master confirms it, since no master may have been there", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "the master died" });
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.deepEqual(driver.sent("unregister"), []);
    for (let start = 0; start < 2; start++) {
      driver.restart();
      driver.step({ kind: "leaderDetected", leader });
      driver.openLink();
      assert.deepEqual(driver.sent("unregister"), [{ kind: "unregister", credential, agentId, alive: [] }]);
      assert.equal(driver.sent("register").length, 1);
    }
    driver.master({ kind: "unregistered", agentId });
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], []);
  });

  it("still answers pings, and does not register again", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "drainNow" });
    driver.master({ kind: "ping", number: 3, connected: false });
    assert.deepEqual(
      driver.of("sendToMaster").map((effect) => effect.message),
      [
        { kind: "leaving", agentId },
        { kind: "pong", number: 3 },
      ],
    );
  });

  it("waits 100 ms for the master's answer and not longer", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.equal(driver.agent.nextDeadlineMs(), driver.nowMs + 100);
    driver.nowMs += 99;
    assert.deepEqual(driver.step({ kind: "tick" }), []);
    driver.nowMs += 1;
    assert.equal(driver.step({ kind: "tick" })[0]?.kind, "exit");
  });

  it("does not wait for a master whose link closed", () => {
    const driver = AgentDriver.running();
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "gone" });
    assert.equal(driver.of("exit")[0]?.code, 0);
  });

  it("D1: works without a master", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.step({ kind: "leaderDetected", leader: undefined });
    assert.deepEqual(driver.step({ kind: "drainNow" }), [killAll]);
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.equal(driver.of("exit")[0]?.code, 0);
    assert.deepEqual(driver.sent("unregister"), []);
    assert.deepEqual([...driver.disk.keys()], [`departed/${agentId}`]);
  });

  it("before the checkpoint was read waits for it, and then kills and retires what it names", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    const drained = new AgentDriver();
    for (const [key, bytes] of driver.disk) drained.disk.set(key, bytes);
    assert.deepEqual(drained.step({ kind: "drainNow" }), []);
    assert.deepEqual(drained.recover([{ containerId, state: "running" }]), [killAll]);
    drained.step({ kind: "leaderDetected", leader });
    drained.step({ kind: "allContainersKilled", alive: [] });
    drained.settle();
    assert.deepEqual([...drained.disk.keys()], [`departed/${agentId}`]);
    assert.equal(drained.of("exit")[0]?.code, 0);
    assert.deepEqual(drained.of("openLink"), []);
  });

  it("gives up a link that is being opened", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.step({ kind: "leaderDetected", leader });
    driver.tickAtDeadline();
    const { linkId } = driver;
    assert.deepEqual(driver.step({ kind: "drainNow" }), [{ kind: "closeLink", linkId }, killAll]);
  });

  it("is announced under the id that arrives while the agent leaves", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.master({ kind: "registered", agentId, pingTimeoutMs: 75_000 });
    assert.deepEqual(driver.sent("unregister"), [{ kind: "unregister", credential, agentId, alive: [] }]);
    driver.settle();
    assert.equal(driver.disk.size, 0);
  });

  it("D6: is followed by a start as a new agent", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.step({ kind: "drainNow" });
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    driver.restart();
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    assert.equal(driver.sent("register").length, 1);
    assert.deepEqual(driver.sent("reregister"), []);
  });
});

describe("a refused agent", () => {
  it("D7: kills everything, retires its id, says so, and exits with code 3 and the reason", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    driver.restart();
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    assert.deepEqual(driver.master({ kind: "refuse", reason: "agent M1-S0 is gone" }), [killAll]);
    driver.step({ kind: "allContainersKilled", alive: [] });
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], [`departed/${agentId}`]);
    assert.equal(driver.sent("unregister").length, 1);
    driver.master({ kind: "unregistered", agentId });
    assert.deepEqual(driver.of("exit"), [{ kind: "exit", code: 3, reason: "the master refused the agent: agent M1-S0 is gone" }]);
  });
});
