/**
 * A small world around one agent: a disk, containers that outlive the agent, and a master that admits, launches, kills and
 * acknowledges. Effects are performed one at a time, and the agent can be stopped after any of them: what was not
 * performed, and what was not yet heard of, is lost with the process.
 */

import assert from "node:assert/strict";
import { type AgentCore, createAgent } from "../../../agent/core/agent.ts";
import { agentDefaults } from "../../../agent/core/config.ts";
import type { AgentEffect } from "../../../agent/core/effect.ts";
import type { AgentInput, ContainerExit, RecoveredContainer } from "../../../agent/core/input.ts";
import type { AgentToMaster, MasterToAgent, TaskToRun } from "../../../agent/core/master-message.ts";
import { decodeCheckpointRecord, encodeCheckpointRecord } from "../../../agent/wire/checkpoint-codec.ts";
import { type ContainerId, type LinkId, Uuid } from "../../../common/ids.ts";
import { isTerminal, type TaskState } from "../../../common/task-state.ts";
import type { TaskStatus } from "../../../common/task-status.ts";
import { agentId, given, leader } from "./agent-driver.ts";

/** What the scripted life of the task is. */
export interface Life {
  readonly order: TaskToRun;
  /** How the task ends by itself once the master has seen it running; undefined when it has to be killed. */
  readonly exit: ContainerExit | undefined;
  /** When the master orders the kill. */
  readonly kill: "never" | "with the launch" | "when running";
  readonly launchFails?: boolean;
}

type Container = { state: "running" } | { state: "ended"; exit: ContainerExit };

const stepsMax = 2_000;

export class CrashWorld {
  readonly life: Life;
  readonly disk = new Map<string, Uint8Array>();
  readonly containers = new Map<ContainerId, Container>();
  readonly launches: ContainerId[] = [];
  /** Distinct updates in the order in which the master first saw them. */
  readonly seen: TaskStatus[] = [];
  readonly acknowledged = new Set<Uuid>();
  /** Updates that came again although their acknowledgement had been delivered to the same process of the agent. */
  readonly resentAfterAcknowledgement: Uuid[] = [];
  performed = 0;
  #agent: AgentCore | undefined;
  #starts = 0;
  #nowMs = 0;
  #linkId: LinkId | undefined;
  #inputs: AgentInput[] = [];
  #effects: AgentEffect[] = [];
  #deliveredToThisProcess = new Set<Uuid>();
  #isOrdered = false;
  #isKillOrdered = false;

  constructor(life: Life) {
    this.life = life;
  }

  /** The state that the master believes in: terminal ones stay. */
  get state(): TaskState | undefined {
    return this.seen.at(-1)?.state;
  }

  get isOver(): boolean {
    return this.state !== undefined && isTerminal(this.state);
  }

  start(): void {
    this.#starts += 1;
    this.#agent = createAgent({
      ...agentDefaults,
      newCredential: Uuid("c0".repeat(16)),
      resources: [],
      given,
      bootId: "boot 1",
      seed: `${this.life.order.taskId} start ${this.#starts}`,
    });
    this.#effects = [];
    this.#deliveredToThisProcess = new Set();
    const records = [...this.disk].map(([key, bytes]) => {
      const decoded = decodeCheckpointRecord(key, bytes);
      assert.ok(decoded.ok);
      return decoded.value;
    });
    const containers = [...this.containers].map(([containerId, container]): RecoveredContainer => ({ containerId, ...container }));
    this.#inputs = [
      { kind: "recovered", records, containers },
      { kind: "leaderDetected", leader },
    ];
  }

  /** Goes on until nothing is left to do, or until `crashAt` effects were performed since the beginning; then the agent starts again. */
  run(crashAts: readonly number[] = []): void {
    const pending = [...crashAts];
    this.start();
    for (let step = 0; step < stepsMax; step++) {
      if (this.performed === pending[0]) {
        pending.shift();
        this.start();
      }
      const effect = this.#effects.shift();
      if (effect !== undefined) {
        this.performed += 1;
        this.#perform(effect);
        continue;
      }
      if (this.isOver && this.#inputs.length === 0 && pending.length === 0 && this.#isSettled()) return;
      this.#next();
    }
    assert.fail(`the task's life did not end within ${stepsMax} steps; last state ${this.state}`);
  }

  #isSettled(): boolean {
    return this.#agent?.describe().taskCount === 0 && this.containers.size === 0;
  }

  #next(): void {
    const agent = this.#agent;
    assert.ok(agent !== undefined);
    let input = this.#inputs.shift();
    if (input === undefined) {
      const deadlineMs = agent.nextDeadlineMs();
      assert.ok(deadlineMs !== undefined, "the agent waits for something");
      this.#nowMs = Math.max(this.#nowMs, deadlineMs);
      // A master that is there pings in time.
      if (this.#linkId !== undefined) this.#say({ kind: "ping", number: 1, connected: true });
      this.#inputs.push({ kind: "tick" });
      input = this.#inputs.shift();
    }
    assert.ok(input !== undefined);
    if (input.kind === "masterMessage" && input.message.kind === "acknowledge") this.#deliveredToThisProcess.add(input.message.uuid);
    this.#effects.push(...agent.step(input, { nowMs: this.#nowMs, wallMs: 1_700_000_000_000 + this.#nowMs }));
    agent.checkInvariants();
  }

  #perform(effect: AgentEffect): void {
    switch (effect.kind) {
      case "openLink":
        this.#linkId = effect.linkId;
        this.#inputs.push({ kind: "linkOpened", linkId: effect.linkId });
        break;
      case "sendToMaster":
        this.#hear(effect.message);
        break;
      case "checkpoint":
        for (const change of effect.changes) {
          if (change.kind === "put") this.disk.set(change.key, encodeCheckpointRecord(change.record));
          else this.disk.delete(change.key);
        }
        this.#inputs.push({ kind: "checkpointed", batch: effect.batch });
        break;
      case "launchContainer":
        this.#launch(effect.spec.containerId);
        break;
      case "killContainer":
        this.#end(effect.containerId, { kind: "signalled", signal: 15 });
        break;
      case "removeContainer":
        this.containers.delete(effect.containerId);
        break;
      case "exit":
        assert.fail(`the agent exits: ${effect.reason}`);
    }
  }

  #launch(containerId: ContainerId): void {
    this.launches.push(containerId);
    if (this.life.launchFails === true) {
      this.#inputs.push({ kind: "containerFailed", containerId, reason: "out of processes" });
      return;
    }
    this.containers.set(containerId, { state: "running" });
    this.#inputs.push({ kind: "containerStarted", containerId });
  }

  #end(containerId: ContainerId, exit: ContainerExit): void {
    if (this.containers.get(containerId)?.state !== "running") return;
    this.containers.set(containerId, { state: "ended", exit });
    this.#inputs.push({ kind: "containerExited", containerId, exit });
  }

  #say(message: MasterToAgent): void {
    if (this.#linkId !== undefined) this.#inputs.push({ kind: "masterMessage", linkId: this.#linkId, message });
  }

  #hear(message: AgentToMaster): void {
    if (message.kind === "register") {
      this.#say({ kind: "registered", agentId, pingTimeoutMs: 75_000 });
      // An agent without an id cannot have taken anything over: a new one gets a new order.
      this.#isOrdered = false;
      this.#orderOnce();
    } else if (message.kind === "reregister") {
      const { frameworkId, taskId } = this.life.order;
      const isMissing = this.#isOrdered && !this.isOver && message.tasks.length === 0;
      this.#say({
        kind: "reregistered",
        agentId,
        pingTimeoutMs: 75_000,
        reconcile: isMissing ? [{ frameworkId, taskId }] : [],
        reconcileOperations: [],
      });
      if (this.#isKillOrdered && !this.isOver) this.#sayKill();
      this.#orderOnce();
    } else if (message.kind === "statusUpdate") this.#hearUpdate(message.status);
  }

  #orderOnce(): void {
    if (this.#isOrdered) return;
    this.#isOrdered = true;
    this.#say({ kind: "runTask", task: this.life.order });
    if (this.life.kill === "with the launch") this.#sayKill();
  }

  #sayKill(): void {
    this.#isKillOrdered = true;
    const { frameworkId, taskId } = this.life.order;
    this.#say({ kind: "killTask", frameworkId, taskId, graceMs: 0 });
  }

  #hearUpdate(status: TaskStatus): void {
    const { uuid } = status;
    assert.ok(uuid !== undefined);
    if (this.#deliveredToThisProcess.has(uuid)) this.resentAfterAcknowledgement.push(uuid);
    const first = this.seen.find((one) => one.uuid === uuid);
    if (first !== undefined) assert.deepEqual(status, first, "a redelivered update is the same in all fields");
    else {
      const unacknowledged = this.seen.filter((one) => one.uuid !== undefined && !this.acknowledged.has(one.uuid));
      assert.deepEqual(unacknowledged, [], "the next update comes after the acknowledgement of the one before");
      this.seen.push(status);
      if (status.state === "TASK_RUNNING") this.#onRunning();
    }
    this.acknowledged.add(uuid);
    this.#say({ kind: "acknowledge", frameworkId: this.life.order.frameworkId, taskId: status.taskId, uuid });
  }

  #onRunning(): void {
    if (this.life.kill === "when running") this.#sayKill();
    const { exit } = this.life;
    if (exit !== undefined) for (const containerId of this.containers.keys()) this.#end(containerId, exit);
  }
}
