/**
 * A scheduler of the workload, for every kind of cluster. It turns what it is told to do into calls, keeps what it is told
 * by the cluster, and writes both to the history. It owns no clock and no socket: `tick` tells it the time.
 */

import type { Cluster } from "../cluster.ts";
import type { CallJson, FrameworkName, SchedulerEventJson, StatusJson } from "../history/event.ts";
import type { Recorder } from "../history/recorder.ts";
import { InverseOfferBook, type InverseOfferHabit } from "./inverse-offer-book.ts";
import type { KnownOffer, KnownTask, KnownUpdate } from "./knowledge.ts";
import { OlderStreams } from "./older-streams.ts";
import { OperationBook } from "./operation-book.ts";
import { decodeEvent, encodeCall } from "./scheduler-codec.ts";
import type { Subscription } from "./subscription.ts";
import { TaskBook } from "./task-book.ts";

export interface FrameworkBehaviour {
  readonly failoverTimeoutMs: number;
  readonly partitionAware: boolean;
  readonly roles: readonly string[];
  /** False: agents keep nothing of it, and its tasks end with the agent's process. Absent for true. */
  readonly checkpoint?: boolean;
  /** False: updates wait for an `acknowledge` step. */
  readonly acknowledgesByItself: boolean;
  /** Absent: inverse offers wait for an `answerInverseOffers` step. */
  readonly inverseOffers?: InverseOfferHabit;
}

/** How long a framework waits before it subscribes again. */
const resubscribeDelayMs = 1_000;
/** Enough for steps that use something old; a long run must not remember all. */
const oldOffersMax = 50;
const acknowledgedMax = 50;

export class Framework {
  readonly name: FrameworkName;
  readonly behaviour: FrameworkBehaviour;
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  #frameworkId: string | undefined;
  #masterId: string | undefined;
  #current: Subscription | undefined;
  readonly #older = new OlderStreams();
  #isSubscribed = false;
  #isEnded = false;
  #wantsStream = false;
  #isSuppressed = false;
  /** Numbers of calls. */
  #lastSuppress = -1;
  #lastCall = -1;
  #acknowledgesByItself: boolean;
  #retryAtMs = 0;
  readonly offers = new Map<string, KnownOffer>();
  readonly #oldOffers: KnownOffer[] = [];
  readonly #tasks: TaskBook;
  readonly unacknowledged = new Map<string, KnownUpdate>();
  readonly operations = new OperationBook((body) => this.send(body));
  readonly inverseOffers: InverseOfferBook;
  readonly #acknowledged: KnownUpdate[] = [];
  #oldStreamId: string | undefined;

  constructor(name: FrameworkName, behaviour: FrameworkBehaviour, cluster: Cluster, recorder: Recorder) {
    this.name = name;
    this.behaviour = behaviour;
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#acknowledgesByItself = behaviour.acknowledgesByItself;
    this.#tasks = new TaskBook(name);
    this.inverseOffers = new InverseOfferBook({
      habit: behaviour.inverseOffers,
      offers: this.offers,
      liveTasks: () => this.liveTasks(),
      send: (body) => this.send(body),
    });
  }

  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  /** SUBSCRIBED was received on the newest stream, which is still open. */
  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  /** A subscription is open and was not answered yet. */
  get isSubscribing(): boolean {
    return this.#current?.isClosed === false && !this.#isSubscribed;
  }

  /** Torn down, or told that it does not exist any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isSuppressed(): boolean {
    return this.#isSuppressed;
  }

  get oldOffers(): readonly KnownOffer[] {
    return this.#oldOffers;
  }

  get acknowledged(): readonly KnownUpdate[] {
    return this.#acknowledged;
  }

  /** A stream id that is not valid any more. */
  get oldStreamId(): string | undefined {
    return this.#oldStreamId;
  }

  /** Every task that is remembered, by id. */
  get tasks(): ReadonlyMap<string, KnownTask> {
    return this.#tasks.all;
  }

  liveTasks(): KnownTask[] {
    return this.#tasks.live();
  }

  /** The id of a live task that the leader surely knows: another task of this id must be refused. */
  usedTaskId(): string | undefined {
    return this.liveTasks().find((task) => task.toldBy !== undefined && task.toldBy === this.#masterId)?.taskId;
  }

  newTaskId(): string {
    return this.#tasks.newTaskId();
  }

  /** Opens a subscription, beside the one that may be open: the master closes the older. */
  subscribe(): void {
    if (this.#isEnded) return;
    this.#wantsStream = true;
    this.#leaveStream();
    const body: CallJson = {
      kind: "subscribe",
      ...(this.#frameworkId === undefined ? {} : { frameworkId: this.#frameworkId }),
      failoverTimeoutMs: this.behaviour.failoverTimeoutMs,
      partitionAware: this.behaviour.partitionAware,
      roles: this.behaviour.roles,
      ...(this.behaviour.checkpoint === false ? { checkpoint: false } : {}),
    };
    const call = this.#recorder.nextCall();
    this.#recorder.record({ kind: "invoke", call, framework: this.name, body });
    const bytes = encodeCall(body, { frameworkName: this.name, frameworkId: this.#frameworkId });
    const subscription: Subscription = {
      stream: undefined,
      call,
      streamId: undefined,
      masterId: undefined,
      isSettled: false,
      isClosed: false,
    };
    if (this.#current !== undefined && !this.#current.isClosed) this.#older.add(this.#current);
    this.#current = subscription;
    subscription.stream = this.#cluster.schedulers.subscribe(this.name, bytes, {
      opened: (streamId) => {
        subscription.streamId = streamId;
      },
      event: (eventBytes) => this.#received(subscription, eventBytes),
      closed: (reason) => this.#closed(subscription, reason),
    });
  }

  /** Closes the stream from this side, and stays away until the next `subscribe`. */
  dropStream(): void {
    this.#wantsStream = false;
    this.#older.closeAll();
    this.#current?.stream?.close();
  }

  /** Makes a call and records its outcome. `streamId` defaults to the current stream's. */
  send(body: CallJson, more: { readonly streamId?: string } = {}): void {
    const call = this.#recorder.nextCall();
    this.#lastCall = call;
    const streamId = more.streamId ?? this.#current?.streamId;
    this.#recorder.record({
      kind: "invoke",
      call,
      framework: this.name,
      ...(streamId === undefined ? {} : { streamId }),
      body,
    });
    this.#beforeCall(body, call);
    const bytes = encodeCall(body, { frameworkName: this.name, frameworkId: this.#frameworkId });
    this.#cluster.schedulers.call(this.name, streamId, bytes, (outcome) => {
      switch (outcome.kind) {
        case "ok":
          this.#recorder.record({ kind: "ok", call });
          return this.#taken(body, call);
        case "fail":
          this.#recorder.record({ kind: "fail", call, code: outcome.code, message: outcome.message });
          return this.#refused(body);
        case "info":
          this.#recorder.record({ kind: "info", call, reason: outcome.reason });
          return;
        default:
          outcome satisfies never;
      }
    });
  }

  acknowledge(update: KnownUpdate): void {
    this.unacknowledged.delete(update.uuid);
    this.#acknowledged.push(update);
    if (this.#acknowledged.length > acknowledgedMax) this.#acknowledged.shift();
    this.send({ kind: "acknowledge", agentId: update.agentId, taskId: update.taskId, uuid: update.uuid });
  }

  /** Explicit reconciliation of every task that is not known to be over. */
  reconcileLive(): void {
    const tasks = this.liveTasks().map(({ taskId, agentId }) => ({ taskId, agentId }));
    if (tasks.length > 0) this.send({ kind: "reconcile", tasks });
  }

  /** From now on a well-behaved framework: stays subscribed, acknowledges all, takes offers and gives them back. */
  settleDown(): void {
    this.#acknowledgesByItself = true;
    if (this.#current !== undefined && !this.#isEnded) this.#wantsStream = true;
    if (!this.#isSubscribed) return;
    for (const update of [...this.unacknowledged.values()]) this.acknowledge(update);
    this.operations.settleDown();
    if (this.#isSuppressed) this.send({ kind: "revive", roles: [] });
  }

  /** Lets the framework come back after its stream was closed. */
  tick(nowMs: number): void {
    this.#older.tick(nowMs);
    const isAway = this.#current === undefined || this.#current.isClosed;
    if (this.#wantsStream && !this.#isEnded && isAway && nowMs >= this.#retryAtMs) this.subscribe();
  }

  #beforeCall(body: CallJson, call: number): void {
    switch (body.kind) {
      case "accept":
        this.operations.sent(body.operations ?? [], this.offers.get(body.offerIds[0] ?? "")?.agentId);
        for (const offerId of body.offerIds) this.#forgetOffer(offerId);
        this.#tasks.launched(body);
        return;
      case "answerInverseOffers":
        for (const inverseOfferId of body.inverseOfferIds) this.inverseOffers.forget(inverseOfferId);
        return;
      case "decline":
        for (const offerId of body.offerIds) this.#forgetOffer(offerId);
        return;
      case "suppress":
        this.#isSuppressed = true;
        this.#lastSuppress = call;
        return;
      case "updateFramework":
        this.#mayBeSuppressed(body, call);
        return;
      default:
        return;
    }
  }

  /** An update takes effect some time before its outcome: a REVIVE made meanwhile may have come too early. */
  #mayBeSuppressed(body: Extract<CallJson, { kind: "updateFramework" }>, call: number): void {
    if (body.suppressedRoles.length === 0) return;
    this.#isSuppressed = true;
    this.#lastSuppress = Math.max(this.#lastSuppress, call);
  }

  #taken(body: CallJson, call: number): void {
    if (body.kind === "teardown") this.#end();
    if (body.kind === "updateFramework") this.#mayBeSuppressed(body, this.#lastCall);
    // A REVIVE may get lost, and a SUPPRESS may have been made after it.
    if (body.kind === "revive" && body.roles.length === 0 && call > this.#lastSuppress) this.#isSuppressed = false;
  }

  #refused(body: CallJson): void {
    if (body.kind !== "accept") return;
    this.operations.refused(body.operations ?? []);
    this.#tasks.refused(body);
  }

  #received(subscription: Subscription, bytes: Uint8Array): void {
    const event = decodeEvent(bytes, this.#cluster.startedWallMs);
    if (event === undefined) return;
    if (event.kind !== "error" && this.#older.isRacing(subscription, this.#cluster.nowMs())) return;
    this.#recorder.record({ kind: "event", framework: this.name, streamId: subscription.streamId ?? "", event });
    if (subscription !== this.#current) return;
    this.#handle(subscription, event);
  }

  #handle(subscription: Subscription, event: SchedulerEventJson): void {
    switch (event.kind) {
      case "subscribed":
        this.#frameworkId = event.frameworkId;
        this.#masterId = event.masterId;
        subscription.masterId = event.masterId;
        this.#isSubscribed = true;
        this.#isSuppressed = false;
        if (!subscription.isSettled) this.#settle(subscription, "ok");
        this.#older.replace(event.masterId, this.#cluster.nowMs());
        return;
      case "offers":
        for (const offer of event.offers) this.offers.set(offer.offerId, offer);
        return;
      case "rescind":
        this.#forgetOffer(event.offerId);
        return;
      case "inverseOffers":
        this.inverseOffers.heard(event);
        return;
      case "rescindInverseOffer":
        this.inverseOffers.forget(event.inverseOfferId);
        return;
      case "update":
        this.#update(event.status);
        return;
      case "operationUpdate":
        this.operations.heard(event.status, this.#acknowledgesByItself);
        return;
      case "error":
        this.#end();
        return;
      case "heartbeat":
      case "message":
      case "failure":
        return;
      default:
        event satisfies never;
    }
  }

  #update(status: StatusJson): void {
    this.#tasks.heard(status, this.#masterId);
    if (status.uuid === undefined || status.agentId === undefined) return;
    const update: KnownUpdate = { taskId: status.taskId, agentId: status.agentId, uuid: status.uuid };
    if (this.#acknowledgesByItself) this.acknowledge(update);
    else this.unacknowledged.set(update.uuid, update);
  }

  #closed(subscription: Subscription, reason: string): void {
    if (subscription.isClosed) return;
    subscription.isClosed = true;
    if (!subscription.isSettled && this.#settle(subscription, reason) === "refused" && subscription === this.#current) this.#end();
    this.#recorder.record({ kind: "streamClosed", framework: this.name, streamId: subscription.streamId ?? "", reason });
    if (subscription !== this.#current) return;
    this.#leaveStream();
    this.#retryAtMs = this.#cluster.nowMs() + resubscribeDelayMs;
  }

  /** Offers of both kinds belong to their stream. */
  #leaveStream(): void {
    this.#oldStreamId = this.#current?.streamId ?? this.#oldStreamId;
    this.#isSubscribed = false;
    for (const offerId of [...this.offers.keys()]) this.#forgetOffer(offerId);
    this.inverseOffers.forgetAll();
  }

  /** `outcome`: "ok", or why the stream ended before it began. Only a status that a master gives is a refusal. */
  #settle(subscription: Subscription, outcome: string): "refused" | "taken" | "unknown" {
    subscription.isSettled = true;
    const { call } = subscription;
    const refusal = /^(INVALID_ARGUMENT|FAILED_PRECONDITION|PERMISSION_DENIED|UNAUTHENTICATED|RESOURCE_EXHAUSTED|NOT_FOUND): (.*)$/s.exec(
      outcome,
    );
    const [, code, message] = refusal ?? [];
    if (outcome === "ok") {
      this.#recorder.record({ kind: "ok", call });
      return "taken";
    }
    if (code === undefined) {
      this.#recorder.record({ kind: "info", call, reason: outcome });
      return "unknown";
    }
    this.#recorder.record({ kind: "fail", call, code, message: message ?? "" });
    // A master that does not lead, or is busy, says nothing about the framework.
    return code === "INVALID_ARGUMENT" ? "refused" : "unknown";
  }

  #end(): void {
    this.#isEnded = true;
    this.#wantsStream = false;
    this.#older.closeAll();
    this.#leaveStream();
    this.unacknowledged.clear();
    this.operations.clear();
    this.#tasks.endAll();
  }

  #forgetOffer(offerId: string): void {
    const offer = this.offers.get(offerId);
    if (offer === undefined) return;
    this.offers.delete(offerId);
    this.#oldOffers.push(offer);
    if (this.#oldOffers.length > oldOffersMax) this.#oldOffers.shift();
  }
}
