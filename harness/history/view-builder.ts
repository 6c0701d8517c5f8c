/** Turns the events of a history, one by one, into the records of `records.ts`. Used by `view.ts` alone. */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { FrameworkName, HistoryBody, HistoryEvent, NodeName } from "./event.ts";
import { ReaderLives } from "./reader-lives.ts";
import type {
  AcceptRecord,
  AcknowledgeRecord,
  CallRecord,
  DeclineRecord,
  FaultRecord,
  FrameworkRecord,
  InverseOfferRecord,
  KillRecord,
  NodeLife,
  OfferRecord,
  OrderRecord,
  ProcessesRecord,
  Registration,
  SnapshotRecord,
  StreamLife,
  SubscribeRecord,
  TaskRecord,
} from "./records.ts";
import { isCall, isOrder } from "./records.ts";
import type { Stall } from "./stalls.ts";

type EventOf<Kind extends HistoryBody["kind"]> = HistoryEvent & { readonly kind: Kind };

const never = Number.POSITIVE_INFINITY;

export class ViewBuilder {
  run: EventOf<"run"> | undefined;
  endAtMs = 0;
  readonly streams = new Map<string, StreamLife>();
  readonly frameworks = new Map<FrameworkName, FrameworkRecord>();
  readonly frameworkNames = new Map<string, FrameworkName>();
  readonly calls = new Map<number, CallRecord>();
  readonly orders = new Map<number, OrderRecord>();
  readonly offers: OfferRecord[] = [];
  readonly offersById = new Map<string, OfferRecord[]>();
  readonly inverseOffers: InverseOfferRecord[] = [];
  readonly inverseOffersById = new Map<string, InverseOfferRecord[]>();
  /** Of the machines of nodes, where a node's start says it. */
  readonly addresses = new Map<NodeName, string>();
  readonly tasks = new Map<string, TaskRecord>();
  readonly registrations: Registration[] = [];
  readonly lives = new Map<NodeName, NodeLife[]>();
  readonly faults = new Map<number, FaultRecord>();
  readonly snapshots: SnapshotRecord[] = [];
  readonly processes: ProcessesRecord[] = [];
  readonly readers = new ReaderLives();
  readonly convergedAtMs: number[] = [];
  readonly stalls: Stall[] = [];
  /** Uses of offers that were not seen yet: an offer may be named before, by mistake or by chance. */
  readonly #earlyUses = new Map<string, (AcceptRecord | DeclineRecord)[]>();

  add(event: HistoryEvent): void {
    this.endAtMs = Math.max(this.endAtMs, event.atMs);
    switch (event.kind) {
      case "run":
        this.run ??= event;
        return;
      case "invoke":
        this.#invoke(event);
        return;
      case "order":
        this.#order(event);
        return;
      case "ok":
      case "fail":
      case "info":
        this.#outcome(event);
        return;
      case "event":
        this.#schedulerEvent(event);
        return;
      case "streamClosed":
        this.#streamClosed(event);
        return;
      case "readerEvent":
        this.readers.heard(event);
        return;
      case "readerClosed":
        this.readers.closed(event);
        return;
      case "ledger":
        this.#ledger(event);
        return;
      case "look":
        this.#task(event.frameworkId, event.taskId).looks.push(event);
        return;
      case "faultBegin":
      case "faultProbe":
      case "faultEnd":
        this.#fault(event);
        return;
      case "nodeStarted":
      case "nodeExited":
        this.#node(event);
        return;
      case "agentRegistered":
        this.registrations.push(event);
        return;
      case "snapshot":
        this.#snapshot(event);
        return;
      case "processes":
        this.processes.push(event);
        return;
      case "converged":
        if (event.pending.length === 0) this.convergedAtMs.push(event.atMs);
        return;
      case "stall":
        this.stalls.push(event);
        return;
      case "imposture":
      case "impostureAnswer":
      case "fatal":
      case "marker":
      case "phase":
        return;
      default:
        event satisfies never;
    }
  }

  #framework(name: FrameworkName): FrameworkRecord {
    let framework = this.frameworks.get(name);
    if (framework === undefined) {
      framework = { name, streams: [], subscribes: [], calls: [] };
      this.frameworks.set(name, framework);
    }
    return framework;
  }

  #task(frameworkId: string, taskId: string): TaskRecord {
    const key = `${frameworkId}\u0000${taskId}`;
    let task = this.tasks.get(key);
    if (task === undefined) {
      const asked = { launches: [], kills: [], killOrders: [], acknowledgements: [] };
      task = { frameworkId, taskId, ...asked, updates: [], ledger: [], looks: [], snapshotSeq: never };
      this.tasks.set(key, task);
    }
    return task;
  }

  #invoke(event: EventOf<"invoke">): void {
    const framework = this.#framework(event.framework);
    const stream = event.streamId === undefined ? undefined : this.streams.get(event.streamId);
    const frameworkId =
      (stream?.framework === event.framework ? stream.frameworkId : undefined) ??
      framework.streams.findLast((one) => one.frameworkId !== undefined)?.frameworkId;
    const record: CallRecord = {
      call: event.call,
      framework: event.framework,
      frameworkId,
      streamId: event.streamId,
      body: event.body,
      invokeSeq: event.seq,
      invokeAtMs: event.atMs,
      outcome: "open",
      outcomeSeq: never,
      outcomeAtMs: never,
    };
    this.calls.set(event.call, record);
    framework.calls.push(record);
    this.#indexCall(record, framework);
  }

  #indexCall(record: CallRecord, framework: FrameworkRecord): void {
    if (isCall(record, "subscribe")) framework.subscribes.push(record);
    else if (isCall(record, "decline")) this.#use(record);
    else if (isCall(record, "answerInverseOffers")) {
      for (const inverseOfferId of new Set(record.body.inverseOfferIds)) {
        for (const inverseOffer of this.inverseOffersById.get(inverseOfferId) ?? []) inverseOffer.answers.push(record);
      }
    } else if (isCall(record, "accept")) {
      this.#use(record);
      if (record.frameworkId === undefined) return;
      const { tasks, group } = record.body;
      for (const { taskId, agentId, resources, executorId = group?.executorId } of tasks) {
        this.#task(record.frameworkId, taskId).launches.push({ call: record, agentId, resources, executorId });
      }
    } else if (record.frameworkId === undefined) return;
    else if (isCall(record, "kill")) this.#task(record.frameworkId, record.body.taskId).kills.push(record satisfies KillRecord);
    else if (isCall(record, "acknowledge")) {
      this.#task(record.frameworkId, record.body.taskId).acknowledgements.push(record satisfies AcknowledgeRecord);
    }
  }

  #use(record: AcceptRecord | DeclineRecord): void {
    for (const offerId of new Set(record.body.offerIds)) {
      const known = this.offersById.get(offerId);
      if (known !== undefined) for (const offer of known) offer.uses.push(record);
      else this.#earlyUses.get(offerId)?.push(record) ?? this.#earlyUses.set(offerId, [record]);
    }
  }

  #order({ call, body, seq, atMs }: EventOf<"order">): void {
    const outcome = { outcome: "open", outcomeSeq: never, outcomeAtMs: never } as const;
    const record: OrderRecord = { call, body, invokeSeq: seq, invokeAtMs: atMs, ...outcome };
    this.orders.set(call, record);
    if (isOrder(record, "killTask")) this.#task(record.body.frameworkId, record.body.taskId).killOrders.push(record);
  }

  #outcome(event: EventOf<"ok"> | EventOf<"fail"> | EventOf<"info">): void {
    const order = this.orders.get(event.call);
    const call = this.calls.get(event.call) ?? order;
    if (call === undefined || call.outcome !== "open") return;
    if (order !== undefined && event.kind === "ok") order.answer = event.answer;
    if (order !== undefined && event.kind === "fail") order.refusal = { code: event.code, message: event.message };
    call.outcome = event.kind;
    call.outcomeSeq = event.seq;
    call.outcomeAtMs = event.atMs;
  }

  #stream(event: EventOf<"event">): StreamLife {
    let stream = this.streams.get(event.streamId);
    if (stream === undefined) {
      const framework = this.#framework(event.framework);
      stream = {
        framework: event.framework,
        streamId: event.streamId,
        frameworkId: undefined,
        masterId: undefined,
        heartbeatIntervalMs: undefined,
        subscribe: framework.subscribes.at(-1) satisfies SubscribeRecord | undefined,
        firstKind: event.event.kind,
        openedSeq: event.seq,
        openedAtMs: event.atMs,
        closedSeq: never,
        closedAtMs: never,
        beats: [],
        failures: [],
        errors: [],
      };
      this.streams.set(event.streamId, stream);
      framework.streams.push(stream);
    }
    return stream;
  }

  #schedulerEvent(event: EventOf<"event">): void {
    const stream = this.#stream(event);
    const at = { seq: event.seq, atMs: event.atMs };
    const body = event.event;
    switch (body.kind) {
      case "subscribed":
        stream.frameworkId = body.frameworkId;
        stream.masterId = body.masterId;
        stream.heartbeatIntervalMs = body.heartbeatIntervalMs;
        stream.beats.push(at);
        this.frameworkNames.set(body.frameworkId, event.framework);
        return;
      case "heartbeat":
      case "message":
        stream.beats.push(at);
        return;
      case "offers":
        for (const offer of body.offers) this.#offer({ ...offer, ...at, stream });
        return;
      case "inverseOffers":
        for (const inverseOffer of body.inverseOffers) this.#inverseOffer({ ...inverseOffer, ...at, stream });
        return;
      case "rescindInverseOffer":
        for (const inverseOffer of this.inverseOffersById.get(body.inverseOfferId) ?? []) rescind(inverseOffer, stream, event);
        return;
      case "rescind":
        for (const offer of this.offersById.get(body.offerId) ?? []) rescind(offer, stream, event);
        return;
      case "update":
        if (stream.frameworkId === undefined) return;
        this.#task(stream.frameworkId, body.status.taskId).updates.push({
          ...at,
          stream,
          status: body.status,
          terminal: isTerminal(body.status.state as TaskState),
        });
        return;
      case "operationUpdate":
        return;
      case "failure":
        if (body.agentId !== undefined && body.executorId === undefined) stream.failures.push({ ...at, agentId: body.agentId });
        return;
      case "error":
        stream.errors.push({ ...at, message: body.message });
        return;
      default:
        body satisfies never;
    }
  }

  #offer(offer: Omit<OfferRecord, "rescindedSeq" | "rescindedAtMs" | "uses">): void {
    const uses = this.#earlyUses.get(offer.offerId) ?? [];
    const record: OfferRecord = { ...offer, rescindedSeq: never, rescindedAtMs: never, uses: [...uses] };
    this.offers.push(record);
    const same = this.offersById.get(offer.offerId);
    if (same === undefined) this.offersById.set(offer.offerId, [record]);
    else same.push(record);
  }

  #inverseOffer(inverseOffer: Omit<InverseOfferRecord, "rescindedSeq" | "rescindedAtMs" | "answers">): void {
    const record: InverseOfferRecord = { ...inverseOffer, rescindedSeq: never, rescindedAtMs: never, answers: [] };
    this.inverseOffers.push(record);
    const same = this.inverseOffersById.get(inverseOffer.inverseOfferId);
    if (same === undefined) this.inverseOffersById.set(inverseOffer.inverseOfferId, [record]);
    else same.push(record);
  }

  #streamClosed(event: EventOf<"streamClosed">): void {
    const stream = this.streams.get(event.streamId);
    if (stream === undefined || stream.closedSeq !== never) return;
    stream.closedSeq = event.seq;
    stream.closedAtMs = event.atMs;
  }

  #ledger(event: EventOf<"ledger">): void {
    const { seq, line, node, process, exitCode } = event;
    // What was written before an announcement may be read after it.
    const atMs = event.wroteAtMs ?? event.atMs;
    this.#task(event.frameworkId, event.taskId).ledger.push({ seq, atMs, line, node, process, exitCode });
  }

  #fault(event: EventOf<"faultBegin"> | EventOf<"faultProbe"> | EventOf<"faultEnd">): void {
    if (event.kind === "faultBegin") {
      const { fault, name, target } = event;
      this.faults.set(fault, { fault, name, target, beginSeq: event.seq, beginAtMs: event.atMs, endSeq: never, endAtMs: never });
      return;
    }
    const fault = this.faults.get(event.fault);
    if (fault === undefined || (event.kind === "faultProbe" && event.result === "bit")) return;
    fault.endSeq = event.seq;
    fault.endAtMs = event.atMs;
  }

  #node(event: EventOf<"nodeStarted"> | EventOf<"nodeExited">): void {
    const lives = this.lives.get(event.node) ?? [];
    this.lives.set(event.node, lives);
    if (event.kind === "nodeStarted") {
      if (event.ip !== undefined) this.addresses.set(event.node, event.ip);
      lives.push(newLife(event, event.seq, event.atMs));
      return;
    }
    let life = lives.findLast((one) => one.incarnation === event.incarnation && one.exitedSeq === never);
    if (life === undefined) {
      // A history that begins after the node did: it was up from before.
      if (lives.length > 0) return;
      life = newLife(event, -1, Number.NEGATIVE_INFINITY);
      lives.push(life);
    }
    life.exitedSeq = event.seq;
    life.exitedAtMs = event.atMs;
    life.code = event.code;
    life.signal = event.signal;
    life.expected = event.expected;
  }

  #snapshot(event: EventOf<"snapshot">): void {
    this.snapshots.push(event);
    for (const { frameworkId, taskId } of event.snapshot.tasks) {
      const task = this.#task(frameworkId, taskId);
      task.snapshotSeq = Math.min(task.snapshotSeq, event.seq);
    }
  }
}

function rescind(offer: OfferRecord | InverseOfferRecord, stream: StreamLife, { seq, atMs }: HistoryEvent): void {
  if (offer.stream !== stream || offer.rescindedSeq !== never) return;
  offer.rescindedSeq = seq;
  offer.rescindedAtMs = atMs;
}

function newLife(event: EventOf<"nodeStarted"> | EventOf<"nodeExited">, startedSeq: number, startedAtMs: number): NodeLife {
  const { node, incarnation } = event;
  return {
    node,
    incarnation,
    startedSeq,
    startedAtMs,
    exitedSeq: never,
    exitedAtMs: never,
    code: undefined,
    signal: undefined,
    expected: true,
  };
}
