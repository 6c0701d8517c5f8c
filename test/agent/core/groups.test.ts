/** Groups of tasks: taken over whole, launched together, fallen together, and the same after every crash. */

import assert from "node:assert/strict";
import { parentContainerId } from "../../../common/container-id.ts";
import type { ContainerId } from "../../../common/ids.ts";
import { AgentDriver, frameworkId } from "./agent-driver.ts";
import { ExecutorPeer } from "./executor-driver.ts";
import { acknowledgeAll, executorId, group, killed, lastStates, order, runGroup } from "./group-driver.ts";

const signalled = { kind: "signalled", signal: 15 } as const;

/** The executor as the master heard of its end. */
const ended = { kind: "exitedExecutor", frameworkId, executorId, waitStatus: 0 };

function die(driver: AgentDriver, ...containerIds: readonly (ContainerId | undefined)[]): void {
  for (const containerId of containerIds) {
    assert.ok(containerId !== undefined);
    driver.step({ kind: "containerExited", containerId, exit: signalled });
  }
  driver.settle();
}

describe("a group in the default executor", () => {
  it("is launched when all of it is durable, each task in a container of its own within that of the executor", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2", "t3"], { launches: true }));
    assert.equal(driver.of("launchContainer").length, 0);
    driver.confirm();
    const specs = driver.of("launchContainer").map(({ spec }) => spec);
    assert.deepEqual(
      specs.map(({ task }) => task?.taskId),
      ["t1", "t2", "t3"],
    );
    assert.equal(new Set(specs.map(({ containerId }) => containerId)).size, 3);
    const parents = new Set(specs.map(({ containerId }) => parentContainerId(containerId)));
    assert.ok(parents.size === 1 && !parents.has(undefined));
    assert.deepEqual(new Map(specs[0]?.environment).get("MESOS_EXECUTOR_ID"), executorId);
  });

  it("is recorded in one batch, with its executor", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2"]));
    const batch = driver.of("checkpoint").at(-1);
    const kinds = batch?.changes.map((change) => (change.kind === "put" ? change.record.kind : "delete"));
    assert.deepEqual(kinds?.sort(), ["executor", "framework", "task", "task"]);
  });

  it("says TASK_RUNNING of each task, with the executor's id", () => {
    const driver = AgentDriver.running();
    const containers = runGroup(driver, group(["t1", "t2"]));
    assert.deepEqual(lastStates(driver), { t1: "TASK_RUNNING", t2: "TASK_RUNNING" });
    for (const { status } of driver.sent("statusUpdate")) {
      assert.equal(status.executorId, executorId);
      assert.equal(status.containerId, containers[status.taskId]);
      assert.equal(status.source, "SOURCE_EXECUTOR");
    }
  });

  it("ends when one of its tasks fails, each of the others with its own grace", () => {
    const driver = AgentDriver.running();
    const { t1, t2, t3 } = runGroup(driver, group(["t1", "t2", "t3"], { graceMs: 700 }));
    assert.ok(t1 !== undefined && t2 !== undefined && t3 !== undefined);
    driver.exited(t2, 3);
    driver.settle();
    assert.deepEqual(killed(driver), [
      [t1, 700],
      [t3, 700],
    ]);
    die(driver, t1, t3);
    acknowledgeAll(driver, "t1", "t2", "t3");
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_FAILED", t3: "TASK_KILLED" });
    assert.match(driver.lastStatus.message ?? "", /task t2 of its group is TASK_FAILED$/);
  });

  it("has its fall on disk together with the cause of it", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"]));
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.exited(t1, 3);
    driver.write();
    driver.restart([{ containerId: t2, state: "running" }]);
    driver.settle();
    assert.deepEqual(killed(driver), [[t2, 3_000]]);
  });

  it("goes on when one of its tasks finishes", () => {
    const driver = AgentDriver.running();
    const { t1 } = runGroup(driver, group(["t1", "t2"]));
    assert.ok(t1 !== undefined);
    driver.exited(t1, 0);
    driver.settle();
    assert.deepEqual(killed(driver), []);
    assert.deepEqual(driver.sent("exitedExecutor"), []);
  });

  it("ends when one of its tasks has run for as long as it may", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"], { last: { maxCompletionTime: { nanoseconds: 1_000_000_000n } } }));
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.nowMs += 1_000;
    driver.step({ kind: "tick" });
    driver.settle();
    assert.deepEqual(killed(driver), [[t2, 0]]);
    die(driver, t2);
    assert.deepEqual(killed(driver).slice(1), [[t1, 3_000]]);
    die(driver, t1);
    acknowledgeAll(driver, "t1", "t2");
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_FAILED" });
  });

  it("leaves another group of the same executor alone", () => {
    const driver = AgentDriver.running();
    const { t1 } = runGroup(driver, group(["t1", "t2"], { launches: true }));
    const { t3 } = runGroup(driver, group(["t3"], { launches: false }));
    assert.ok(t1 !== undefined && t3 !== undefined);
    assert.equal(parentContainerId(t1), parentContainerId(t3));
    driver.exited(t1, 1);
    driver.settle();
    assert.ok(!killed(driver).some(([containerId]) => containerId === t3));
  });

  it("ends when the container of one of its tasks cannot be launched", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2"]));
    driver.settle();
    const [t1, t2] = driver.of("launchContainer").map(({ spec }) => spec.containerId);
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.step({ kind: "containerFailed", containerId: t1, reason: "no process" });
    driver.settle();
    assert.deepEqual(killed(driver), [[t2, 3_000]]);
    driver.step({ kind: "containerFailed", containerId: t2, reason: "it was told to end" });
    driver.settle();
    assert.deepEqual(new Set(driver.sentStates), new Set(["TASK_FAILED", "TASK_KILLED"]));
  });

  it("takes its executor along with the last task, once that is durable", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"]));
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.exited(t1, 0);
    driver.settle();
    driver.exited(t2, 0);
    assert.deepEqual(driver.sent("exitedExecutor"), []);
    driver.settle();
    assert.deepEqual(driver.sent("exitedExecutor"), [ended]);
    acknowledgeAll(driver, "t1", "t2");
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  // Seed 2004464 of the simulator: a stopped master took the first of several registrations when it went on, and waited for the executor.
  it("tells the end of its executor between two attempts to register: the master may have taken the first one", () => {
    const driver = AgentDriver.running();
    const { t1 } = runGroup(driver, group(["t1"]));
    assert.ok(t1 !== undefined);
    driver.step({ kind: "linkClosed", linkId: driver.linkId, reason: "cut" });
    driver.openLink();
    driver.exited(t1, 0);
    driver.settle();
    driver.tickAtDeadline();
    const listed = driver.sent("reregister").map(({ executors = [] }) => executors.length);
    assert.deepEqual([listed, driver.sent("exitedExecutor")], [[1, 0], []]);
    driver.master(driver.answerTo());
    assert.deepEqual(driver.sent("exitedExecutor"), [ended]);
  });
});

describe("a KILL of one task of a group", () => {
  it("K10: ends the whole group when it comes before the launch, and nothing is started", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2", "t3"], { launches: true }));
    driver.kill("t2");
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 0);
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_KILLED", t3: "TASK_KILLED" });
    for (const { status } of driver.sent("statusUpdate")) assert.equal(status.reason, "REASON_TASK_KILLED_DURING_LAUNCH");
    assert.deepEqual(driver.sent("exitedExecutor"), [ended]);
  });

  it("K10: ends the others once that task is killed", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"]));
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.kill("t1", 10);
    driver.settle();
    assert.deepEqual(killed(driver), [[t1, 10]]);
    die(driver, t1);
    assert.deepEqual(killed(driver).slice(1), [[t2, 3_000]]);
    die(driver, t2);
    acknowledgeAll(driver, "t1", "t2");
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_KILLED" });
  });

  it("K10: ends a group that waits for a program of the framework, which never hears of it", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2"], { isProgram: true }));
    driver.settle();
    driver.kill("t2");
    driver.settle();
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_KILLED" });
    const peer = new ExecutorPeer(driver);
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    peer.subscribe();
    assert.deepEqual(
      peer.events.map(({ kind }) => kind),
      ["subscribed", "shutdown"],
    );
  });
});

describe("a default executor", () => {
  it("is shut down with three seconds of grace for each task, or its own if that is less", () => {
    for (const [shutdownGraceMs, graceMs] of [
      [undefined, 3_000],
      [10_000, 3_000],
      [500, 500],
    ] as const) {
      const driver = AgentDriver.running();
      const fields = shutdownGraceMs === undefined ? {} : { shutdownGraceMs };
      const { t1, t2 } = runGroup(driver, group(["t1", "t2"], { graceMs: 60_000, ...fields }));
      driver.master({ kind: "shutdownExecutor", frameworkId, executorId });
      driver.settle();
      assert.deepEqual(killed(driver), [
        [t1, graceMs],
        [t2, graceMs],
      ]);
      die(driver, t1, t2);
      assert.deepEqual(driver.sent("exitedExecutor"), [ended]);
    }
  });

  it("takes no more groups while it ends", () => {
    const driver = AgentDriver.running();
    runGroup(driver, group(["t1"]));
    driver.master({ kind: "shutdownExecutor", frameworkId, executorId });
    order(driver, group(["t2", "t3"], { launches: false }));
    driver.settle();
    assert.equal(lastStates(driver)["t2"], "TASK_DROPPED");
    assert.equal(lastStates(driver)["t3"], "TASK_DROPPED");
  });

  it("goes on ending after a restart of the agent", () => {
    const driver = AgentDriver.running();
    const { t1 } = runGroup(driver, group(["t1"]));
    assert.ok(t1 !== undefined);
    driver.master({ kind: "shutdownExecutor", frameworkId, executorId });
    driver.settle();
    driver.restart([{ containerId: t1, state: "running" }]);
    driver.settle();
    assert.deepEqual(killed(driver), [[t1, 3_000]]);
  });

  it("ends in silence with its framework", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"]));
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    driver.effects = driver.effects.filter(({ kind }) => kind !== "sendToMaster");
    die(driver, t1, t2);
    assert.deepEqual(driver.sentStates, []);
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("is nobody who could subscribe, and hears no messages", () => {
    const driver = AgentDriver.running();
    runGroup(driver, group(["t1"]));
    new ExecutorPeer(driver).subscribe();
    assert.match(driver.of("closeExecutorStream")[0]?.refusal?.message ?? "", /must not be of a default executor/);
    driver.master({ kind: "messageToExecutor", frameworkId, executorId, data: new Uint8Array() });
    assert.deepEqual(driver.of("sendToExecutor"), []);
  });

  it("B7: a group for one that has ended meanwhile is dropped whole, and a new one that was announced is taken back", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2"], { launches: false }));
    driver.settle();
    assert.deepEqual(lastStates(driver), { t1: "TASK_DROPPED", t2: "TASK_DROPPED" });
    assert.equal(driver.lastStatus.reason, "REASON_EXECUTOR_TERMINATED");
    assert.deepEqual(driver.sent("exitedExecutor"), []);
    order(driver, group(["t2", "t3"], { launches: true }));
    driver.settle();
    assert.equal(lastStates(driver)["t3"], "TASK_DROPPED");
    assert.match(driver.lastStatus.message ?? "", /still holds task t2/);
    assert.deepEqual(driver.sent("exitedExecutor"), [{ ...ended, waitStatus: -1 }]);
  });

  it("is not started for a group of which this agent cannot run one task: TASK_ERROR for each", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2"], { launches: true, last: { command: undefined } }));
    driver.settle();
    assert.deepEqual(lastStates(driver), { t1: "TASK_ERROR", t2: "TASK_ERROR" });
    assert.equal(driver.lastStatus.reason, "REASON_TASK_GROUP_INVALID");
    assert.deepEqual(driver.sent("exitedExecutor"), [{ ...ended, waitStatus: -1 }]);
  });
});

describe("a group and a restart of the agent", () => {
  it("is dropped whole when none of it was launched", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2", "t3"]));
    driver.write();
    driver.restart();
    driver.connect();
    driver.settle();
    assert.deepEqual(lastStates(driver), { t1: "TASK_DROPPED", t2: "TASK_DROPPED", t3: "TASK_DROPPED" });
    assert.equal(driver.of("launchContainer").length, 0);
  });

  it("is dropped and killed when only a part of it was launched", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1", "t2", "t3"]));
    driver.settle();
    const [t1] = driver.of("launchContainer").map(({ spec }) => spec.containerId);
    assert.ok(t1 !== undefined);
    driver.restart([{ containerId: t1, state: "running" }]);
    driver.connect();
    driver.settle();
    assert.deepEqual(killed(driver), [[t1, 3_000]]);
    die(driver, t1);
    acknowledgeAll(driver, "t1", "t2", "t3");
    assert.deepEqual(lastStates(driver), { t1: "TASK_KILLED", t2: "TASK_DROPPED", t3: "TASK_DROPPED" });
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("falls when one of its tasks failed while the agent was away", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"]));
    assert.ok(t1 !== undefined && t2 !== undefined);
    driver.restart([
      { containerId: t1, state: "running" },
      { containerId: t2, state: "ended", exit: { kind: "exited", code: 1 } },
    ]);
    driver.settle();
    assert.deepEqual(killed(driver), [[t1, 3_000]]);
  });

  it("goes on when nothing happened meanwhile, and takes another group", () => {
    const driver = AgentDriver.running();
    const { t1 } = runGroup(driver, group(["t1"]));
    assert.ok(t1 !== undefined);
    driver.restart([{ containerId: t1, state: "running" }]);
    driver.connect();
    driver.settle();
    const [told] = driver.sent("reregister");
    assert.deepEqual(
      told?.executors.map((executor) => executor.executorId?.value),
      [executorId],
    );
    const { t2 } = runGroup(driver, group(["t2"], { launches: false }));
    assert.ok(t2 !== undefined);
    assert.equal(parentContainerId(t2), parentContainerId(t1));
  });
});

describe("a group for a program of the framework", () => {
  it("is given to it whole, in one event", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    order(driver, group(["t1", "t2"], { isProgram: true }));
    driver.settle();
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    peer.subscribe();
    assert.deepEqual(peer.heard("launch"), []);
    assert.deepEqual(
      peer.heard("launchGroup").map(({ tasks }) => tasks.map((task) => task.taskId?.value)),
      [["t1", "t2"]],
    );
    order(driver, group(["t3", "t4"], { isProgram: true, launches: false }));
    driver.settle();
    assert.equal(peer.heard("launchGroup").length, 2);
  });

  /** The delivery of the first task marked the second one, too, which then looked as if the executor had lost it. */
  it("is not taken for lost when it is delivered at a subscription", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    order(driver, group(["t1", "t2"], { isProgram: true }));
    driver.settle();
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    peer.subscribe();
    driver.settle();
    assert.deepEqual(driver.sentStates, []);
  });

  it("is the executor's own affair from then on: one that is killed takes no other along", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    order(driver, group(["t1", "t2"], { isProgram: true }));
    driver.settle();
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    peer.subscribe();
    driver.kill("t1");
    driver.settle();
    assert.deepEqual(
      peer.heard("kill").map(({ taskId }) => taskId),
      ["t1"],
    );
  });
});
