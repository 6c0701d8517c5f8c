/**
 * The executor's side of tepui for executors in TypeScript: finds its agent by its environment, subscribes, comes back after a restart
 * of the agent, and repeats what the agent has not acknowledged, so that no update is lost.
 */

import { randomBytes } from "node:crypto";

import type { StatusCode } from "../common/status-code.ts";
import { Call, Call_Type } from "../protos/gen/mesos/v1/executor/executor.ts";
import { type TaskInfo, type TaskState, TaskStatus, TaskStatus_Source } from "../protos/gen/mesos/v1/mesos.ts";
import { Backoff } from "./backoff.ts";
import { CallError } from "./call-error.ts";
import { type ExecutorEnvironment, readExecutorEnvironment } from "./executor-environment.ts";
import { decodeExecutorEvent, type ExecutorEvent } from "./executor-event.ts";
import { InterruptibleSleep } from "./interruptible-sleep.ts";
import { notSubscribed, Subscription, type SubscriptionEnd } from "./subscription.ts";

/** An agent that takes a connection and then says nothing, such as a stopped process, is given up after this. */
const subscribeTimeoutMs = 5_000;

/** The first wait before a new attempt: an agent gives its executors two seconds to come back. */
const reconnectMinMs = 50;

/** How long after a refusal for want of room an update is sent again. */
const updateRetryMs = 1_000;

/** The part of the shutdown grace in which updates may still reach the agent. */
const graceShare = 0.8;

const lastingRefusals: ReadonlySet<StatusCode> = new Set<StatusCode>(["INVALID_ARGUMENT", "UNAUTHENTICATED", "UNIMPLEMENTED"]);

export interface ExecutorDriverOptions {
  /** Told of each event in order; the next one waits until this returns. What it throws ends `run`. */
  readonly onEvent: (event: ExecutorEvent, driver: ExecutorDriver) => void | Promise<void>;
  /** Told when the connection is lost. */
  readonly onDisconnected?: (reason: string) => void;
  /** Told when the agent refuses an update for good; it is not repeated. */
  readonly onUpdateRefused?: (error: CallError) => void;
  /** `process.env` by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How `run` ended: told to, by the agent or by `stop`, or because the agent was away for too long. */
export type ExecutorEnd = "shutdown" | "stopped" | "agentLost";

/** The agent does not know this executor: it has ended for the agent, and its process should end, too. */
export class ExecutorRefusedError extends Error {
  override readonly name = "ExecutorRefusedError";
}

export class ExecutorDriver {
  readonly environment: ExecutorEnvironment;
  readonly #options: ExecutorDriverOptions;
  readonly #backoff: Backoff;
  /** By uuid, oldest first. */
  readonly #updates = new Map<string, TaskStatus>();
  /** Tasks of which the agent acknowledged no update. */
  readonly #tasks = new Map<string, TaskInfo>();
  #subscription: Subscription | undefined;
  #isSubscribed = false;
  #isShuttingDown = false;
  #isStopped = false;
  readonly #pause = new InterruptibleSleep();

  constructor(options: ExecutorDriverOptions) {
    this.#options = options;
    this.environment = readExecutorEnvironment(options.environment ?? process.env);
    const maxMs = Math.max(reconnectMinMs, this.environment.subscriptionBackoffMaxMs / 2);
    this.#backoff = new Backoff({ minMs: reconnectMinMs, maxMs, random: Math.random });
  }

  /** Updates that the agent has not acknowledged. */
  get unacknowledgedCount(): number {
    return this.#updates.size;
  }

  /** Subscribes and stays subscribed until the executor is to end. Rejects when the agent refuses it or `onEvent` throws. */
  async run(): Promise<ExecutorEnd> {
    const { checkpoint, recoveryTimeoutMs, endpoint } = this.environment;
    let lostAtMs = performance.now();
    for (;;) {
      const end = await this.#subscribeOnce();
      if (this.#isShuttingDown) return "shutdown";
      if (this.#isStopped) return "stopped";
      if (lastingRefusals.has(end.code)) throw new ExecutorRefusedError(`${endpoint}: ${end.code}: ${end.reason}`);
      if (this.#isSubscribed) lostAtMs = performance.now();
      const wasSubscribed = this.#isSubscribed;
      this.#isSubscribed = false;
      this.#options.onDisconnected?.(`${endpoint}: ${end.code}: ${end.reason}`);
      // Without a checkpoint the agent will not know this executor any more.
      if ((wasSubscribed && !checkpoint) || performance.now() - lostAtMs > recoveryTimeoutMs) return "agentLost";
      await this.#pause.sleep(this.#backoff.nextDelayMs());
      if (this.#isStopped) return "stopped";
    }
  }

  /** Ends `run`; what is not acknowledged is lost. */
  stop(): void {
    this.#isStopped = true;
    this.#subscription?.close();
    this.#pause.interrupt();
  }

  /** Says the state of a task. It reaches the agent even if that is away now, as long as this process lives. */
  update(taskId: string, state: TaskState, more: Omit<Parameters<typeof TaskStatus.fromPartial>[0], "taskId" | "state"> = {}): void {
    const { executorId } = this.environment;
    const status = TaskStatus.fromPartial({
      timestamp: Date.now() / 1_000,
      ...more,
      taskId: { value: taskId },
      executorId: { value: executorId },
      state,
      source: TaskStatus_Source.SOURCE_EXECUTOR,
      uuid: randomBytes(16),
    });
    this.#updates.set(uuidText(status.uuid), status);
    if (this.#isSubscribed) this.#sendUpdate(status);
  }

  /** Sends data to the scheduler; it may be lost on its way. Rejects with a CallError when the agent does not take it. */
  async sendMessage(data: Uint8Array): Promise<void> {
    if (this.#subscription === undefined) throw notSubscribed("MESSAGE");
    await this.#subscription.send("MESSAGE", this.#encode({ type: Call_Type.MESSAGE, message: { data } }));
  }

  #sendUpdate(status: TaskStatus): void {
    const sent = this.#subscription?.send("UPDATE", this.#encode({ type: Call_Type.UPDATE, update: { status } }));
    sent?.catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      // What was lost with the connection goes with the next subscription.
      if (!error.refused || error.code === "FAILED_PRECONDITION" || error.code === "UNAVAILABLE") return;
      if (error.code === "RESOURCE_EXHAUSTED") setTimeout(() => this.#repeat(status), updateRetryMs).unref();
      else {
        this.#updates.delete(uuidText(status.uuid));
        this.#options.onUpdateRefused?.(error);
      }
    });
  }

  #repeat(status: TaskStatus): void {
    if (this.#isSubscribed && this.#updates.has(uuidText(status.uuid))) this.#sendUpdate(status);
  }

  #encode(body: Parameters<typeof Call.fromPartial>[0]): Uint8Array {
    const { frameworkId, executorId } = this.environment;
    return Call.encode(Call.fromPartial({ ...body, frameworkId: { value: frameworkId }, executorId: { value: executorId } })).finish();
  }

  async #subscribeOnce(): Promise<SubscriptionEnd> {
    const listed = [...this.#updates.values()];
    const subscribe = { unacknowledgedTasks: [...this.#tasks.values()], unacknowledgedUpdates: listed.map((status) => ({ status })) };
    const call = this.#encode({ type: Call_Type.SUBSCRIBE, subscribe });
    const subscription = new Subscription(this.environment.endpoint, call, "tepui.v1.Executor");
    this.#subscription = subscription;
    let timer = setTimeout(() => subscription.close(silence), subscribeTimeoutMs);
    try {
      const events = subscription.events();
      for (;;) {
        const next = await events.next();
        if (next.done) return next.value;
        const event = decodeExecutorEvent(next.value);
        if (event === undefined) continue;
        if (event.kind === "subscribed") {
          clearTimeout(timer);
          this.#subscribed(new Set(listed));
        }
        this.#note(event);
        await this.#options.onEvent(event, this);
        if (event.kind === "error") throw new ExecutorRefusedError(event.message);
        if (event.kind === "shutdown") {
          this.#isShuttingDown = true;
          clearTimeout(timer);
          timer = setTimeout(() => subscription.close(), this.environment.shutdownGraceMs * graceShare);
        }
        if (this.#isShuttingDown && this.#updates.size === 0) subscription.close();
      }
    } finally {
      clearTimeout(timer);
      subscription.close();
      this.#subscription = undefined;
    }
  }

  /** What was said since SUBSCRIBE was written goes now. */
  #subscribed(listed: ReadonlySet<TaskStatus>): void {
    this.#isSubscribed = true;
    this.#backoff.reset();
    for (const status of this.#updates.values()) if (!listed.has(status)) this.#sendUpdate(status);
  }

  #note(event: ExecutorEvent): void {
    if (event.kind === "launch") this.#noteTask(event.task);
    else if (event.kind === "launchGroup") for (const task of event.tasks) this.#noteTask(task);
    else if (event.kind === "acknowledged") {
      this.#updates.delete(uuidText(event.uuid));
      this.#tasks.delete(event.taskId);
    }
  }

  #noteTask(task: TaskInfo): void {
    this.#tasks.set(task.taskId?.value ?? "", task);
  }
}

const silence: SubscriptionEnd = {
  code: "DEADLINE_EXCEEDED",
  reason: `the agent did not answer within ${subscribeTimeoutMs} ms`,
  leader: undefined,
};

function uuidText(uuid: Uint8Array | undefined): string {
  return Buffer.from(uuid ?? []).toString("hex");
}
