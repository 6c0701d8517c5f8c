/**
 * Plays the shell around an agent's core, one input at a time. A checkpoint becomes durable only when the test says so, so
 * that a test can look at, or stop the agent at, any moment between. Records pass through their codec, as in production.
 */

import assert from "node:assert/strict";
import { type AgentCore, createAgent } from "../../../agent/core/agent.ts";
import type { CheckpointRecord } from "../../../agent/core/checkpoint-record.ts";
import { type AgentConfig, agentDefaults } from "../../../agent/core/config.ts";
import type { AgentConfiguration } from "../../../agent/core/configuration.ts";
import type { AgentEffect } from "../../../agent/core/effect.ts";
import type { AgentInput, RecoveredContainer } from "../../../agent/core/input.ts";
import type { AgentToMaster, MasterToAgent, TaskToRun } from "../../../agent/core/master-message.ts";
import { decodeCheckpointRecord, encodeCheckpointRecord } from "../../../agent/wire/checkpoint-codec.ts";
import { toTaskToRun } from "../../../agent/wire/task-to-run.ts";
import { AgentId, type ContainerId, FrameworkId, type LinkId, TaskId, Uuid } from "../../../common/ids.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { FrameworkInfo, FrameworkInfo_Capability_Type, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";

/** Of the agent under test. */
export const credential = Uuid("c0".repeat(16));

export const agentId = AgentId("M1-S0");
export const frameworkId = FrameworkId("M1-0000");
export const leader = { hostname: "master-1", grpcPort: 6050 };

type EffectOf<Kind extends AgentEffect["kind"]> = Extract<AgentEffect, { readonly kind: Kind }>;
type MessageOf<Kind extends AgentToMaster["kind"]> = Extract<AgentToMaster, { readonly kind: Kind }>;
type Capability = "PARTITION_AWARE" | "TASK_KILLING_STATE";

export function frameworkInfo(capabilities: readonly Capability[] = []): FrameworkInfo {
  return FrameworkInfo.fromPartial({
    id: { value: frameworkId },
    name: "test",
    user: "nobody",
    checkpoint: true,
    capabilities: capabilities.map((name) => ({ type: FrameworkInfo_Capability_Type[name] })),
  });
}

/** A task that sleeps, with anything of its TaskInfo replaced. */
export function task(
  id: string,
  { info = {}, capabilities = [] }: { info?: Partial<TaskInfo>; capabilities?: Capability[] } = {},
): TaskToRun {
  const base = TaskInfo.fromPartial({
    name: `name of ${id}`,
    taskId: { value: id },
    agentId: { value: agentId },
    command: { value: "sleep 1" },
  });
  const decoded = toTaskToRun(frameworkInfo(capabilities), { ...base, ...info });
  assert.ok(decoded.ok);
  return decoded.value;
}

/** What the operator gave the agent. */
export const given: AgentConfiguration = { hostname: "host", port: 6051, domain: undefined, attributes: [], resources: [] };

export class AgentDriver {
  nowMs = 10_000;
  readonly disk = new Map<string, Uint8Array>();
  readonly config: AgentConfig;
  agent: AgentCore;
  /** Everything emitted since the start; logs, volumes and changes of limits excluded. */
  effects: AgentEffect[] = [];
  logs: EffectOf<"log">[] = [];
  /** Of containers that run, in the order in which they were told. */
  limits: EffectOf<"limitContainer">[] = [];
  /** Those that the agent keeps, since it said so last. */
  volumes: EffectOf<"keepVolumes">["volumes"] | undefined;
  #inFlight: EffectOf<"checkpoint"> | undefined;
  #starts = 1;

  constructor(overrides: Partial<AgentConfig> = {}) {
    this.config = { ...agentDefaults, seed: "start 1", newCredential: credential, resources: [], given, bootId: "boot 1", ...overrides };
    this.agent = createAgent(this.config);
  }

  /** An agent that has its id and runs. */
  static running(overrides: Partial<AgentConfig> = {}): AgentDriver {
    const driver = new AgentDriver(overrides);
    driver.recover();
    driver.connect();
    driver.settle();
    driver.effects = [];
    return driver;
  }

  /** Takes one input; answers what was emitted, logs excluded. */
  step(input: AgentInput): AgentEffect[] {
    const all = this.agent.step(input, { nowMs: this.nowMs, wallMs: 1_700_000_000_000 + this.nowMs });
    this.agent.checkInvariants();
    const effects = all.filter(({ kind }) => kind !== "log" && kind !== "keepVolumes" && kind !== "limitContainer");
    for (const effect of all) if (effect.kind === "keepVolumes") this.volumes = effect.volumes;
    this.limits.push(...all.filter((effect) => effect.kind === "limitContainer"));
    this.logs.push(...all.filter((effect) => effect.kind === "log"));
    for (const effect of effects) {
      if (effect.kind !== "checkpoint") continue;
      assert.equal(this.#inFlight, undefined, "one batch is in flight at a time");
      this.#inFlight = effect;
    }
    this.effects.push(...effects);
    return effects;
  }

  get isCheckpointInFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Makes the batch in flight durable without telling the agent. */
  write(): number {
    const batch = this.#inFlight;
    assert.ok(batch !== undefined, "a checkpoint is in flight");
    this.#inFlight = undefined;
    for (const change of batch.changes) {
      if (change.kind === "put") this.disk.set(change.key, encodeCheckpointRecord(change.record));
      else this.disk.delete(change.key);
    }
    return batch.batch;
  }

  /** Makes the batch in flight durable. */
  confirm(): AgentEffect[] {
    return this.step({ kind: "checkpointed", batch: this.write() });
  }

  /** Makes everything durable. */
  settle(): void {
    while (this.#inFlight !== undefined) this.confirm();
  }

  get records(): CheckpointRecord[] {
    return [...this.disk].map(([key, bytes]) => {
      const decoded = decodeCheckpointRecord(key, bytes);
      assert.ok(decoded.ok);
      return decoded.value;
    });
  }

  /** Gives the agent its first input. */
  recover(containers: readonly RecoveredContainer[] = []): AgentEffect[] {
    return this.step({ kind: "recovered", records: this.records, containers });
  }

  /** The process dies and a new one starts with what is on the disk, perhaps with other flags; `signals` come before that is read. */
  restart(
    containers: readonly RecoveredContainer[] = [],
    changed: Partial<AgentConfig> = {},
    signals: readonly "drainNow"[] = [],
  ): AgentEffect[] {
    this.#inFlight = undefined;
    this.#starts += 1;
    this.agent = createAgent({ ...this.config, ...changed, seed: `start ${this.#starts}` });
    this.effects = [];
    this.limits = [];
    for (const kind of signals) this.step({ kind });
    return this.recover(containers);
  }

  /** From no link to a registration that the master answered. */
  connect(answer: { reconcile?: readonly TaskToRun[] } = {}): void {
    this.step({ kind: "leaderDetected", leader });
    this.openLink();
    this.master(this.answerTo(answer.reconcile ?? []));
  }

  answerTo(reconcile: readonly TaskToRun[] = []): MasterToAgent {
    const pingTimeoutMs = 75_000;
    const keys = reconcile.map((one) => ({ frameworkId: one.frameworkId, taskId: one.taskId }));
    return this.sent("reregister").length > 0
      ? { kind: "reregistered", agentId, pingTimeoutMs, reconcile: keys, reconcileOperations: [] }
      : { kind: "registered", agentId, pingTimeoutMs };
  }

  /** Waits for the agent to open a link, and opens it. */
  openLink(): LinkId {
    const before = this.of("openLink").length;
    this.tickAtDeadline();
    assert.equal(this.of("openLink").length, before + 1, "a link is opened");
    this.step({ kind: "linkOpened", linkId: this.linkId });
    return this.linkId;
  }

  get linkId(): LinkId {
    const open = this.of("openLink").at(-1);
    if (open !== undefined) this.#linkId = open.linkId;
    assert.ok(this.#linkId !== undefined, "a link was opened");
    return this.#linkId;
  }
  #linkId: LinkId | undefined;

  tickAtDeadline(): AgentEffect[] {
    const deadlineMs = this.agent.nextDeadlineMs();
    assert.ok(deadlineMs !== undefined, "the agent waits for time");
    this.nowMs = Math.max(this.nowMs, deadlineMs);
    return this.step({ kind: "tick" });
  }

  master(message: MasterToAgent): AgentEffect[] {
    return this.step({ kind: "masterMessage", linkId: this.linkId, message });
  }

  run(order: TaskToRun): AgentEffect[] {
    return this.master({ kind: "runTask", task: order });
  }

  /** Runs a task up to its durable, forwarded TASK_RUNNING. */
  runUntilRunning(order: TaskToRun): ContainerId {
    this.run(order);
    this.settle();
    const containerId = this.containerOf(order);
    this.step({ kind: "containerStarted", containerId });
    this.settle();
    return containerId;
  }

  containerOf(order: TaskToRun): ContainerId {
    const launch = this.of("launchContainer").find(({ spec }) => spec.task?.taskId === order.taskId);
    assert.ok(launch !== undefined, `${order.taskId} is launched`);
    return launch.spec.containerId;
  }

  kill(id: string, graceMs?: number): AgentEffect[] {
    return this.master({ kind: "killTask", frameworkId, taskId: TaskId(id), graceMs });
  }

  acknowledge(id: string, uuid: Uuid | undefined): AgentEffect[] {
    assert.ok(uuid !== undefined);
    return this.master({ kind: "acknowledge", frameworkId, taskId: TaskId(id), uuid });
  }

  exited(containerId: ContainerId, code: number): AgentEffect[] {
    return this.step({ kind: "containerExited", containerId, exit: { kind: "exited", code } });
  }

  of<Kind extends AgentEffect["kind"]>(kind: Kind): EffectOf<Kind>[] {
    return this.effects.filter((effect): effect is EffectOf<Kind> => effect.kind === kind);
  }

  sent<Kind extends AgentToMaster["kind"]>(kind: Kind): MessageOf<Kind>[] {
    return this.of("sendToMaster")
      .map((effect) => effect.message)
      .filter((message): message is MessageOf<Kind> => message.kind === kind);
  }

  /** States of the updates sent since the start, in order. */
  get sentStates(): TaskState[] {
    return this.sent("statusUpdate").map((message) => message.status.state);
  }

  get lastStatus(): MessageOf<"statusUpdate">["status"] {
    const message = this.sent("statusUpdate").at(-1);
    assert.ok(message !== undefined, "an update was sent");
    return message.status;
  }
}
