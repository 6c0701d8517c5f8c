/** What follows from looks at tasks, through step(): updates, ends, completion times, restarts. */

import assert from "node:assert/strict";
import type { ProbeResult } from "../../../../agent/core/checks/check-spec.ts";
import { type CheckInfo, CheckInfo_Type, CheckStatusInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, frameworkId, task } from "../agent-driver.ts";
import { group, killed, order, runGroup } from "../group-driver.ts";
import {
  acknowledgeAll,
  check,
  failed,
  health,
  healthCheck,
  look,
  nextLook,
  passed,
  type Running,
  restart,
  run,
  said,
  seconds,
} from "./checked-task.ts";

describe("a health check", () => {
  it("is told on the first success, on every failure and on recovery, and not on further successes", () => {
    const { driver } = run(healthCheck());
    for (const result of [passed, passed, failed, failed, passed, passed]) look(driver, result);
    assert.deepEqual(said(driver), [
      ["TASK_RUNNING", undefined, undefined],
      ["TASK_RUNNING", health, true],
      ["TASK_RUNNING", health, false],
      ["TASK_RUNNING", health, false],
      ["TASK_RUNNING", health, true],
    ]);
  });

  it("does not count failures in the grace period before the first success, but after it", () => {
    const { driver } = run(healthCheck({ gracePeriodSeconds: 8, consecutiveFailures: 1 }));
    look(driver, failed);
    look(driver, failed);
    assert.deepEqual(driver.of("killContainer"), []);
    assert.equal(said(driver).length, 1);
    look(driver, failed);
    assert.equal(driver.of("killContainer").length, 1);

    const second = run(healthCheck({ gracePeriodSeconds: 60, consecutiveFailures: 1 })).driver;
    look(second, passed);
    look(second, failed);
    assert.equal(second.of("killContainer").length, 1);
  });

  for (const capabilities of [[], ["TASK_KILLING_STATE" as const]]) {
    it(`ends the task at the last failure in a row, by the kill policy; ${capabilities[0] ?? "without TASK_KILLING"}`, () => {
      const policy = { killPolicy: { gracePeriod: { nanoseconds: 7_000_000_000n } } };
      const { driver, containerId } = run({ ...healthCheck(), ...policy }, { capabilities });
      for (const result of [failed, failed, passed, failed, failed]) look(driver, result);
      assert.deepEqual(driver.of("killContainer"), []);
      look(driver, failed);
      assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 7_000 }]);
      driver.exited(containerId, 143);
      driver.settle();
      const ends = [["TASK_RUNNING", health, false], ...(capabilities.length > 0 ? [["TASK_KILLING", undefined, false]] : [])];
      assert.deepEqual(said(driver).slice(-1 - ends.length), [...ends, ["TASK_KILLED", undefined, false]]);
      assert.equal(driver.lastStatus.message, "command exited with status 143: its health check failed 3 times in a row");
    });
  }

  it("that the agent could not do is neither success nor failure", () => {
    const { driver } = run(healthCheck({ consecutiveFailures: 2 }));
    look(driver, failed);
    look(driver, { kind: "notDone", reason: "no memory" });
    assert.equal(said(driver).length, 2);
    look(driver, failed);
    assert.equal(driver.of("killContainer").length, 1);
  });

  const answers: readonly (readonly [result: ProbeResult, healthy: boolean])[] = [
    [{ kind: "responded", statusCode: 199 }, false],
    [{ kind: "responded", statusCode: 200 }, true],
    [{ kind: "responded", statusCode: 399 }, true],
    [{ kind: "responded", statusCode: 400 }, false],
    [{ kind: "connected" }, true],
    [{ kind: "noAnswer", reason: "ECONNREFUSED" }, false],
    [{ kind: "signalled", signal: 9 }, false],
  ];
  for (const [result, healthy] of answers) {
    it(`takes ${JSON.stringify(result)} for ${healthy ? "healthy" : "unhealthy"}`, () => {
      const { driver } = run(healthCheck());
      look(driver, result);
      assert.equal(driver.lastStatus.extra?.healthy, healthy);
    });
  }

  it("stops at a KILL, and what goes on then is ended and not heard", () => {
    const { driver, containerId } = run(healthCheck({ consecutiveFailures: 1 }));
    const { checkId } = nextLook(driver);
    const effects = driver.kill("t1", 60_000);
    assert.deepEqual(effects[0], { kind: "stopCheck", checkId });
    driver.settle();
    driver.step({ kind: "checkDone", checkId, result: failed });
    driver.nowMs += 20_000;
    driver.step({ kind: "tick" });
    assert.equal(driver.of("startCheck").length, 1);
    driver.exited(containerId, 143);
    driver.settle();
    assert.equal(driver.lastStatus.extra?.healthy, undefined);
  });

  it("stops when the task ends, when its framework is shut down and when the agent leaves", () => {
    const ends: ((running: Running) => void)[] = [
      ({ driver, containerId }) => driver.exited(containerId, 0),
      ({ driver }) => driver.master({ kind: "shutdownFramework", frameworkId }),
      ({ driver }) => driver.step({ kind: "drainNow" }),
    ];
    for (const end of ends) {
      const running = run(healthCheck());
      const { driver } = running;
      const { checkId } = nextLook(driver);
      end(running);
      driver.step({ kind: "checkDone", checkId, result: failed });
      driver.nowMs += 20_000;
      driver.step({ kind: "tick" });
      assert.equal(driver.of("startCheck").length, 1);
      driver.settle();
    }
  });

  it("leaves at most one update of each check waiting behind the one that was sent: the last word", () => {
    const driver = AgentDriver.running({ updateRetryMinMs: 1_000_000 });
    driver.runUntilRunning(task("t1", { info: { ...healthCheck({ consecutiveFailures: 9 }), ...check({ delaySeconds: 3 }) } }));
    for (let round = 0; round < 8; round++) {
      const { checkId, purpose } = nextLook(driver);
      driver.step({ kind: "checkDone", checkId, result: purpose === "check" ? { kind: "exited", code: round } : failed });
      driver.settle();
    }
    assert.equal(driver.sent("statusUpdate").length, 1, "RUNNING is not acknowledged");
    acknowledgeAll(driver);
    const told = driver.sent("statusUpdate").map(({ status }) => [status.reason, status.extra?.checkStatus?.command?.exitCode]);
    assert.deepEqual(told, [
      [undefined, undefined],
      [health, 5],
      ["REASON_TASK_CHECK_STATUS_UPDATED", 7],
    ]);
  });
});

describe("a check", () => {
  const reason = "REASON_TASK_CHECK_STATUS_UPDATED";

  it("is empty in TASK_RUNNING, told when its result changes or disappears, and never ends the task", () => {
    const { driver, containerId } = run(check());
    const exits: ProbeResult[] = [
      failed,
      failed,
      passed,
      { kind: "timedOut" },
      { kind: "timedOut" },
      { kind: "notDone", reason: "" },
      failed,
    ];
    for (const result of exits) look(driver, result);
    driver.exited(containerId, 0);
    driver.settle();
    const told = driver.sent("statusUpdate").map(({ status }) => [status.state, status.reason, status.extra?.checkStatus]);
    const status = (exitCode?: number) => ({ type: CheckInfo_Type.COMMAND, command: exitCode === undefined ? {} : { exitCode } });
    assert.deepEqual(told, [
      ["TASK_RUNNING", undefined, status()],
      ["TASK_RUNNING", reason, status(1)],
      ["TASK_RUNNING", reason, status(0)],
      ["TASK_RUNNING", reason, status()],
      ["TASK_RUNNING", reason, status(1)],
      ["TASK_FINISHED", undefined, status(1)],
    ]);
  });

  const results: readonly (readonly [info: Partial<CheckInfo>, result: ProbeResult, told: object])[] = [
    [{}, { kind: "signalled", signal: 9 }, { type: 1, command: { exitCode: 137 } }],
    [
      { type: CheckInfo_Type.HTTP, http: { port: 1 } },
      { kind: "responded", statusCode: 503 },
      { type: 2, http: { statusCode: 503 } },
    ],
    [{ type: CheckInfo_Type.TCP, tcp: { port: 1 } }, { kind: "connected" }, { type: 3, tcp: { succeeded: true } }],
    [
      { type: CheckInfo_Type.TCP, tcp: { port: 1 } },
      { kind: "noAnswer", reason: "" },
      { type: 3, tcp: { succeeded: false } },
    ],
  ];
  for (const [info, result, told] of results) {
    it(`tells ${JSON.stringify(result)} as ${JSON.stringify(told)}`, () => {
      const { driver } = run(check(info));
      look(driver, result);
      assert.deepEqual(driver.lastStatus.extra?.checkStatus, told);
    });
  }

  it("over HTTP that gets no answer has no result", () => {
    const { driver } = run(check({ type: CheckInfo_Type.HTTP, http: { port: 1 } }));
    look(driver, { kind: "noAnswer", reason: "ECONNREFUSED" });
    assert.equal(said(driver).length, 1, "as empty as in TASK_RUNNING");
  });
});

describe("max_completion_time", () => {
  it("kills the task without grace and without TASK_KILLING, and calls it failed, whatever its exit", () => {
    const { driver, containerId } = run(seconds(4), { capabilities: ["TASK_KILLING_STATE"] });
    const startedAtMs = driver.nowMs;
    driver.tickAtDeadline();
    assert.equal(driver.nowMs, startedAtMs + 4_000);
    driver.settle();
    assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 0 }]);
    driver.exited(containerId, 0);
    driver.settle();
    assert.deepEqual(said(driver), [
      ["TASK_RUNNING", undefined, undefined],
      ["TASK_FAILED", "REASON_MAX_COMPLETION_TIME_REACHED", undefined],
    ]);
  });

  it("says nothing of a task that is being killed: it keeps its grace", () => {
    const { driver, containerId } = run(seconds(4));
    driver.kill("t1", 60_000);
    driver.settle();
    driver.nowMs += 10_000;
    driver.step({ kind: "tick" });
    driver.settle();
    assert.equal(driver.of("killContainer").length, 1);
    driver.exited(containerId, 143);
    driver.settle();
    assert.equal(driver.lastStatus.state, "TASK_KILLED");
  });

  it("counts from the start of the task, also through a restart of the agent", () => {
    const { driver, containerId } = run(seconds(4));
    const startedAtMs = driver.nowMs;
    driver.nowMs += 3_000;
    driver.restart([{ containerId, state: "running" }]);
    assert.deepEqual(driver.of("killContainer"), []);
    driver.nowMs = startedAtMs + 4_000;
    driver.step({ kind: "tick" });
    driver.settle();
    assert.equal(driver.of("killContainer").length, 1);
    driver.connect();
    // The kill is remembered with its reason.
    driver.restart([{ containerId, state: "ended", exit: { kind: "signalled", signal: 9 } }]);
    driver.settle();
    driver.connect();
    assert.equal(driver.lastStatus.reason, "REASON_MAX_COMPLETION_TIME_REACHED");
  });
});

describe("after a restart of the agent", () => {
  const info = { ...healthCheck({ consecutiveFailures: 2, gracePeriodSeconds: 20 }), ...check({ delaySeconds: 1_000 }) };

  it("adopted tasks are looked at again, with the grace of their start and what was found last", () => {
    const running = run(info);
    const { driver, containerId } = running;
    look(driver, passed);
    look(driver, failed);
    restart(running);
    const reported = driver.sent("reregister")[0]?.tasks[0]?.checked;
    assert.deepEqual(reported, { healthy: false, checkStatus: CheckStatusInfo.fromPartial({ type: 1, command: {} }) });
    look(driver, failed);
    assert.deepEqual(driver.of("killContainer"), [], "the failures that the process before saw are not counted on");
    look(driver, failed);
    assert.equal(driver.of("killContainer").length, 1);
    driver.exited(containerId, 143);
    driver.settle();
    assert.equal(driver.lastStatus.extra?.healthy, false);
  });

  it("the grace period of an adopted task does not begin anew", () => {
    const running = run(info);
    const { driver } = running;
    driver.nowMs += 21_000;
    restart(running);
    look(driver, failed);
    assert.equal(driver.lastStatus.extra?.healthy, false);
  });

  it("nothing is looked at of a task that is being killed", () => {
    const { driver, containerId } = run({ ...info, ...seconds(1) });
    driver.kill("t1", 60_000);
    driver.settle();
    driver.restart([{ containerId, state: "running" }]);
    driver.nowMs += 60_000;
    driver.step({ kind: "tick" });
    assert.deepEqual(driver.of("startCheck"), []);
    assert.equal(driver.of("killContainer").length, 1);
  });
});

describe("a task of a group", () => {
  const last = { ...healthCheck({ consecutiveFailures: 1 }), ...seconds(60) };

  it("in the default executor is looked at like any other, and the group falls with it", () => {
    const driver = AgentDriver.running();
    const { t1, t2 } = runGroup(driver, group(["t1", "t2"], { last }));
    assert.ok(t1 !== undefined && t2 !== undefined);
    const { checkId, containerId } = nextLook(driver);
    assert.equal(containerId, t2);
    driver.step({ kind: "checkDone", checkId, result: failed });
    driver.settle();
    assert.deepEqual(killed(driver), [[t2, 3_000]]);
    driver.exited(t2, 143);
    driver.settle();
    assert.deepEqual(killed(driver).at(-1), [t1, 3_000]);
  });

  it("with a program of the framework is looked at by that", () => {
    const driver = AgentDriver.running();
    order(driver, group(["t1"], { isProgram: true, last }));
    driver.settle();
    driver.nowMs += 50_000;
    driver.step({ kind: "tick" });
    assert.deepEqual(driver.of("startCheck"), []);
  });
});
