/**
 * A simulated executor: a program of a framework that runs tasks as their data says, writes the ledger for each, comes back when its
 * agent was away, and repeats what the agent has not acknowledged.
 */

import { encodeMessage } from "../../common/encode-message.ts";
import { uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { Call, Call_Type, Event, Event_Type } from "../../protos/gen/mesos/v1/executor/executor.ts";
import { type TaskInfo, TaskState, TaskStatus, TaskStatus_Source } from "../../protos/gen/mesos/v1/mesos.ts";
import type { TaskPlan } from "../cluster.ts";
import type { ExecutorConnection, ExecutorPort } from "./executor-port.ts";
import type { Simulator } from "./simulator.ts";
import { toPlan } from "./task-program.ts";

/** The agent gives its executors two seconds to come back. */
const reconnectMinMs = 20;
const reconnectMaxMs = 400;
const updateRetryMs = 1_000;
/** Where neither the kill nor the task names a grace. */
const killGraceDefaultMs = 3_000;
/** Within the agent's grace, so that the last words arrive. */
const shutdownMaxMs = 2_000;
/** What a shell says of a program that SIGTERM ended. */
const sigtermExitCode = 143;

export interface ExecutorHost {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly simulator: Simulator;
  readonly port: ExecutorPort;
  readonly beatIntervalMs: number;
  /** Whether it waits for an agent that is away. */
  readonly checkpoint: boolean;
  /** A name for the process of one more task. */
  newProcess(): string;
  writeLedger(line: "start" | "beat" | "end", task: { taskId: string; process: string; exitCode?: number }): void;
  /** The executor ends by itself. */
  exit(code: number): void;
}

interface RunningTask {
  readonly taskId: string;
  readonly process: string;
  readonly plan: TaskPlan;
  readonly graceMs: number;
  isKilled: boolean;
}

export class SimExecutor {
  readonly #host: ExecutorHost;
  readonly #tasks = new Map<string, RunningTask>();
  /** By uuid, oldest first. */
  readonly #updates = new Map<string, TaskStatus>();
  readonly #unacknowledgedTasks = new Map<string, TaskInfo>();
  #connection: ExecutorConnection | undefined;
  #isSubscribed = false;
  #isShuttingDown = false;
  #isDead = false;

  constructor(host: ExecutorHost) {
    this.#host = host;
    this.#connect();
  }

  /** SIGKILL to everything of it. */
  kill(): void {
    this.#isDead = true;
    this.#tasks.clear();
    this.#connection?.close();
  }

  live(): readonly { readonly taskId: string; readonly process: string }[] {
    return [...this.#tasks.values()];
  }

  #connect(): void {
    if (this.#isDead) return;
    const listed = new Set(this.#updates.values());
    const subscribe = {
      unacknowledgedTasks: [...this.#unacknowledgedTasks.values()],
      unacknowledgedUpdates: [...listed].map((status) => ({ status })),
    };
    const connection = this.#host.port.connect(this.#encode({ type: Call_Type.SUBSCRIBE, subscribe }), {
      event: (bytes) => {
        if (!this.#isDead && this.#connection === connection) this.#received(Event.decode(bytes), listed);
      },
      closed: () => {
        if (this.#connection === connection) this.#lost();
      },
    });
    this.#connection = connection;
  }

  #lost(): void {
    const wasSubscribed = this.#isSubscribed;
    this.#connection = undefined;
    this.#isSubscribed = false;
    const { simulator, checkpoint } = this.#host;
    if (this.#isShuttingDown || (wasSubscribed && !checkpoint)) this.#exit();
    else simulator.after(simulator.between(reconnectMinMs, reconnectMaxMs), () => this.#connect());
  }

  #received(event: Event, listed: ReadonlySet<TaskStatus>): void {
    switch (event.type) {
      case Event_Type.SUBSCRIBED:
        this.#isSubscribed = true;
        for (const status of this.#updates.values()) if (!listed.has(status)) this.#send(status);
        return;
      case Event_Type.LAUNCH:
        if (event.launch?.task !== undefined) this.#launch(event.launch.task);
        return;
      case Event_Type.LAUNCH_GROUP:
        for (const task of event.launchGroup?.taskGroup?.tasks ?? []) this.#launch(task);
        return;
      case Event_Type.KILL: {
        const grace = event.kill?.killPolicy?.gracePeriod?.nanoseconds;
        const task = this.#tasks.get(event.kill?.taskId?.value ?? "");
        if (task !== undefined) this.#killTask(task, grace === undefined ? task.graceMs : Number(grace) / 1e6);
        return;
      }
      case Event_Type.ACKNOWLEDGED:
        this.#updates.delete(uuidFromBytes(event.acknowledged?.uuid ?? new Uint8Array()));
        this.#unacknowledgedTasks.delete(event.acknowledged?.taskId?.value ?? "");
        if (this.#isShuttingDown && this.#updates.size === 0) this.#exit();
        return;
      case Event_Type.MESSAGE:
        // An echo shows that both ways work.
        this.#connection?.call(
          this.#encode({ type: Call_Type.MESSAGE, message: { data: event.message?.data ?? new Uint8Array() } }),
          () => {},
        );
        return;
      case Event_Type.SHUTDOWN:
        this.#shutDown();
        return;
      default:
        return;
    }
  }

  #launch(info: TaskInfo): void {
    const taskId = info.taskId?.value ?? "";
    const grace = info.killPolicy?.gracePeriod?.nanoseconds;
    const task: RunningTask = {
      taskId,
      process: this.#host.newProcess(),
      plan: toPlan(decodeText(info.data ?? new Uint8Array())),
      graceMs: grace === undefined ? killGraceDefaultMs : Number(grace) / 1e6,
      isKilled: false,
    };
    this.#tasks.set(taskId, task);
    this.#unacknowledgedTasks.set(taskId, info);
    this.#host.writeLedger("start", task);
    this.#say(taskId, TaskState.TASK_RUNNING);
    this.#beatLater(task);
    const { durationMs, exitCode } = task.plan;
    if (durationMs === undefined) return;
    this.#host.simulator.after(durationMs, () => {
      if (this.#isAlive(task)) this.#end(task, { exitCode, state: exitCode === 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED });
    });
  }

  #beatLater(task: RunningTask): void {
    this.#host.simulator.after(this.#host.beatIntervalMs, () => {
      if (!this.#isAlive(task)) return;
      this.#host.writeLedger("beat", task);
      this.#beatLater(task);
    });
  }

  #killTask(task: RunningTask, graceMs: number): void {
    const { simulator } = this.#host;
    // A task that takes SIGTERM has time to say so.
    if (!task.plan.ignoresSigterm) this.#end(task, { exitCode: sigtermExitCode, state: TaskState.TASK_KILLED });
    else
      simulator.after(graceMs, () => {
        if (this.#isAlive(task)) this.#end(task, { state: TaskState.TASK_KILLED });
      });
  }

  #shutDown(): void {
    this.#isShuttingDown = true;
    for (const task of [...this.#tasks.values()]) this.#end(task, { state: TaskState.TASK_KILLED });
    if (this.#updates.size === 0 || !this.#isSubscribed) this.#exit();
    else this.#host.simulator.after(shutdownMaxMs, () => this.#exit());
  }

  #exit(): void {
    if (this.#isDead) return;
    this.kill();
    this.#host.exit(0);
  }

  #end(task: RunningTask, { exitCode, state }: { exitCode?: number; state: TaskState }): void {
    this.#tasks.delete(task.taskId);
    if (exitCode !== undefined) this.#host.writeLedger("end", { ...task, exitCode });
    this.#say(task.taskId, state);
  }

  #isAlive(task: RunningTask): boolean {
    return !this.#isDead && this.#tasks.get(task.taskId) === task;
  }

  #say(taskId: string, state: TaskState): void {
    const uuid = this.#host.simulator.prng.uuid();
    const source = TaskStatus_Source.SOURCE_EXECUTOR;
    const status = TaskStatus.fromPartial({ taskId: { value: taskId }, state, source, uuid: uuidToBytes(uuid) });
    this.#updates.set(uuid, status);
    if (this.#isSubscribed) this.#send(status);
  }

  #send(status: TaskStatus): void {
    this.#connection?.call(this.#encode({ type: Call_Type.UPDATE, update: { status } }), (refusal) => this.#settled(status, refusal));
  }

  #settled(status: TaskStatus, refusal: Refusal | undefined): void {
    if (refusal === undefined || this.#isDead) return;
    if (refusal.code === "INVALID_ARGUMENT") this.#updates.delete(uuidFromBytes(status.uuid ?? new Uint8Array()));
    else
      this.#host.simulator.after(updateRetryMs, () => {
        if (this.#isSubscribed && !this.#isDead && [...this.#updates.values()].includes(status)) this.#send(status);
      });
  }

  #encode(body: Parameters<typeof Call.fromPartial>[0]): Uint8Array {
    const { frameworkId, executorId } = this.#host;
    return encodeMessage(Call, Call.fromPartial({ ...body, frameworkId: { value: frameworkId }, executorId: { value: executorId } }));
  }
}

/** Plans are written in ASCII. */
function decodeText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
