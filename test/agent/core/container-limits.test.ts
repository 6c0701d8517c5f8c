/** What containers may use, as the core orders it, and what becomes of tasks whose containers used more (row B18). */

import assert from "node:assert/strict";
import { describe, it } from "mocha";

import type { ContainerLimits } from "../../../agent/core/container-limits.ts";
import type { TaskToRun } from "../../../agent/core/master-message.ts";
import { toTaskToRun } from "../../../agent/wire/task-to-run.ts";
import { type Resource, TaskInfo, TaskStatus_Reason } from "../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, agentId, frameworkInfo } from "./agent-driver.ts";
import { ExecutorPeer, update } from "./executor-driver.ts";

const megabyte = 1024 * 1024;
const scalar = (name: string, value: number): Resource => ({ name, type: 0, scalar: { value }, reservations: [] });

type Amounts = Readonly<Record<string, number>>;

function order(id: string, resources: Amounts, { limits = {}, executor }: { limits?: Amounts; executor?: Amounts } = {}): TaskToRun {
  const info = TaskInfo.fromPartial({
    name: id,
    taskId: { value: id },
    agentId: { value: agentId },
    ...(executor === undefined ? { command: { value: "sleep 1" } } : {}),
    ...(executor === undefined
      ? {}
      : { executor: { executorId: { value: "E" }, command: { value: "executor" }, resources: list(executor) } }),
    resources: list(resources),
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, { value }])),
  });
  const decoded = toTaskToRun(frameworkInfo(["PARTITION_AWARE"]), info);
  assert.ok(decoded.ok);
  assert.equal(decoded.value.problem, undefined);
  return decoded.value;
}

function list(amounts: Amounts): Resource[] {
  return Object.entries(amounts).map(([name, value]) => scalar(name, value));
}

function launched(driver: AgentDriver): ContainerLimits | undefined {
  return driver.of("launchContainer").at(-1)?.spec.limits;
}

/** What the master heard of a task last. */
function lastOf(driver: AgentDriver, id: string) {
  return driver.sent("statusUpdate").findLast(({ status }) => status.taskId === id)?.status;
}

describe("limits of containers", () => {
  it("are what the task asks for, or the limits that it names", () => {
    const driver = AgentDriver.running();
    driver.run(order("t1", { cpus: 0.5, mem: 64, disk: 10 }));
    driver.settle();
    assert.deepEqual(launched(driver), { cpus: 0.5, cpusMax: undefined, memBytesMax: 64 * megabyte, diskBytesMax: 10 * megabyte });
    driver.run(order("t2", { cpus: 0.5, mem: 64 }, { limits: { cpus: 1.5, mem: Number.POSITIVE_INFINITY } }));
    driver.settle();
    const unlimited = { cpus: 0.5, cpusMax: 1.5, memBytesMax: Number.POSITIVE_INFINITY, diskBytesMax: undefined };
    assert.deepEqual(launched(driver), unlimited);
  });

  it("of an executor are its own and those of its tasks, and follow these", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    const executor = { cpus: 0.1, mem: 32 };
    const containerId = peer.start(order("t1", { cpus: 1, mem: 100, disk: 5 }, { executor }));
    const alone = { cpus: 1.1, cpusMax: undefined, memBytesMax: 132 * megabyte, diskBytesMax: 5 * megabyte };
    assert.deepEqual(launched(driver), alone);

    driver.run(order("t2", { cpus: 1, mem: 100 }, { limits: { cpus: 2 }, executor }));
    driver.settle();
    const resized = () => driver.limits.at(-1);
    // With one of them capped the others have what they ask for: 0.1 + 1 + 2.
    const both = { cpus: 2.1, cpusMax: 3.1, memBytesMax: 232 * megabyte, diskBytesMax: 5 * megabyte };
    assert.deepEqual(resized(), { kind: "limitContainer", containerId, limits: both });

    driver.kill("t2");
    peer.say(update("t2", "TASK_KILLED"));
    driver.settle();
    assert.deepEqual(resized(), { kind: "limitContainer", containerId, limits: alone });
  });

  it("are told again of containers that outlived the agent", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(order("t1", { cpus: 0.5, mem: 64 }));
    const limits = launched(driver);
    driver.restart([{ containerId, state: "running" }]);
    assert.deepEqual(driver.limits, [{ kind: "limitContainer", containerId, limits }]);
  });
});

describe("a container that used more than it may", () => {
  const breach = { resource: "mem", usedBytes: 70 * megabyte, limitBytes: 64 * megabyte } as const;
  const exit = { kind: "signalled", signal: 9 } as const;

  it("B18: fails its task, with what it used", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(order("t1", { cpus: 0.5, mem: 64 }));
    driver.acknowledge("t1", lastOf(driver, "t1")?.uuid);
    driver.settle();
    driver.step({ kind: "containerExited", containerId, exit, breach });
    driver.settle();
    const status = lastOf(driver, "t1");
    assert.deepEqual(
      [status?.state, status?.source, status?.reason],
      ["TASK_FAILED", "SOURCE_AGENT", "REASON_CONTAINER_LIMITATION_MEMORY"],
    );
    assert.match(status?.message ?? "", /used 70 MB of memory, and may use 64 MB/);
    const [used] = status?.extra?.limitation?.resources ?? [];
    assert.deepEqual([used?.name, used?.scalar?.value], ["mem", 70]);
  });

  it("B18: says the same when it ended while the agent was away, for the disk, too", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(order("t1", { cpus: 0.5, disk: 64 }));
    driver.restart([{ containerId, state: "ended", exit, breach: { ...breach, resource: "disk" } }]);
    driver.connect();
    driver.acknowledge("t1", lastOf(driver, "t1")?.uuid);
    driver.settle();
    const status = lastOf(driver, "t1");
    assert.equal(status?.reason, "REASON_CONTAINER_LIMITATION_DISK");
    assert.equal(TaskStatus_Reason[status.reason], 20);
  });

  it("B18: fails all tasks of an executor", () => {
    const driver = AgentDriver.running();
    const executor = { cpus: 0.1, mem: 32 };
    const containerId = new ExecutorPeer(driver).start(order("t1", { cpus: 1 }, { executor }), order("t2", { cpus: 1 }, { executor }));
    driver.step({ kind: "containerExited", containerId, exit, breach });
    driver.settle();
    for (const id of ["t1", "t2"]) {
      const status = lastOf(driver, id);
      assert.deepEqual([status?.state, status?.reason], ["TASK_FAILED", "REASON_CONTAINER_LIMITATION_MEMORY"]);
    }
  });

  it("is told as killed where that was ordered before", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(order("t1", { cpus: 0.5, mem: 64 }));
    driver.acknowledge("t1", lastOf(driver, "t1")?.uuid);
    driver.kill("t1");
    driver.settle();
    driver.step({ kind: "containerExited", containerId, exit, breach });
    driver.settle();
    assert.equal(lastOf(driver, "t1")?.state, "TASK_KILLED");
  });
});
