/** A simulated master: the real core and the real wire code; streams, registry and election are the simulator's. */

import { InvariantError } from "../../common/assert.ts";
import { LinkId, type LinkId as LinkIdType, StreamId } from "../../common/ids.ts";
import { type Refusal, refuse, succeed } from "../../common/result.ts";
import type { MasterToAgent } from "../../server/core/agent-message.ts";
import type { MasterConfig } from "../../server/core/config.ts";
import type { CallRefusal, MasterEffect } from "../../server/core/effect.ts";
import type { MasterAddress } from "../../server/core/event.ts";
import type { CallId, MasterInput } from "../../server/core/input.ts";
import { createMaster } from "../../server/core/master.ts";
import type { OperatorCall, OperatorResponse } from "../../server/core/operator/operator-call.ts";
import type { RegistryRecord } from "../../server/core/registry-record.ts";
import { decodeAgentMessages, encodeMasterMessages } from "../../server/wire/agent-link.ts";
import { decodeSchedulerCall } from "../../server/wire/decode.ts";
import { encodeSchedulerEvent } from "../../server/wire/encode.ts";
import { encodeOperatorResponse } from "../../server/wire/operator.ts";
import { encodeOperatorEvent } from "../../server/wire/operator-events.ts";
import { operatorOrders } from "../../server/wire/operator-orders.ts";
import { decodeRegistryRecord, encodeRegistryRecord } from "../../server/wire/registry-codec.ts";
import { encodeSubscribed, finish } from "../../server/wire/sliced-state.ts";
import type { OperatorDownFrame, OperatorUpFrame, SchedulerDownFrame, SchedulerUpFrame } from "./client-frames.ts";
import type { Candidate, SimElection } from "./election.ts";
import type { Connection, Network, Receiver } from "./network.ts";
import { type NodeContext, SimNode } from "./node.ts";
import { peerOf } from "./node-address.ts";
import type { SimStore } from "./store.ts";

type SchedulerLink = Connection<SchedulerUpFrame, SchedulerDownFrame>;
type OperatorLink = Connection<OperatorUpFrame, OperatorDownFrame>;
/** Encoded MasterMessages down, encoded AgentMessages up. */
export type AgentLinkConnection = Connection<Uint8Array, Uint8Array>;

export interface MasterContext extends NodeContext {
  readonly network: Network;
  readonly election: SimElection;
  readonly registry: SimStore;
  readonly config: (node: string, incarnation: number) => MasterConfig;
  readonly addressOf: (master: string) => MasterAddress | undefined;
  /** Called when a master has ended by its own wish and is to be started again. */
  readonly restartLater: (master: string) => void;
}

/** What can be asked over the network of the simulation, by the name of the RPC. Who asks sends nothing else. */
const questions: ReadonlyMap<string, OperatorCall> = new Map([
  ["GetMaintenanceSchedule", { kind: "getMaintenanceSchedule" }],
  ["GetMaintenanceStatus", { kind: "getMaintenanceStatus" }],
  ["GetMaintenanceProgress", { kind: "getMaintenanceProgress" }],
  ["GetQuota", { kind: "getQuota" }],
  ["GetWeights", { kind: "getWeights" }],
]);

export class MasterNode extends SimNode<MasterInput, MasterEffect> {
  protected readonly tick: MasterInput = { kind: "tick" };
  readonly #context: MasterContext;
  readonly #streams = new Map<string, SchedulerLink>();
  readonly #links = new Map<LinkIdType, AgentLinkConnection>();
  readonly #calls = new Map<CallId, { readonly link: SchedulerLink; readonly index: number }>();
  /** Orders and questions of operators that wait for their answer. */
  readonly #orders = new Map<CallId, OperatorLink>();
  readonly #operatorStreams = new Map<string, OperatorLink>();
  #operatorAnswer: OperatorResponse | undefined;
  #nextNumber = 0;
  #candidate: Candidate | undefined;
  #watch: { stop(): void } | undefined;

  constructor(name: string, context: MasterContext) {
    super(name, context);
    this.#context = context;
  }

  /** Takes a connection of a scheduler: a subscription or a stream of calls, as its first frame says. */
  acceptScheduler(link: SchedulerLink): Receiver<SchedulerUpFrame> | undefined {
    if (this.state === "exited") return undefined;
    let streamId: StreamId | undefined;
    return {
      received: (frame) => {
        // What nodes send is hashed by the sender.
        this.context.simulator.trace.bytes(frame.bytes);
        this.post(() => {
          if (frame.kind === "subscribe") streamId = this.#subscribe(link, frame.bytes);
          else this.#call(link, frame);
        });
      },
      closed: () =>
        this.post(() => {
          if (streamId !== undefined && this.#streams.delete(streamId)) this.dispatch({ kind: "schedulerStreamClosed", streamId });
        }),
    };
  }

  acceptAgent(link: AgentLinkConnection): Receiver<Uint8Array> | undefined {
    if (this.state === "exited") return undefined;
    const linkId = LinkId(this.#newName("link"));
    this.post(() => {
      this.#links.set(linkId, link);
      this.dispatch({ kind: "agentLinkOpened", linkId, peer: peerOf(link.client) });
    });
    return {
      received: (bytes) => this.post(() => this.#agentMessages(linkId, link, bytes)),
      closed: () =>
        this.post(() => {
          if (this.#links.delete(linkId)) this.dispatch({ kind: "agentLinkClosed", linkId });
        }),
    };
  }

  /** Takes a connection of an operator, which carries one order or question, or the events of a stream. */
  acceptOperator(link: OperatorLink): Receiver<OperatorUpFrame> | undefined {
    if (this.state === "exited") return undefined;
    let streamId: StreamId | undefined;
    return {
      received: ({ rpc, bytes }) => {
        this.context.simulator.trace.bytes(bytes);
        this.post(() => {
          if (rpc === "Subscribe") streamId = this.#subscribeOperator(link);
          else this.#order(link, rpc, bytes);
        });
      },
      closed: () =>
        this.post(() => {
          if (streamId !== undefined && this.#operatorStreams.delete(streamId)) this.dispatch({ kind: "operatorStreamClosed", streamId });
        }),
    };
  }

  /** Asks the core now, as an operator on the master's own machine would; undefined when it refuses or does not run. */
  askOperator(call: OperatorCall): OperatorResponse | undefined {
    this.#operatorAnswer = undefined;
    this.dispatch({ kind: "operatorCall", callId: this.#nextNumber++, call });
    return this.#operatorAnswer;
  }

  /** Whether the master can keep its lease alive. */
  canLead(): boolean {
    return this.state === "running" && !this.#context.network.isCut(this.name);
  }

  /** Tells the election that the master was paused or cut off. */
  fellSilent(): void {
    if (this.#candidate !== undefined) this.#context.election.fellSilent(this.#candidate);
  }

  protected createCore(): ReturnType<typeof createMaster> {
    return createMaster(this.#context.config(this.name, this.incarnation));
  }

  protected started(): void {
    const incarnation = this.incarnation;
    const { election } = this.#context;
    this.#candidate = {
      name: this.name,
      canLead: () => this.isIncarnation(incarnation) && this.canLead(),
      leadershipGained: this.answer(() => this.dispatch({ kind: "leadershipGained" })),
      leadershipLost: this.answer(() => {
        this.expectExit();
        this.dispatch({ kind: "leadershipLost" });
      }),
    };
    this.#watch = election.watch(
      this.answer((leader) => {
        this.dispatch({ kind: "leaderChanged", leader: leader === undefined ? undefined : this.#context.addressOf(leader) });
      }),
    );
    election.contend(this.#candidate);
  }

  protected ended(isClean: boolean): void {
    this.#watch?.stop();
    if (this.#candidate !== undefined) this.#context.election.withdraw(this.#candidate, isClean);
    this.#candidate = undefined;
    this.#context.registry.writerDied(this.name);
    this.#context.network.nodeDied(this.name);
    this.#streams.clear();
    this.#links.clear();
    this.#calls.clear();
    this.#orders.clear();
    this.#operatorStreams.clear();
  }

  protected perform(effects: readonly MasterEffect[]): void {
    const outbox = new Map<LinkIdType, MasterToAgent[]>();
    for (const effect of effects) {
      if (effect.kind === "sendToAgent") {
        const messages = outbox.get(effect.linkId);
        if (messages === undefined) outbox.set(effect.linkId, [effect.message]);
        else messages.push(effect.message);
      } else {
        if (effect.kind === "closeAgentLink") this.#flush(effect.linkId, outbox);
        this.#performOne(effect);
      }
    }
    for (const linkId of outbox.keys()) this.#flush(linkId, outbox);
  }

  #performOne(effect: Exclude<MasterEffect, { kind: "sendToAgent" }>): void {
    switch (effect.kind) {
      case "readRegistry":
        this.#readRegistry();
        return;
      case "writeRegistry":
        this.#writeRegistry(effect);
        return;
      case "sendToScheduler": {
        const link = this.#streams.get(effect.streamId);
        if (link !== undefined) link.sendToClient({ kind: "event", bytes: this.#traced(encodeSchedulerEvent(effect.event)) });
        return;
      }
      case "closeSchedulerStream":
        this.#streams.get(effect.streamId)?.endByServer(effect.refusal);
        this.#streams.delete(effect.streamId);
        return;
      case "reply":
        this.#settle(effect.callId, effect.refusal);
        return;
      case "operatorReply":
        if (!this.#settleOrder(effect.callId, { kind: "answer", bytes: encodeOperatorResponse(effect.response) }))
          this.#operatorAnswer = effect.response;
        return;
      case "operatorRefuse":
        this.#settleOrder(effect.callId, { kind: "refusal", refusal: effect.refusal });
        return;
      case "sendToOperators":
        this.#sendToOperators(effect);
        return;
      case "closeOperatorStream":
        this.#operatorStreams.get(effect.streamId)?.endByServer(effect.refusal);
        this.#operatorStreams.delete(effect.streamId);
        return;
      case "closeAgentLink":
        this.#links.get(effect.linkId)?.endByServer(effect.refusal);
        this.#links.delete(effect.linkId);
        return;
      case "log":
        this.context.simulator.trace.text(effect.message);
        return;
      case "exit":
        this.context.simulator.trace.text(effect.reason);
        this.exit({ code: 0, expected: false, isClean: true });
        this.#context.restartLater(this.name);
        return;
      default:
        effect satisfies never;
    }
  }

  #readRegistry(): void {
    this.#context.registry.read(
      this.answer((version, records) => {
        this.dispatch({ kind: "registryRead", version, records: records.map(([key, bytes]) => readRecord(key, bytes)) });
      }),
    );
  }

  #writeRegistry(effect: Extract<MasterEffect, { kind: "writeRegistry" }>): void {
    const candidate = this.#candidate;
    this.#context.registry.write({
      writer: this.name,
      expectedVersion: effect.expectedVersion,
      changes: effect.changes.map((change) => ({
        key: change.key,
        bytes: change.kind === "delete" ? undefined : this.#traced(encodeRegistryRecord(change.record)),
      })),
      refusal: () =>
        candidate !== undefined && this.#context.election.isLeader(candidate) ? undefined : "the writer does not hold the leadership",
      done: this.answer((result) => {
        if (result.kind === "written") {
          this.dispatch({ kind: "registryWritten", version: result.version });
          return;
        }
        this.expectExit();
        this.dispatch({ kind: "registryFailed", reason: result.reason });
      }),
    });
  }

  #subscribe(link: SchedulerLink, bytes: Uint8Array): StreamId | undefined {
    const decoded = decodeSchedulerCall(bytes);
    if (!decoded.ok) {
      link.endByServer(decoded.refusal);
      return undefined;
    }
    if (decoded.value.kind !== "subscribe") {
      link.endByServer({ code: "INVALID_ARGUMENT", message: "type must be SUBSCRIBE on this method" });
      return undefined;
    }
    const streamId = StreamId(this.#newName("stream"));
    this.#streams.set(streamId, link);
    link.sendToClient({ kind: "opened", streamId });
    this.dispatch({ kind: "subscribe", streamId, call: decoded.value.call });
    return streamId;
  }

  #call(link: SchedulerLink, frame: Extract<SchedulerUpFrame, { kind: "call" }>): void {
    const callId = this.#nextNumber++;
    this.#calls.set(callId, { link, index: frame.index });
    const decoded = decodeSchedulerCall(frame.bytes);
    if (!decoded.ok) {
      this.#settle(callId, decoded.refusal);
      return;
    }
    if (decoded.value.kind === "subscribe") {
      this.#settle(callId, { code: "INVALID_ARGUMENT", message: "type must not be SUBSCRIBE on this method" });
      return;
    }
    const { frameworkId, call } = decoded.value;
    const streamId = frame.streamId === undefined ? undefined : StreamId(frame.streamId);
    this.dispatch({ kind: "schedulerCall", callId, frameworkId, streamId, call });
  }

  #settle(callId: CallId, refusal: CallRefusal | undefined): void {
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    call?.link.sendToClient({ kind: "settled", index: call.index, refusal });
  }

  #subscribeOperator(link: OperatorLink): StreamId {
    const streamId = StreamId(this.#newName("operator-stream"));
    this.#operatorStreams.set(streamId, link);
    this.dispatch({ kind: "operatorSubscribe", streamId });
    return streamId;
  }

  #sendToOperators({ event, streamIds }: Extract<MasterEffect, { kind: "sendToOperators" }>): void {
    const bytes =
      event.kind === "subscribed" ? finish(encodeSubscribed(event.state, event.heartbeatIntervalMs)) : encodeOperatorEvent(event);
    this.#traced(bytes);
    for (const streamId of streamIds) this.#operatorStreams.get(streamId)?.sendToClient({ kind: "event", bytes });
  }

  #order(link: OperatorLink, rpc: string, bytes: Uint8Array): void {
    const callId = this.#nextNumber++;
    this.#orders.set(callId, link);
    const question = questions.get(rpc);
    const decoded =
      question === undefined ? (operatorOrders[rpc]?.(bytes) ?? refuse("UNIMPLEMENTED", `there is no order ${rpc}`)) : succeed(question);
    if (decoded.ok) this.dispatch({ kind: "operatorCall", callId, call: decoded.value });
    else this.#settleOrder(callId, { kind: "refusal", refusal: decoded.refusal });
  }

  /** Says whether the call came over the network. */
  #settleOrder(callId: CallId, frame: OperatorDownFrame): boolean {
    const link = this.#orders.get(callId);
    link?.sendToClient(frame);
    return this.#orders.delete(callId);
  }

  #agentMessages(linkId: LinkIdType, link: AgentLinkConnection, bytes: Uint8Array): void {
    const decoded = decodeAgentMessages(bytes);
    if (!decoded.ok) {
      this.#refuseAgent(linkId, link, decoded.refusal);
      return;
    }
    for (const message of decoded.value) {
      if (!this.#links.has(linkId)) return;
      this.dispatch({ kind: "agentMessage", linkId, message });
    }
  }

  #refuseAgent(linkId: LinkIdType, link: AgentLinkConnection, refusal: Refusal): void {
    link.endByServer(refusal);
    if (this.#links.delete(linkId)) this.dispatch({ kind: "agentLinkClosed", linkId });
  }

  #flush(linkId: LinkIdType, outbox: Map<LinkIdType, MasterToAgent[]>): void {
    const messages = outbox.get(linkId);
    outbox.delete(linkId);
    if (messages !== undefined) this.#links.get(linkId)?.sendToClient(this.#traced(encodeMasterMessages(messages)));
  }

  #traced(bytes: Uint8Array): Uint8Array {
    this.context.simulator.trace.bytes(bytes);
    return bytes;
  }

  #newName(kind: string): string {
    return `${this.name}-${this.incarnation}-${kind}-${this.#nextNumber++}`;
  }
}

/** What masters wrote they can read. */
function readRecord(key: string, bytes: Uint8Array): RegistryRecord {
  const decoded = decodeRegistryRecord(key, bytes);
  if (!decoded.ok) throw new InvariantError(`registry ${key} cannot be read: ${decoded.refusal.message}`);
  return decoded.value;
}
