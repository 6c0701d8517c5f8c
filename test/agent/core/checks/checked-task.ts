/** A task with checks on an agent's core, look by look, for tests. */

import assert from "node:assert/strict";
import type { ProbeResult } from "../../../../agent/core/checks/check-spec.ts";
import type { AgentEffect } from "../../../../agent/core/effect.ts";
import type { TaskToRun } from "../../../../agent/core/master-message.ts";
import type { ContainerId } from "../../../../common/ids.ts";
import { CheckInfo, CheckInfo_Type, HealthCheck, HealthCheck_Type, type TaskInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, leader, task } from "../agent-driver.ts";

export type StartCheck = Extract<AgentEffect, { readonly kind: "startCheck" }>;

const times = { delaySeconds: 2, intervalSeconds: 5, timeoutSeconds: 1 };
export const passed: ProbeResult = { kind: "exited", code: 0 };
export const failed: ProbeResult = { kind: "exited", code: 1 };

export function healthCheck(more: Partial<HealthCheck> = {}): Partial<TaskInfo> {
  const base = { ...times, gracePeriodSeconds: 0, consecutiveFailures: 3, type: HealthCheck_Type.COMMAND, command: { value: "look" } };
  return { healthCheck: HealthCheck.fromPartial({ ...base, ...more }) };
}

export function check(more: Partial<CheckInfo> = {}): Partial<TaskInfo> {
  return { check: CheckInfo.fromPartial({ ...times, type: CheckInfo_Type.COMMAND, command: { command: { value: "look" } }, ...more }) };
}

export function seconds(value: number): Partial<TaskInfo> {
  return { maxCompletionTime: { nanoseconds: BigInt(value * 1_000) * 1_000_000n } };
}

export interface Running {
  readonly driver: AgentDriver;
  readonly containerId: ContainerId;
  readonly order: TaskToRun;
}

/** A task that runs and whose TASK_RUNNING is acknowledged. */
export function run(info: Partial<TaskInfo>, capabilities: Parameters<typeof task>[1] = {}): Running {
  const driver = AgentDriver.running();
  const order = task("t1", { info, ...capabilities });
  const containerId = driver.runUntilRunning(order);
  acknowledgeAll(driver);
  return { driver, containerId, order };
}

/** Acknowledges until the stream of t1 is empty. */
export function acknowledgeAll(driver: AgentDriver): void {
  for (let seen = -1; seen !== driver.sent("statusUpdate").length; ) {
    seen = driver.sent("statusUpdate").length;
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.settle();
  }
}

/** Waits for the next look; answers it. Other deadlines may come before. */
export function nextLook(driver: AgentDriver): StartCheck {
  const before = driver.of("startCheck").length;
  for (let ticks = 0; ticks < 10 && driver.of("startCheck").length === before; ticks++) driver.tickAtDeadline();
  const looks = driver.of("startCheck");
  assert.equal(looks.length, before + 1, "a look starts");
  const look = looks.at(-1);
  assert.ok(look !== undefined);
  return look;
}

/** The agent dies and comes back to its master; the task lives. */
export function restart({ driver, containerId }: Running): void {
  driver.restart([{ containerId, state: "running" }]);
  driver.step({ kind: "leaderDetected", leader });
  while (driver.of("openLink").length === 0) driver.tickAtDeadline();
  driver.step({ kind: "linkOpened", linkId: driver.linkId });
  driver.master(driver.answerTo());
}

const answered = new WeakSet<StartCheck>();

/** One look with its result; everything that follows is durable and acknowledged. */
export function look(driver: AgentDriver, result: ProbeResult): void {
  const begun = driver.of("startCheck").at(-1);
  const { checkId } = begun !== undefined && !answered.has(begun) ? begun : nextLook(driver);
  for (const one of driver.of("startCheck")) answered.add(one);
  driver.step({ kind: "checkDone", checkId, result });
  driver.settle();
  if (driver.sent("statusUpdate").length > 0) acknowledgeAll(driver);
}

export function said(driver: AgentDriver): (string | boolean | undefined)[][] {
  return driver.sent("statusUpdate").map(({ status }) => [status.state, status.reason, status.extra?.healthy]);
}

export const health = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
