/** An agent's core with one executor, as tests of executors want it: launched, subscribed, spoken with. */

import assert from "node:assert/strict";
import type { AgentEffect } from "../../../agent/core/effect.ts";
import type { ExecutorEvent, ExecutorUpdate } from "../../../agent/core/executor-message.ts";
import type { TaskToRun } from "../../../agent/core/master-message.ts";
import { type ContainerId, ExecutorId, StreamId, TaskId, Uuid } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { ExecutorInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { type AgentDriver, frameworkId, task } from "./agent-driver.ts";

export const executorId = ExecutorId("E");

/** A task of executor "E". */
export function executorTask(id: string, fields: { launches?: boolean; partitionAware?: boolean; graceMs?: number } = {}): TaskToRun {
  const { launches, partitionAware = true, graceMs } = fields;
  const executor = ExecutorInfo.fromPartial({
    executorId: { value: executorId },
    command: { value: "executor" },
    shutdownGracePeriod: graceMs === undefined ? undefined : { nanoseconds: BigInt(graceMs) * 1_000_000n },
  });
  const order = task(id, { info: { command: undefined, executor }, capabilities: partitionAware ? ["PARTITION_AWARE"] : [] });
  return launches === undefined ? order : { ...order, launchesExecutor: launches };
}

export class ExecutorPeer {
  readonly driver: AgentDriver;
  streamId: StreamId | undefined;
  #streams = 0;
  #calls = 0;

  constructor(driver: AgentDriver) {
    this.driver = driver;
  }

  /** The container that the agent ordered last for an executor. */
  get containerId(): ContainerId {
    const launch = this.driver.of("launchContainer").findLast(({ spec }) => spec.task === undefined);
    assert.ok(launch !== undefined, "an executor is launched");
    return launch.spec.containerId;
  }

  /** Launches tasks of the executor, starts its container, and subscribes it. */
  start(...orders: readonly TaskToRun[]): ContainerId {
    for (const order of orders) this.driver.run(order);
    this.driver.settle();
    const { containerId } = this;
    this.driver.step({ kind: "containerStarted", containerId });
    this.subscribe();
    this.driver.settle();
    return containerId;
  }

  subscribe(more: { updates?: readonly ExecutorUpdate[]; tasks?: readonly string[] } = {}): AgentEffect[] {
    this.#streams += 1;
    this.streamId = StreamId(`stream-${this.#streams}-${Math.floor(this.driver.nowMs)}`);
    const { updates = [], tasks = [] } = more;
    const subscription = { frameworkId, executorId, updates, taskIds: tasks.map((id) => TaskId(id)) };
    return this.driver.step({ kind: "executorSubscribe", streamId: this.streamId, subscription });
  }

  /** Says a state of a task; answers the refusal. */
  say(update: ExecutorUpdate, streamId = this.streamId): Refusal | undefined {
    this.#calls += 1;
    const callId = this.#calls;
    const effects = this.driver.step({ kind: "executorCall", callId, frameworkId, executorId, streamId, call: { kind: "update", update } });
    const reply = effects.find((effect) => effect.kind === "replyToExecutor");
    assert.ok(reply !== undefined && reply.callId === callId, "the call is answered");
    return reply.refusal;
  }

  /** What the executor heard since the start, heartbeats excluded. */
  get events(): ExecutorEvent[] {
    return this.driver.of("sendToExecutor").map(({ event }) => event);
  }

  heard<Kind extends ExecutorEvent["kind"]>(kind: Kind): Extract<ExecutorEvent, { readonly kind: Kind }>[] {
    return this.events.filter((event): event is Extract<ExecutorEvent, { readonly kind: Kind }> => event.kind === kind);
  }
}

let uuids = 0;

export function update(id: string, state: TaskState): ExecutorUpdate {
  uuids += 1;
  const uuid = Uuid(uuids.toString(16).padStart(32, "0"));
  return { taskId: TaskId(id), uuid, state, reason: undefined, message: undefined, timestampMs: 1, extra: undefined };
}
