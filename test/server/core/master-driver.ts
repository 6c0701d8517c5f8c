/**
 * Drives a master's core the way a shell does: feeds inputs, keeps what it sends to each scheduler and agent, holds a
 * registry. Registry writes wait until `writeDone` unless the driver writes by itself. Checks the invariants after every step.
 */

import { assertDefined } from "../../../common/assert.ts";
import { AgentId, type FrameworkId, LinkId, MasterId, StreamId, TaskId, Uuid } from "../../../common/ids.ts";
import { type Resources, toResources } from "../../../common/resources.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { AgentInfo, FrameworkInfo, TaskInfo, TaskStatus as WireTaskStatus } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentDescription, AgentToMaster, MasterToAgent, ReportedTask } from "../../../server/core/agent-message.ts";
import type { OfferConstraints } from "../../../server/core/allocator/offer-constraints.ts";
import type { FrameworkDescription, SchedulerCall, TaskDescription } from "../../../server/core/calls/call.ts";
import { type MasterConfig, masterDefaults } from "../../../server/core/config.ts";
import type { CallRefusal, MasterEffect } from "../../../server/core/effect.ts";
import type { OfferDescription, SchedulerEvent } from "../../../server/core/event.ts";
import type { MasterInput } from "../../../server/core/input.ts";
import { createMaster, type MasterCore } from "../../../server/core/master.ts";
import type { OperatorCall, OperatorQuestion, OperatorResponse } from "../../../server/core/operator/operator-call.ts";
import type { OperatorEvent } from "../../../server/core/operator/operator-event.ts";
import type { RegistryKey, RegistryRecord } from "../../../server/core/registry-record.ts";
import { push, take } from "./message-lists.ts";
import { type PlainResponse, toPlainResponse } from "./plain-response.ts";

/** A registry that several masters may share, one after the other. */
export class TestRegistry {
  version = 0;
  /** Each master has an id of its own, as each start of a real one has. */
  masterCount = 0;
  readonly records = new Map<RegistryKey, RegistryRecord>();

  /** False when another master wrote since. */
  write(effect: Extract<MasterEffect, { kind: "writeRegistry" }>): boolean {
    if (effect.expectedVersion !== this.version) return false;
    for (const change of effect.changes) {
      if (change.kind === "put") this.records.set(change.key, change.record);
      else this.records.delete(change.key);
    }
    this.version += 1;
    return true;
  }
}

export interface Scheduler {
  readonly frameworkId: FrameworkId;
  readonly streamId: StreamId;
}

export interface ConnectedAgent {
  readonly agentId: AgentId;
  readonly linkId: LinkId;
}

/** Unix time of the driver's instant 0. */
export const wallStartMs = 1_700_000_000_000;

export class MasterDriver {
  readonly master: MasterCore;
  readonly config: MasterConfig;
  readonly registry: TestRegistry;
  /** Whether registry writes are done at once. */
  writesAtOnce = true;
  nowMs = 0;
  readonly effects: MasterEffect[] = [];
  readonly #events = new Map<StreamId, SchedulerEvent[]>();
  readonly #messages = new Map<LinkId, MasterToAgent[]>();
  readonly #replies = new Map<number, CallRefusal | undefined>();
  readonly #operatorReplies = new Map<number, OperatorResponse>();
  readonly #operatorEvents = new Map<StreamId, OperatorEvent[]>();
  readonly closedStreams = new Map<StreamId, CallRefusal | undefined>();
  readonly closedLinks = new Map<LinkId, CallRefusal | undefined>();
  readonly #writes: Extract<MasterEffect, { kind: "writeRegistry" }>[] = [];
  exitReason: string | undefined;
  #names = 0;

  constructor(config: Partial<MasterConfig> = {}, registry = new TestRegistry()) {
    const masterId = MasterId(`M${++registry.masterCount}`);
    const address = { masterId, hostname: "master", grpcPort: 6050, httpPort: 5050 };
    this.config = { masterId, address, seed: 1, ...masterDefaults, ...config };
    this.registry = registry;
    this.master = createMaster(this.config);
  }

  input(input: MasterInput): void {
    const effects = this.master.step(input, { nowMs: this.nowMs, wallMs: wallStartMs + this.nowMs });
    this.master.checkInvariants();
    for (const effect of effects) this.#perform(effect);
    if (this.writesAtOnce) while (this.#writes.length > 0) this.writeDone();
  }

  /** Makes the oldest waiting write durable, or has it refused. */
  writeDone(): void {
    const write = assertDefined(this.#writes.shift(), "registry write");
    if (this.registry.write(write)) this.input({ kind: "registryWritten", version: this.registry.version });
    else this.input({ kind: "registryFailed", reason: "another master wrote" });
  }

  get writes(): readonly Extract<MasterEffect, { kind: "writeRegistry" }>[] {
    return this.#writes;
  }

  /** Lets time pass, with a tick at every deadline. */
  advance(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const nextMs = this.master.nextDeadlineMs();
      if (nextMs === undefined || nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.input({ kind: "tick" });
    }
    this.nowMs = endMs;
    this.input({ kind: "tick" });
  }

  /** Lets time pass while the agents answer their pings. */
  advanceAlive(durationMs: number, agents: readonly ConnectedAgent[]): void {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= 1_000) {
      this.advance(Math.min(1_000, leftMs));
      for (const { linkId } of agents) {
        const last = this.takeMessages(linkId, "ping").at(-1);
        if (last !== undefined) this.say(linkId, { kind: "pong", number: last.number });
      }
    }
  }

  lead(): this {
    this.input({ kind: "leadershipGained" });
    return this;
  }

  // Schedulers

  openStream(call: {
    readonly frameworkId?: FrameworkId | undefined;
    readonly framework?: Partial<FrameworkDescription>;
    readonly suppressedRoles?: readonly string[];
    readonly offerConstraints?: OfferConstraints;
  }): StreamId {
    const streamId = StreamId(`stream-${++this.#names}`);
    const framework = describeFramework(call.framework ?? {});
    const { frameworkId, suppressedRoles = [], offerConstraints = new Map() } = call;
    this.input({ kind: "subscribe", streamId, call: { frameworkId, framework, suppressedRoles, offerConstraints } });
    return streamId;
  }

  subscribe(framework: Partial<FrameworkDescription> = {}, frameworkId?: FrameworkId): Scheduler {
    const streamId = this.openStream({ framework, frameworkId });
    const subscribed = this.takeEvents(streamId, "subscribed")[0];
    return { streamId, frameworkId: assertDefined(subscribed, "SUBSCRIBED").frameworkId };
  }

  /** The refusal, or undefined when the call was taken. Fails when there is no answer. */
  call(scheduler: Scheduler, call: SchedulerCall): CallRefusal | undefined {
    const callId = this.startCall(scheduler, call);
    if (!this.#replies.has(callId)) throw new Error(`no answer to ${call.kind}`);
    return this.#replies.get(callId);
  }

  startCall({ frameworkId, streamId }: { frameworkId: FrameworkId; streamId: StreamId | undefined }, call: SchedulerCall): number {
    const callId = ++this.#names;
    this.input({ kind: "schedulerCall", callId, frameworkId, streamId, call });
    return callId;
  }

  isAnswered(callId: number): boolean {
    return this.#replies.has(callId);
  }

  closeStream({ streamId }: Scheduler): void {
    this.input({ kind: "schedulerStreamClosed", streamId });
  }

  /** Takes the events of a kind that came so far. */
  takeEvents<K extends SchedulerEvent["kind"]>(stream: StreamId | Scheduler, kind: K): Extract<SchedulerEvent, { kind: K }>[] {
    return take(this.#events, typeof stream === "string" ? stream : stream.streamId, kind);
  }

  /** Takes all events but heartbeats, in order. */
  takeAllEvents({ streamId }: Scheduler): SchedulerEvent[] {
    const events = this.#events.get(streamId) ?? [];
    this.#events.delete(streamId);
    return events.filter((event) => event.kind !== "heartbeat");
  }

  takeOffers(scheduler: Scheduler): OfferDescription[] {
    return this.takeEvents(scheduler, "offers").flatMap((event) => event.offers);
  }

  takeOffer(scheduler: Scheduler): OfferDescription {
    return assertDefined(this.takeOffers(scheduler)[0], "offer");
  }

  takeUpdates(scheduler: Scheduler) {
    return this.takeEvents(scheduler, "update").map((event) => event.status);
  }

  /** Launches one task on an offer and answers the refusal. */
  launch(scheduler: Scheduler, offer: OfferDescription, task: Partial<TaskDescription> = {}, refuseMs = 0): CallRefusal | undefined {
    const description = describeTask({ agentId: offer.agentId, ...task });
    return this.call(scheduler, {
      kind: "accept",
      offerIds: [offer.offerId],
      operations: [{ kind: "launch", tasks: [description] }],
      refuseMs,
    });
  }

  // Agents

  openLink(peer = "test"): LinkId {
    const linkId = LinkId(`link-${++this.#names}`);
    this.input({ kind: "agentLinkOpened", linkId, peer });
    return linkId;
  }

  closeLink({ linkId }: ConnectedAgent): void {
    this.input({ kind: "agentLinkClosed", linkId });
  }

  say(linkId: LinkId, message: AgentToMaster): void {
    this.input({ kind: "agentMessage", linkId, message });
  }

  takeMessages<K extends MasterToAgent["kind"]>(link: LinkId | ConnectedAgent, kind: K): Extract<MasterToAgent, { kind: K }>[] {
    return take(this.#messages, typeof link === "string" ? link : link.linkId, kind);
  }

  register(resources: Resources = cpusAndMem(4, 4_096), hostname = "host", peer?: string): ConnectedAgent {
    const linkId = this.openLink(peer);
    this.say(linkId, { kind: "register", agent: describeAgent(resources, hostname) });
    return { linkId, agentId: assertDefined(this.takeMessages(linkId, "registered")[0], "registered").agentId };
  }

  /** Sends a reregistration on a new link; what came of it is for the caller to see. */
  reregister(agentId: AgentId, options: Partial<Extract<AgentToMaster, { kind: "reregister" }>> = {}): ConnectedAgent {
    const linkId = this.openLink();
    const agent = describeAgent(cpusAndMem(4, 4_096), "host");
    this.say(linkId, { kind: "reregister", agentId, agent, frameworks: [], tasks: [], ...options });
    this.hearEnding(linkId);
    return { agentId, linkId };
  }

  /** The agent answers the ping that follows what it has to end before it may come back; without one it says nothing. */
  hearEnding(linkId: LinkId): void {
    const isAsked = this.#messages.get(linkId)?.some((message) => message.kind === "ping" && message.number === 0) === true;
    if (isAsked) this.say(linkId, { kind: "pong", number: 0 });
  }

  /** An agent's update; answers its uuid. */
  update(
    { linkId, agentId }: ConnectedAgent,
    key: { frameworkId: FrameworkId; taskId?: TaskId },
    state: TaskState,
    latestState: TaskState = state,
  ): Uuid {
    const uuid = Uuid(String(++this.#names).padStart(32, "0"));
    const taskId = key.taskId ?? TaskId("task");
    const status = WireTaskStatus.create({ taskId: { value: taskId }, agentId: { value: agentId } });
    this.say(linkId, { kind: "statusUpdate", frameworkId: key.frameworkId, taskId, state, uuid, latestState, status });
    return uuid;
  }

  operator<K extends OperatorQuestion["kind"]>(kind: K): Extract<PlainResponse, { kind: K }> {
    const callId = ++this.#names;
    this.input({ kind: "operatorCall", callId, call: { kind } });
    const response = assertDefined(this.#operatorReplies.get(callId), kind);
    return toPlainResponse(response) as Extract<PlainResponse, { kind: K }>;
  }

  /** Opens an operator's event stream. */
  watch(): StreamId {
    const streamId = StreamId(`watch-${++this.#names}`);
    this.input({ kind: "operatorSubscribe", streamId });
    return streamId;
  }

  /** Takes the events of an operator's stream that came so far, in order. */
  takeOperatorEvents(streamId: StreamId): readonly OperatorEvent[] {
    const events = this.#operatorEvents.get(streamId) ?? [];
    this.#operatorEvents.delete(streamId);
    return events;
  }

  /** An operator's order; answers its number, for `outcomeOf`. */
  order(call: OperatorCall): number {
    const callId = ++this.#names;
    this.input({ kind: "operatorCall", callId, call });
    return callId;
  }

  /** Undefined while the order waits. */
  outcomeOf(callId: number): "done" | CallRefusal | undefined {
    return this.#operatorReplies.has(callId) ? "done" : this.#replies.get(callId);
  }

  refusalOf(callId: number): CallRefusal | undefined {
    return this.#replies.get(callId);
  }

  #perform(effect: MasterEffect): void {
    this.effects.push(effect);
    switch (effect.kind) {
      case "readRegistry":
        this.input({ kind: "registryRead", version: this.registry.version, records: [...this.registry.records.values()] });
        return;
      case "writeRegistry":
        this.#writes.push(effect);
        return;
      case "sendToScheduler":
        push(this.#events, effect.streamId, effect.event);
        return;
      case "sendToAgent":
        push(this.#messages, effect.linkId, effect.message);
        return;
      case "closeSchedulerStream":
        this.closedStreams.set(effect.streamId, effect.refusal);
        return;
      case "closeAgentLink":
        this.closedLinks.set(effect.linkId, effect.refusal);
        return;
      case "reply":
      case "operatorRefuse":
        this.#replies.set(effect.callId, effect.refusal);
        return;
      case "sendToOperators":
        for (const streamId of effect.streamIds) push(this.#operatorEvents, streamId, effect.event);
        return;
      case "closeOperatorStream":
        this.closedStreams.set(effect.streamId, effect.refusal);
        return;
      case "operatorReply":
        this.#operatorReplies.set(effect.callId, effect.response);
        return;
      case "exit":
        this.exitReason = effect.reason;
        return;
      case "log":
        return;
    }
  }
}

export function cpusAndMem(cpus: number, memMb: number): Resources {
  return toResources([
    { name: "cpus", value: { kind: "scalar", milli: cpus * 1_000 }, reservations: [] },
    { name: "mem", value: { kind: "scalar", milli: memMb * 1_000 }, reservations: [] },
  ]);
}

export function describeFramework(fields: Partial<FrameworkDescription>): FrameworkDescription {
  return {
    name: "framework",
    user: "user",
    principal: undefined,
    roles: ["*"],
    multiRole: false,
    partitionAware: false,
    failoverTimeoutMs: 60_000,
    offerMinimums: new Map(),
    info: FrameworkInfo.create({ name: "framework", user: "user", checkpoint: true }),
    ...fields,
  };
}

export function describeAgent(resources: Resources, hostname: string): AgentDescription {
  return { hostname, resources, version: "1", info: AgentInfo.create({ hostname }) };
}

export function describeTask(fields: Partial<TaskDescription>): TaskDescription {
  const taskId = fields.taskId ?? TaskId("task");
  const info = TaskInfo.create({ name: taskId, taskId: { value: taskId }, command: { value: "true" } });
  return { taskId, agentId: AgentId("?"), resources: cpusAndMem(1, 512), problem: undefined, info, ...fields };
}

export function reportTask(frameworkId: FrameworkId, fields: Partial<ReportedTask> = {}): ReportedTask {
  const resources = cpusAndMem(1, 512).map((resource) => ({ ...resource, allocationRole: "*" }));
  return {
    frameworkId,
    taskId: TaskId("task"),
    name: "task",
    resources,
    state: "TASK_RUNNING",
    statusUpdateState: undefined,
    statusUpdateUuid: undefined,
    ...fields,
  };
}
