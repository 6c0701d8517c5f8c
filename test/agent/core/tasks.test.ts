/** Tasks from the order to the end, and answers for tasks that the agent does not have. */

import assert from "node:assert/strict";
import { agentLimits } from "../../../agent/core/limits.ts";
import { ContainerId, FrameworkId, TaskId } from "../../../common/ids.ts";
import { ContainerInfo_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, agentId, frameworkId, frameworkInfo, task } from "./agent-driver.ts";

describe("tasks of an agent", () => {
  it("are recorded before they are launched", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    assert.deepEqual(driver.of("launchContainer"), []);
    driver.confirm();
    assert.equal(driver.of("launchContainer").length, 1);
    assert.deepEqual(driver.of("launchContainer")[0]?.spec.command.value, "sleep 1");
    const record = driver.records.find((one) => one.kind === "task");
    assert.equal(record?.kind === "task" && record.containerId, driver.containerOf(task("t1")));
  });

  it("are reported running once that is durable, without TASK_STARTING", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.step({ kind: "containerStarted", containerId: driver.containerOf(task("t1")) });
    assert.deepEqual(driver.sentStates, []);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    const status = driver.lastStatus;
    assert.equal(status.source, "SOURCE_EXECUTOR");
    assert.equal(status.agentId, agentId);
    assert.equal(status.executorId, "t1");
    assert.equal(status.containerId, driver.containerOf(task("t1")));
    assert.equal(status.uuid?.length, 32);
    assert.equal(status.timestampMs, 1_700_000_000_000 + driver.nowMs);
  });

  const ends = [
    { exit: { kind: "exited", code: 0 }, state: "TASK_FINISHED", message: /status 0/ },
    { exit: { kind: "exited", code: 7 }, state: "TASK_FAILED", message: /status 7/ },
    { exit: { kind: "signalled", signal: 9 }, state: "TASK_FAILED", message: /signal 9/ },
  ] as const;
  for (const { exit, state, message } of ends) {
    it(`are ${state} after ${JSON.stringify(exit)}, and the container is removed once that is durable`, () => {
      const driver = AgentDriver.running();
      const containerId = driver.runUntilRunning(task("t1"));
      driver.acknowledge("t1", driver.lastStatus.uuid);
      driver.settle();
      driver.step({ kind: "containerExited", containerId, exit });
      assert.deepEqual(driver.of("removeContainer"), []);
      assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
      driver.settle();
      assert.deepEqual(driver.of("removeContainer"), [{ kind: "removeContainer", containerId }]);
      assert.deepEqual(driver.sentStates, ["TASK_RUNNING", state]);
      assert.match(driver.lastStatus.message ?? "", message);
      assert.equal(driver.lastStatus.source, "SOURCE_EXECUTOR");
    });
  }

  it("that end before they are seen running are reported by their end alone", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.exited(driver.containerOf(task("t1")), 0);
    driver.step({ kind: "containerStarted", containerId: driver.containerOf(task("t1")) });
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_FINISHED"]);
  });

  it("B15: that cannot be launched are TASK_FAILED with the reason", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.step({ kind: "containerFailed", containerId: driver.containerOf(task("t1")), reason: "no such file" });
    driver.settle();
    assert.equal(driver.lastStatus.state, "TASK_FAILED");
    assert.equal(driver.lastStatus.reason, "REASON_CONTAINER_LAUNCH_FAILED");
    assert.equal(driver.lastStatus.source, "SOURCE_AGENT");
    assert.match(driver.lastStatus.message ?? "", /no such file/);
    assert.equal(driver.of("removeContainer").length, 1);
  });

  it("that ask for what the agent cannot honour are TASK_ERROR and never launched", () => {
    const driver = AgentDriver.running();
    const container = { type: ContainerInfo_Type.MESOS, volumes: [], networkInfos: [], hostname: "h" };
    driver.run(task("t1", { info: { container } }));
    driver.settle();
    assert.deepEqual(driver.of("launchContainer"), []);
    assert.equal(driver.lastStatus.state, "TASK_ERROR");
    assert.equal(driver.lastStatus.reason, "REASON_TASK_INVALID");
    assert.match(driver.lastStatus.message ?? "", /task\.container\.hostname must be absent/);
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("B8: are not disturbed by a second order with their id", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    assert.deepEqual(driver.run(task("t1")), []);
    assert.equal(driver.logs.at(-1)?.level, "warn");
    assert.equal(driver.of("launchContainer").length, 1);
  });

  it("may reuse the id of a task whose end was acknowledged, even before that is durable", () => {
    const driver = AgentDriver.running();
    const first = driver.runUntilRunning(task("t1"));
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    driver.exited(first, 0);
    driver.settle();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.run(task("t1"));
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 2);
    assert.notEqual(driver.of("launchContainer")[1]?.spec.containerId, first);
    assert.ok(driver.disk.has(`task/${frameworkId}/t1`));
  });

  it("B12: of which the master knows and the agent does not are answered reliably", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.connect();
    driver.settle();
    driver.runUntilRunning(task("t1", { capabilities: ["PARTITION_AWARE"] }));
    driver.restart([{ containerId: driver.containerOf(task("t1")), state: "running" }]);
    driver.connect({ reconcile: [task("t2"), task("t1")] });
    driver.settle();
    const answers = driver.sent("statusUpdate").filter((message) => message.status.taskId === "t2");
    assert.deepEqual(
      answers.map(({ status }) => [status.state, status.reason, status.source]),
      [["TASK_DROPPED", "REASON_RECONCILIATION", "SOURCE_AGENT"]],
    );
    assert.equal(driver.sent("statusUpdate").filter((message) => message.status.taskId === "t1").length, 1);
    driver.restart([{ containerId: answers[0]?.status.containerId ?? ContainerId("none"), state: "running" }]);
    driver.connect();
    assert.ok(driver.sent("statusUpdate").some((message) => message.status.uuid === answers[0]?.status.uuid));
  });

  it("B9, B12: of a framework that the agent never met are answered as the master says, TASK_LOST in doubt", () => {
    const driver = AgentDriver.running();
    const stranger = FrameworkId("M1-0009");
    driver.master({ kind: "killTask", frameworkId: stranger, taskId: TaskId("a"), graceMs: undefined });
    driver.master({ kind: "killTask", frameworkId: stranger, taskId: TaskId("b"), graceMs: undefined, partitionAware: true });
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_LOST", "TASK_DROPPED"]);
    assert.equal(driver.lastStatus.reason, "REASON_EXECUTOR_TERMINATED");
  });

  it("beyond the limit are answered once and not held", () => {
    const driver = AgentDriver.running();
    for (let index = 0; index < agentLimits.tasksMax; index++) {
      driver.agent.step(
        {
          kind: "masterMessage",
          linkId: driver.linkId,
          message: { kind: "killTask", frameworkId, taskId: TaskId(`k${index}`), graceMs: 0 },
        },
        { nowMs: driver.nowMs, wallMs: 0 },
      );
    }
    driver.run(task("one too many"));
    assert.deepEqual(driver.of("launchContainer"), []);
    assert.equal(driver.lastStatus.state, "TASK_LOST");
    assert.match(driver.lastStatus.message ?? "", new RegExp(`${agentLimits.tasksMax} tasks`));
  });

  it("whose container nobody knows leave nothing behind", () => {
    const driver = AgentDriver.running();
    const containerId = ContainerId("stranger");
    assert.deepEqual(driver.exited(containerId, 0), [{ kind: "removeContainer", containerId }]);
  });

  it("of one framework share its description", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.run(task("t2"));
    driver.settle();
    assert.deepEqual([...driver.disk.keys()].sort(), [
      "agent",
      `framework/${frameworkId}`,
      `task/${frameworkId}/t1`,
      `task/${frameworkId}/t2`,
    ]);
    assert.deepEqual(
      driver.records.find((one) => one.kind === "framework"),
      { kind: "framework", frameworkId, framework: frameworkInfo() },
    );
  });
});
