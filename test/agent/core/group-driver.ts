/** Groups of tasks as tests of the agent's core want them: decoded as the master sends them, and played until all of them run. */

import assert from "node:assert/strict";
import type { TaskGroupToRun } from "../../../agent/core/master-message.ts";
import { decodeRunTaskGroup } from "../../../agent/wire/decode-task-group.ts";
import { type ContainerId, ExecutorId, TaskId } from "../../../common/ids.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { ExecutorInfo, ExecutorInfo_Type, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { type AgentDriver, agentId, frameworkId, frameworkInfo } from "./agent-driver.ts";

export const executorId = ExecutorId("E");

export interface GroupFields {
  /** Of the whole group; the default executor unless told otherwise. */
  readonly isProgram?: boolean;
  readonly launches?: boolean;
  /** Of each task. */
  readonly graceMs?: number;
  readonly shutdownGraceMs?: number;
  readonly partitionAware?: boolean;
  /** Replaces fields of the last task. */
  readonly last?: Partial<TaskInfo>;
}

/** A group of sleeping tasks in executor "E". */
export function group(ids: readonly string[], fields: GroupFields = {}): TaskGroupToRun {
  const { isProgram = false, launches, graceMs, shutdownGraceMs, partitionAware = true, last = {} } = fields;
  const executor = ExecutorInfo.fromPartial({
    executorId: { value: executorId },
    type: isProgram ? ExecutorInfo_Type.CUSTOM : ExecutorInfo_Type.DEFAULT,
    command: isProgram ? { value: "executor" } : undefined,
    frameworkId: { value: frameworkId },
    shutdownGracePeriod: nanoseconds(shutdownGraceMs),
  });
  const tasks = ids.map((id, index) =>
    TaskInfo.fromPartial({
      name: `name of ${id}`,
      taskId: { value: id },
      agentId: { value: agentId },
      command: isProgram ? undefined : { value: "sleep 1" },
      killPolicy: graceMs === undefined ? undefined : { gracePeriod: nanoseconds(graceMs) },
      ...(index === ids.length - 1 ? last : {}),
    }),
  );
  const framework = frameworkInfo(partitionAware ? ["PARTITION_AWARE"] : []);
  const decoded = decodeRunTaskGroup({ framework, executor, tasks, launchExecutor: launches });
  assert.ok(decoded.ok && decoded.value.kind === "runTaskGroup");
  return decoded.value.group;
}

function nanoseconds(ms: number | undefined): { nanoseconds: bigint } | undefined {
  return ms === undefined ? undefined : { nanoseconds: BigInt(ms) * 1_000_000n };
}

export function order(driver: AgentDriver, toRun: TaskGroupToRun): void {
  driver.master({ kind: "runTaskGroup", group: toRun });
}

/** Launches a group and starts each of its containers; answers these by task. */
export function runGroup(driver: AgentDriver, toRun: TaskGroupToRun): Readonly<Record<string, ContainerId>> {
  order(driver, toRun);
  driver.settle();
  const containers = Object.fromEntries(toRun.tasks.map((task) => [task.taskId, driver.containerOf(task)]));
  for (const containerId of Object.values(containers)) driver.step({ kind: "containerStarted", containerId });
  driver.settle();
  return containers;
}

/** Acknowledges the updates of a task until it has said the state, or nothing more. */
export function acknowledgeAll(driver: AgentDriver, ...ids: readonly string[]): void {
  for (const id of ids) {
    for (;;) {
      const head = driver.sent("statusUpdate").findLast(({ status }) => status.taskId === id);
      if (head === undefined || driver.acknowledge(id, head.status.uuid).length === 0) break;
      driver.settle();
    }
  }
}

/** The newest state that was said of each task, with its reason. */
export function lastStates(driver: AgentDriver): Readonly<Record<string, TaskState>> {
  return Object.fromEntries(driver.sent("statusUpdate").map(({ status }) => [status.taskId, status.state]));
}

/** Which containers are told to end, with their grace. */
export function killed(driver: AgentDriver): [ContainerId, number][] {
  return driver.of("killContainer").map(({ containerId, graceMs }) => [containerId, graceMs]);
}

export const key = (id: string) => ({ frameworkId, taskId: TaskId(id) });
