/**
 * The schedule against a model, with arbitrary times and answers: every look starts exactly when the model says, none runs beside
 * another of its check, and the updates are those of the model.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { agentLimits } from "../../../../agent/core/limits.ts";
import { HealthCheck, HealthCheck_Type } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { run, said } from "./checked-task.ts";

/** How a look ends, and after how long; `late` ones are given up before. */
interface Answer {
  readonly passes: boolean;
  readonly tookMs: number;
}

interface Times {
  readonly delayMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly gracePeriodMs: number;
  readonly failuresMax: number;
}

const times: fc.Arbitrary<Times> = fc.record({
  delayMs: fc.integer({ min: 0, max: 5_000 }),
  intervalMs: fc.integer({ min: 0, max: 3_000 }),
  timeoutMs: fc.integer({ min: 1, max: 2_000 }),
  gracePeriodMs: fc.constantFrom(0, 1_000, 6_000),
  failuresMax: fc.integer({ min: 0, max: 4 }),
});
const answers: fc.Arbitrary<readonly Answer[]> = fc.array(fc.record({ passes: fc.boolean(), tookMs: fc.integer({ min: 0, max: 2_500 }) }), {
  maxLength: 12,
});

interface Expected {
  readonly startsAtMs: readonly number[];
  readonly healthy: readonly boolean[];
  readonly isKilled: boolean;
}

/** Instants count from the start of the task. */
function model({ delayMs, intervalMs, timeoutMs, gracePeriodMs, failuresMax }: Times, looks: readonly Answer[]): Expected {
  const startsAtMs: number[] = [];
  const healthy: boolean[] = [];
  let nextAtMs = delayMs;
  let row = 0;
  for (const { passes, tookMs } of looks) {
    startsAtMs.push(nextAtMs);
    const endAtMs = nextAtMs + Math.min(tookMs, timeoutMs);
    const isSuccess = passes && tookMs < timeoutMs;
    nextAtMs = endAtMs + Math.max(intervalMs, agentLimits.checkIntervalMinMs);
    if (isSuccess) {
      row = 0;
      if (healthy.at(-1) !== true) healthy.push(true);
    } else if (healthy.length > 0 || gracePeriodMs === 0 || endAtMs > gracePeriodMs) {
      row += 1;
      healthy.push(false);
      if (row >= failuresMax) return { startsAtMs, healthy, isKilled: true };
    }
  }
  return { startsAtMs, healthy, isKilled: false };
}

function healthCheck({ delayMs, intervalMs, timeoutMs, gracePeriodMs, failuresMax }: Times): HealthCheck {
  return HealthCheck.fromPartial({
    type: HealthCheck_Type.COMMAND,
    command: { value: "look" },
    delaySeconds: delayMs / 1_000,
    intervalSeconds: intervalMs / 1_000,
    timeoutSeconds: timeoutMs / 1_000,
    gracePeriodSeconds: gracePeriodMs / 1_000,
    consecutiveFailures: failuresMax,
  });
}

/** The same through the agent's core: time moves in steps of 1 ms at most to what is due. */
function play(spec: Times, looks: readonly Answer[]): Expected {
  const { driver } = run({ healthCheck: healthCheck(spec) });
  const startedAtMs = driver.nowMs;
  const startsAtMs: number[] = [];
  let seen = 0;
  for (const { passes, tookMs } of looks) {
    while (driver.of("startCheck").length === seen && driver.of("killContainer").length === 0) driver.tickAtDeadline();
    const look = driver.of("startCheck").at(-1);
    if (look === undefined || driver.of("killContainer").length > 0) break;
    seen += 1;
    startsAtMs.push(driver.nowMs - startedAtMs);
    const endAtMs = driver.nowMs + tookMs;
    while ((driver.agent.nextDeadlineMs() ?? Number.POSITIVE_INFINITY) <= endAtMs && driver.of("stopCheck").length === 0) {
      driver.tickAtDeadline();
    }
    if (driver.of("stopCheck").length === 0) {
      driver.nowMs = endAtMs;
      driver.step({ kind: "checkDone", checkId: look.checkId, result: { kind: "exited", code: passes ? 0 : 1 } });
    }
    driver.settle();
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
    driver.effects = driver.effects.filter((effect) => effect.kind !== "stopCheck");
  }
  const healthy = said(driver).flatMap(([, reason, isHealthy]) =>
    reason !== undefined && isHealthy !== undefined ? [isHealthy === true] : [],
  );
  return { startsAtMs, healthy, isKilled: driver.of("killContainer").length > 0 };
}

describe("the schedule of a health check", () => {
  it("is that of its model, whatever the times and the answers", () => {
    fc.assert(
      fc.property(times, answers, (spec, looks) => assert.deepEqual(play(spec, looks), model(spec, looks))),
      { numRuns: 200 },
    );
  });
});
