/**
 * The scheduler's side of tepui for frameworks in TypeScript: finds the leading master, subscribes, comes back with
 * backoff after every loss, acknowledges updates, and gives each refused call one clear error.
 */

import type { StatusCode } from "../common/status-code.ts";
import type { ExecutorInfo, Offer_Operation, OperationStatus, Request, TaskInfo, TaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { FrameworkInfo as FrameworkInfoMessage } from "../protos/gen/mesos/v1/mesos.ts";
import { Call, OfferConstraints as OfferConstraintsMessage } from "../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { Backoff } from "./backoff.ts";
import { CallError } from "./call-error.ts";
import {
  acceptCall,
  acceptInverseOffersCall,
  acknowledgeCall,
  acknowledgeOperationCall,
  declineCall,
  declineInverseOffersCall,
  type FrameworkSettings,
  killCall,
  launchGroupOperation,
  launchOperation,
  messageCall,
  type OperationToReconcile,
  reconcileCall,
  reconcileOperationsCall,
  requestCall,
  reviveCall,
  shutdownCall,
  subscribeCall,
  suppressCall,
  type TaskToReconcile,
  teardownCall,
  updateFrameworkCall,
} from "./calls.ts";
import { InterruptibleSleep } from "./interruptible-sleep.ts";
import { decodeSchedulerEvent, type SchedulerEvent } from "./scheduler-event.ts";
import { closedByFramework, notSubscribed, Subscription, type SubscriptionEnd } from "./subscription.ts";

/** Heartbeats that may be missed before the connection counts as dead. */
const missedHeartbeatsMax = 5;

/** A master that takes a connection and then says nothing, such as a stopped process, is given up after this. */
const subscribeTimeoutDefaultMs = 15_000;

/** Answers to SUBSCRIBE that the same SUBSCRIBE will get again: trying once more would only hide the mistake. */
const lastingRefusals: ReadonlySet<StatusCode> = new Set<StatusCode>([
  "INVALID_ARGUMENT",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "UNIMPLEMENTED",
]);

/** Tasks that are launched together, and what runs them. */
export interface TaskGroup {
  readonly executor: ExecutorInfo;
  readonly tasks: readonly TaskInfo[];
}

export interface SchedulerDriverOptions {
  /** Masters as host:port; any of them leads to the leader. */
  readonly masters: readonly string[];
  /** `user` and `name` are required; with `id` a framework that ran before is continued. */
  readonly framework: Parameters<typeof FrameworkInfoMessage.fromPartial>[0];
  readonly suppressedRoles?: readonly string[];
  /** By role: which agents may be offered. Said again with each subscription, because no master keeps them. */
  readonly offerConstraints?: Parameters<typeof OfferConstraintsMessage.fromPartial>[0];
  /** "automatic" (default): an update, of a task or of an operation, is acknowledged once `onEvent` has returned. "explicit": you do it. */
  readonly acknowledgements?: "automatic" | "explicit";
  /** Told of each event in order; the next one waits until this returns. What it throws ends `run`. */
  readonly onEvent: (event: SchedulerEvent, driver: SchedulerDriver) => void | Promise<void>;
  /** Told when the connection is lost, and how long until the next attempt. */
  readonly onDisconnected?: (reason: string, retryInMs: number) => void;
  /** Told when an automatic acknowledgement is refused; the update comes again. */
  readonly onAcknowledgementRefused?: (error: CallError) => void;
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
  /** How long a master may take to answer SUBSCRIBE; 15 s by default. */
  readonly subscribeTimeoutMs?: number;
}

/** The master refused the framework for good: a wrong FrameworkInfo, or a framework that was torn down. */
export class SubscriptionRefusedError extends Error {
  override readonly name = "SubscriptionRefusedError";
}

export class SchedulerDriver {
  readonly #options: SchedulerDriverOptions;
  readonly #backoff: Backoff;
  #settings: FrameworkSettings;
  #subscription: Subscription | undefined;
  #stopped = false;
  readonly #pause = new InterruptibleSleep();
  #lastEventAtMs = 0;
  /** In a row, up to now. */
  #missedHeartbeats = 0;
  #handling = false;

  constructor(options: SchedulerDriverOptions) {
    if (options.masters.length === 0) throw new RangeError("SchedulerDriver: masters must name at least one host:port, has none");
    this.#options = options;
    this.#settings = toSettings(options);
    this.#backoff = new Backoff({ minMs: options.reconnectMinMs ?? 100, maxMs: options.reconnectMaxMs ?? 10_000, random: Math.random });
  }

  /** The id that the master gave; undefined before the first `subscribed`. */
  get frameworkId(): string | undefined {
    return this.#settings.framework.id?.value;
  }

  /** Subscribes and stays subscribed until `stop` or `teardown`. Rejects when the subscription is refused or `onEvent` throws. */
  async run(): Promise<void> {
    const { masters } = this.#options;
    let hint: string | undefined;
    for (let listed = 0; !this.#stopped; ) {
      const address = hint ?? masters[listed++ % masters.length] ?? "";
      const end = await this.#subscribeOnce(address);
      if (this.#stopped) return;
      if (lastingRefusals.has(end.code)) throw new SubscriptionRefusedError(`${address}: ${end.code}: ${end.reason}`);
      // A hint is followed at once and only once: two masters that point at each other must not make a loop.
      hint = hint === undefined ? end.leader : undefined;
      if (hint !== undefined) continue;
      const delayMs = this.#backoff.nextDelayMs();
      this.#options.onDisconnected?.(`${address}: ${end.code}: ${end.reason}`, delayMs);
      await this.#pause.sleep(delayMs);
    }
  }

  /** Drops the subscription and ends `run`. The framework lives on for its failover_timeout. */
  stop(): void {
    this.#stopped = true;
    this.#subscription?.close();
    this.#pause.interrupt();
  }

  /** Ends the framework: its tasks are killed and its id is used up. */
  async teardown(): Promise<void> {
    await this.#send("TEARDOWN", teardownCall());
    this.stop();
  }

  /** Launches `tasks` on the resources of `offerIds`, which must be offers of one agent and role. The rest is declined. */
  launch(offerIds: readonly string[], tasks: readonly TaskInfo[], refuseSeconds?: number): Promise<void> {
    return this.accept(offerIds, [launchOperation(tasks)], refuseSeconds);
  }

  /**
   * Launches `tasks` as a group: all of them or none, in `executor`, whose `frameworkId` is filled in. With the type DEFAULT the agent runs
   * the tasks' commands itself, and kills all of them when one fails or is killed; the executor needs an id and resources (at least
   * 0.01 cpus, 32 MB of mem and some disk), and no command. What is wrong with the group becomes a TASK_ERROR of each task.
   */
  launchGroup(offerIds: readonly string[], { executor, tasks }: TaskGroup, refuseSeconds?: number): Promise<void> {
    const owned = { ...executor, frameworkId: executor.frameworkId ?? this.#settings.framework.id };
    return this.accept(offerIds, [launchGroupOperation(owned, tasks)], refuseSeconds);
  }

  accept(offerIds: readonly string[], operations: readonly Offer_Operation[], refuseSeconds?: number): Promise<void> {
    return this.#send("ACCEPT", acceptCall(offerIds, operations, refuseSeconds));
  }

  decline(offerIds: readonly string[], refuseSeconds?: number): Promise<void> {
    return this.#send("DECLINE", declineCall(offerIds, refuseSeconds));
  }

  /** Without roles: all of the framework's. */
  revive(roles: readonly string[] = []): Promise<void> {
    return this.#send("REVIVE", reviveCall(roles));
  }

  suppress(roles: readonly string[] = []): Promise<void> {
    return this.#send("SUPPRESS", suppressCall(roles));
  }

  /**
   * Changes what the framework is: all of its FrameworkInfo, its suppressed roles and its offer constraints, each replaced as a whole.
   * Resolves when the registry has it; later subscriptions say the same. A refusal changes nothing.
   */
  async updateFramework(settings: Pick<SchedulerDriverOptions, "framework" | "suppressedRoles" | "offerConstraints">): Promise<void> {
    const wanted = toSettings(settings);
    const { id } = this.#settings.framework;
    const next = { ...wanted, framework: { ...wanted.framework, id } };
    await this.#send("UPDATE_FRAMEWORK", updateFrameworkCall(next));
    this.#settings = next;
  }

  /** A wish for resources, which masters log and nobody acts on. */
  request(requests: readonly Request[]): Promise<void> {
    return this.#send("REQUEST", requestCall(requests));
  }

  /** Says that the resources will be given back in time. A hint to the operator; nothing is taken by it. */
  acceptInverseOffers(inverseOfferIds: readonly string[], refuseSeconds?: number): Promise<void> {
    return this.#send("ACCEPT_INVERSE_OFFERS", acceptInverseOffersCall(inverseOfferIds, refuseSeconds));
  }

  /** Says that they will not; asked again after `refuseSeconds`. */
  declineInverseOffers(inverseOfferIds: readonly string[], refuseSeconds?: number): Promise<void> {
    return this.#send("DECLINE_INVERSE_OFFERS", declineInverseOffersCall(inverseOfferIds, refuseSeconds));
  }

  kill(taskId: string, options: { agentId?: string; graceMs?: number } = {}): Promise<void> {
    return this.#send("KILL", killCall(taskId, options.agentId, options.graceMs));
  }

  /** Tells an executor to end with its tasks. No promise: an agent that is away does not hear it. */
  shutdownExecutor(executorId: string, agentId: string): Promise<void> {
    return this.#send("SHUTDOWN", shutdownCall(executorId, agentId));
  }

  /** Sends data to an executor; it may be lost on its way. */
  sendMessage(executorId: string, agentId: string, data: Uint8Array): Promise<void> {
    return this.#send("MESSAGE", messageCall(executorId, agentId, data));
  }

  /** Resolves at once for an update that needs no acknowledgement. */
  async acknowledge(status: TaskStatus): Promise<void> {
    const call = acknowledgeCall(status);
    if (call !== undefined) await this.#send("ACKNOWLEDGE", call);
  }

  /** Resolves at once for a status that needs no acknowledgement. */
  async acknowledgeOperation(status: OperationStatus): Promise<void> {
    const call = acknowledgeOperationCall(status);
    if (call !== undefined) await this.#send("ACKNOWLEDGE_OPERATION_STATUS", call);
  }

  /** Without operations: every one that the framework named and has not acknowledged. The answers are `operationUpdate` events. */
  reconcileOperations(operations: readonly OperationToReconcile[] = []): Promise<void> {
    return this.#send("RECONCILE_OPERATIONS", reconcileOperationsCall(operations));
  }

  /** Without tasks: every task of the framework. The answers are `update` events with REASON_RECONCILIATION. */
  reconcile(tasks: readonly TaskToReconcile[] = []): Promise<void> {
    return this.#send("RECONCILE", reconcileCall(tasks));
  }

  #send(name: string, call: Call): Promise<void> {
    const subscription = this.#subscription;
    if (subscription === undefined) return Promise.reject(notSubscribed(name));
    return subscription.send(name, Call.encode({ ...call, frameworkId: this.#settings.framework.id }).finish());
  }

  async #subscribeOnce(address: string): Promise<SubscriptionEnd> {
    const call = subscribeCall(this.#settings);
    const subscription = new Subscription(address, Call.encode(call).finish());
    this.#subscription = subscription;
    const timeoutMs = this.#options.subscribeTimeoutMs ?? subscribeTimeoutDefaultMs;
    let watchdog = setTimeout(() => subscription.close(silence(timeoutMs)), timeoutMs);
    try {
      const events = subscription.events();
      while (true) {
        const next = await events.next();
        if (next.done) return next.value;
        // Events that came before `stop` and were not read yet are no news any more.
        if (this.#stopped) return closedByFramework;
        const event = decodeSchedulerEvent(next.value);
        if (event === undefined) continue;
        this.#heard();
        if (event.kind === "subscribed") {
          clearTimeout(watchdog);
          watchdog = this.#subscribed(event.frameworkId, event.heartbeatIntervalMs, subscription);
        }
        await this.#handle(event);
      }
    } finally {
      clearTimeout(watchdog);
      subscription.close();
      if (this.#subscription === subscription) this.#subscription = undefined;
    }
  }

  #subscribed(frameworkId: string, heartbeatIntervalMs: number, subscription: Subscription): NodeJS.Timeout {
    this.#settings = { ...this.#settings, framework: { ...this.#settings.framework, id: { value: frameworkId } } };
    this.#backoff.reset();
    return setInterval(() => {
      // While the framework itself is busy with an event, later ones wait unread: that silence is not the master's. Nor is that of a
      // process which was stopped or had no processor to run on: it counts once, since what came meanwhile is read before the next turn.
      if (this.#handling) return;
      if (++this.#missedHeartbeats > missedHeartbeatsMax) subscription.close(silence(performance.now() - this.#lastEventAtMs));
    }, heartbeatIntervalMs);
  }

  #heard(): void {
    this.#lastEventAtMs = performance.now();
    this.#missedHeartbeats = 0;
  }

  async #handle(event: SchedulerEvent): Promise<void> {
    this.#handling = true;
    try {
      await this.#options.onEvent(event, this);
    } finally {
      this.#handling = false;
      this.#heard();
    }
    if (event.kind === "error") throw new SubscriptionRefusedError(event.message);
    if (this.#options.acknowledgements === "explicit" || this.#stopped) return;
    if (event.kind === "update") this.#acknowledged(this.acknowledge(event.status));
    else if (event.kind === "operationUpdate") this.#acknowledged(this.acknowledgeOperation(event.status));
  }

  #acknowledged(call: Promise<void>): void {
    call.catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      // One that is lost with the connection does no harm: the agent sends the update again.
      if (error.refused) this.#options.onAcknowledgementRefused?.(error);
    });
  }
}

function toSettings({
  framework,
  suppressedRoles,
  offerConstraints,
}: Pick<SchedulerDriverOptions, "framework" | "suppressedRoles" | "offerConstraints">): FrameworkSettings {
  return {
    framework: FrameworkInfoMessage.fromPartial(framework),
    suppressedRoles: suppressedRoles ?? [],
    offerConstraints: offerConstraints === undefined ? undefined : OfferConstraintsMessage.fromPartial(offerConstraints),
  };
}

function silence(durationMs: number): SubscriptionEnd {
  return { code: "DEADLINE_EXCEEDED", reason: `nothing was heard for ${Math.round(durationMs)} ms`, leader: undefined };
}
