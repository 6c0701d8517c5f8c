/** When tasks are looked at, through step(): delay, interval, timeout, and how many at a time. */

import assert from "node:assert/strict";
import type { HealthCheckSpec } from "../../../../agent/core/checks/check-spec.ts";
import { agentLimits } from "../../../../agent/core/limits.ts";
import { CheckInfo_Type, CommandInfo, HealthCheck, HealthCheck_Type } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, frameworkId, task } from "../agent-driver.ts";
import { acknowledgeAll, check, healthCheck, look, nextLook, passed, run, seconds } from "./checked-task.ts";

describe("the schedule of checks", () => {
  it("looks first after the delay, then an interval after the end of the look before", () => {
    const { driver } = run(healthCheck());
    const startedAtMs = driver.nowMs;
    const first = nextLook(driver);
    assert.equal(driver.nowMs, startedAtMs + 2_000);
    driver.nowMs += 300;
    driver.step({ kind: "checkDone", checkId: first.checkId, result: passed });
    driver.settle();
    acknowledgeAll(driver);
    const second = nextLook(driver);
    assert.equal(driver.nowMs, startedAtMs + 2_300 + 5_000);
    assert.notEqual(second.checkId, first.checkId);
  });

  it("gives a look up after its timeout, which counts as its end, and hears nothing of it any more", () => {
    const { driver } = run(healthCheck());
    const { checkId } = nextLook(driver);
    const startedAtMs = driver.nowMs;
    const effects = driver.tickAtDeadline();
    assert.equal(driver.nowMs, startedAtMs + 1_000);
    assert.deepEqual(effects[0], { kind: "stopCheck", checkId });
    driver.settle();
    acknowledgeAll(driver);
    assert.equal(driver.lastStatus.extra?.healthy, false);
    assert.match(driver.lastStatus.message ?? "", /timed out/);
    assert.deepEqual(driver.step({ kind: "checkDone", checkId, result: passed }), []);
    nextLook(driver);
    assert.equal(driver.nowMs, startedAtMs + 1_000 + 5_000);
  });

  it("has no timeout but the agent's own when the task says zero", () => {
    const { driver } = run(healthCheck({ timeoutSeconds: 0 }));
    nextLook(driver);
    const startedAtMs = driver.nowMs;
    // The link's own deadline comes before.
    driver.nowMs += agentLimits.checkTimeoutMaxMs - 1;
    assert.deepEqual(
      driver.step({ kind: "tick" }).filter((effect) => effect.kind === "stopCheck"),
      [],
    );
    driver.nowMs = startedAtMs + agentLimits.checkTimeoutMaxMs;
    assert.equal(driver.step({ kind: "tick" }).filter((effect) => effect.kind === "stopCheck").length, 1);
  });

  it("leaves a shortest time between two looks of a check without interval", () => {
    const { driver } = run(healthCheck({ intervalSeconds: 0 }));
    look(driver, passed);
    const endedAtMs = driver.nowMs;
    nextLook(driver);
    assert.equal(driver.nowMs - endedAtMs, agentLimits.checkIntervalMinMs);
  });

  it("looks for both checks of a task, each at its own time", () => {
    const { driver } = run({ ...healthCheck({ delaySeconds: 1 }), ...check({ delaySeconds: 3 }) });
    assert.equal(nextLook(driver).purpose, "health");
    driver.step({ kind: "checkDone", checkId: driver.of("startCheck")[0]?.checkId ?? assert.fail(), result: passed });
    assert.equal(nextLook(driver).purpose, "check");
  });

  it("lets no more than so many looks go on at a time, and the next in turn when one ends", () => {
    const driver = AgentDriver.running();
    const count = agentLimits.checksAtOnceMax + 2;
    for (let index = 0; index < count; index++) driver.runUntilRunning(task(`t${index}`, { info: healthCheck() }));
    driver.tickAtDeadline();
    const looks = driver.of("startCheck");
    assert.equal(looks.length, agentLimits.checksAtOnceMax);
    const first = looks[0];
    assert.ok(first !== undefined);
    driver.step({ kind: "checkDone", checkId: first.checkId, result: passed });
    assert.equal(driver.of("startCheck").at(-1)?.task.taskId, `t${agentLimits.checksAtOnceMax}`);
    driver.exited(looks[1]?.containerId ?? assert.fail(), 0);
    assert.equal(driver.of("startCheck").at(-1)?.task.taskId, `t${count - 1}`);
  });

  it("says where to look: HTTP and TCP on the machine itself, a command with the task's environment and then its own", () => {
    const command = (value: string) => CommandInfo.fromPartial({ value: "look", environment: { variables: [{ name: "A", value }] } });
    const { driver, containerId } = run({ command: command("task"), ...healthCheck({ command: command("check") }) });
    const first = nextLook(driver);
    assert.equal(first.containerId, containerId);
    assert.ok(first.probe.kind === "command");
    assert.deepEqual(first.probe.command.environment, [
      ["A", "task"],
      ["A", "check"],
      ["MESOS_FRAMEWORK_ID", frameworkId],
      ["MESOS_TASK_ID", "t1"],
    ]);
    const http = { scheme: "https", port: 8_443, path: "/live", protocol: 2 as const, statuses: [] };
    const probes = [healthCheck({ type: HealthCheck_Type.HTTP, http }), check({ type: CheckInfo_Type.TCP, tcp: { port: 80 } })].map(
      (info) => nextLook(run(info).driver).probe,
    );
    assert.deepEqual(probes, [
      { kind: "http", scheme: "https", address: "::1", port: 8_443, path: "/live" },
      { kind: "tcp", address: "127.0.0.1", port: 80 },
    ]);
  });
});

describe("a check as the messages have it", () => {
  // 2.035 s were 2,036 ms: times a thousand they are a little more than 2,035, which was rounded up. The model found it.
  it("has times that are no longer than it says, and none that becomes nothing", () => {
    const { healthCheck: read } = task("t", { info: healthCheck({ delaySeconds: 2.035, intervalSeconds: 0.000_2, timeoutSeconds: 1e-9 }) });
    assert.deepEqual([read?.delayMs, read?.intervalMs, read?.timeoutMs], [2_035, 1, 1]);
  });

  it("has the defaults of mesos.proto", () => {
    const plain = HealthCheck.fromPartial({ type: HealthCheck_Type.TCP, tcp: { port: 80 } });
    const expected: HealthCheckSpec = {
      probe: { kind: "tcp", address: "127.0.0.1", port: 80 },
      delayMs: 15_000,
      intervalMs: 10_000,
      timeoutMs: 20_000,
      gracePeriodMs: 10_000,
      failuresMax: 3,
    };
    assert.deepEqual(
      task("t", { info: { healthCheck: { ...plain, delaySeconds: undefined, intervalSeconds: undefined } } }).healthCheck,
      expected,
    );
  });

  it("that breaks a rule makes the task one that cannot run", () => {
    assert.match(task("t", { info: check({ type: CheckInfo_Type.TCP }) }).problem ?? "", /task.check.tcp must be set/);
    assert.match(task("t", { info: seconds(-1) }).problem ?? "", /max_completion_time must not be negative/);
  });
});
