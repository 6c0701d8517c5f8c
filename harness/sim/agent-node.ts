/** A simulated agent: the real core and the real wire code; the link, the checkpoint and the containers are the simulator's. */

import { type AgentCore, createAgent } from "../../agent/core/agent.ts";
import type { CheckpointRecord } from "../../agent/core/checkpoint-record.ts";
import type { AgentConfig } from "../../agent/core/config.ts";
import type { AgentEffect } from "../../agent/core/effect.ts";
import type { AgentInput } from "../../agent/core/input.ts";
import type { AgentToMaster, TaskKey } from "../../agent/core/master-message.ts";
import { decodeCheckpointRecord, encodeCheckpointRecord } from "../../agent/wire/checkpoint-codec.ts";
import { decodeMasterMessages } from "../../agent/wire/decode.ts";
import { type AgentSelf, encodeAgentMessages } from "../../agent/wire/encode.ts";
import { decodeExecutorCall, encodeExecutorEvent } from "../../agent/wire/executor-codec.ts";
import { InvariantError } from "../../common/assert.ts";
import type { LinkId, StreamId } from "../../common/ids.ts";
import { writeResources } from "../../common/mesos-resources.ts";
import { type Refusal, type Result, refuse, succeed } from "../../common/result.ts";
import type { Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import { SimContainers } from "./containers.ts";
import type { LeaderWatcher, SimElection } from "./election.ts";
import { ExecutorPort } from "./executor-port.ts";
import type { AgentLinkConnection, MasterNode } from "./master-node.ts";
import type { Network } from "./network.ts";
import { type NodeContext, SimNode } from "./node.ts";
import { SimStore } from "./store.ts";

export interface AgentContext extends NodeContext {
  readonly network: Network;
  readonly election: SimElection;
  readonly masters: ReadonlyMap<string, MasterNode>;
  readonly config: (node: string, incarnation: number) => AgentConfig;
  readonly self: (node: string) => AgentSelf;
}

/** Masters are told apart by port: the n-th listens on this plus n. */
export const masterPortBase = 6_050;

/** How long an agent that drains may take to end after SIGTERM. */
const drainStopMs = 5_000;

export class AgentNode extends SimNode<AgentInput, AgentEffect> {
  protected readonly tick: AgentInput = { kind: "tick" };
  readonly containers: SimContainers;
  readonly checkpoint: SimStore;
  readonly #context: AgentContext;
  readonly #links = new Map<LinkId, AgentLinkConnection>();
  readonly #executors: ExecutorPort;
  readonly #waitingCalls = new Map<number, (refusal: Refusal | undefined) => void>();
  #lastCall = 0;
  #watch: { stop(): void } | undefined;
  #core: AgentCore | undefined;
  #isRecovered = false;
  #isDrainWanted = false;

  constructor(name: string, context: AgentContext) {
    super(name, context);
    this.#context = context;
    this.containers = new SimContainers(name, context.simulator, context.options, context.record);
    this.checkpoint = new SimStore(context.simulator, context.options);
    this.#executors = new ExecutorPort(context.simulator, {
      isRunning: () => this.state !== "exited",
      subscribe: (streamId, bytes) => this.#executorSubscribes(streamId, bytes),
      call: (request) => this.#executorCalls(request),
      streamClosed: (streamId) => this.post(() => this.dispatch({ kind: "executorStreamClosed", streamId })),
    });
    this.containers.setExecutorPort(this.#executors);
  }

  /** SIGUSR1. */
  drainNow(): void {
    this.expectExit();
    this.post(() => {
      // A signal that comes before the checkpoint was read is kept.
      this.#isDrainWanted = true;
      if (this.#isRecovered) this.dispatch({ kind: "drainNow" });
    });
  }

  /** A drain that is under way ends the process by itself, unless it takes too long. */
  protected override terminated(): void {
    if (!this.#isDrainWanted) super.terminated();
    else
      this.context.simulator.after(
        drainStopMs,
        this.answer(() => this.exit({ code: 1, expected: true, isClean: false })),
      );
  }

  protected createCore(): AgentCore {
    this.#core = createAgent(this.#context.config(this.name, this.incarnation));
    return this.#core;
  }

  /** What the agent says that it has; undefined while it does not run. */
  holdings(): { readonly total: readonly Resource[]; readonly tasks: readonly TaskKey[] } | undefined {
    if (this.state !== "running" || !this.#isRecovered || this.#core === undefined) return undefined;
    const { total, liveTasks } = this.#core.describe();
    return { total: writeResources(total, "stack"), tasks: liveTasks };
  }

  protected started(): void {
    this.checkpoint.read(
      this.answer((_version, records) => {
        const containers = this.containers.recover({
          started: this.answer((containerId) => this.dispatch({ kind: "containerStarted", containerId })),
          failed: this.answer((containerId, reason) => this.dispatch({ kind: "containerFailed", containerId, reason })),
          exited: this.answer((containerId, exit) => this.dispatch({ kind: "containerExited", containerId, exit })),
          checked: this.answer((checkId, result) => this.dispatch({ kind: "checkDone", checkId, result })),
          allKilled: this.answer((alive) => this.dispatch({ kind: "allContainersKilled", alive })),
        });
        this.dispatch({ kind: "recovered", records: records.map(([key, bytes]) => readRecord(key, bytes)), containers });
        this.#isRecovered = true;
        if (this.state === "exited") return;
        this.#watch = this.#context.election.watch(this.answer(this.#leaderDetected));
        if (this.#isDrainWanted) this.dispatch({ kind: "drainNow" });
      }),
    );
  }

  protected ended(isClean: boolean): void {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#isRecovered = false;
    this.#isDrainWanted = false;
    if (isClean) {
      for (const link of this.#links.values()) link.endByClient();
    }
    this.#links.clear();
    this.#waitingCalls.clear();
    this.#executors.closeAll();
    this.#context.network.nodeDied(this.name);
    this.checkpoint.writerDied(this.name);
    this.containers.watcherDied();
  }

  protected perform(effects: readonly AgentEffect[]): void {
    const outbox = new Map<LinkId, AgentToMaster[]>();
    for (const effect of effects) {
      if (effect.kind === "sendToMaster") {
        const messages = outbox.get(effect.linkId);
        if (messages === undefined) outbox.set(effect.linkId, [effect.message]);
        else messages.push(effect.message);
      } else {
        if (effect.kind === "closeLink") this.#flush(effect.linkId, outbox);
        if (effect.kind === "exit") for (const linkId of outbox.keys()) this.#flush(linkId, outbox);
        this.#performOne(effect);
      }
    }
    for (const linkId of outbox.keys()) this.#flush(linkId, outbox);
  }

  #performOne(effect: Exclude<AgentEffect, { kind: "sendToMaster" }>): void {
    switch (effect.kind) {
      case "openLink":
        this.#openLink(effect);
        return;
      case "closeLink":
        this.#links.get(effect.linkId)?.endByClient();
        this.#links.delete(effect.linkId);
        return;
      case "sendToExecutor":
        this.#executors.send(effect.streamId, this.#traced(encodeExecutorEvent(effect.event, this.#context.self(this.name))));
        return;
      case "closeExecutorStream":
        this.#executors.close(effect.streamId, effect.refusal);
        return;
      case "replyToExecutor":
        this.#waitingCalls.get(effect.callId)?.(effect.refusal);
        this.#waitingCalls.delete(effect.callId);
        return;
      case "checkpoint":
        this.#writeCheckpoint(effect);
        return;
      case "launchContainer":
        this.containers.launch(effect.spec);
        return;
      case "killContainer":
        this.containers.kill(effect.containerId, effect.graceMs);
        return;
      case "limitContainer":
        this.context.simulator.trace.text(`${effect.containerId} ${effect.limits.cpus} ${effect.limits.memBytesMax}`);
        return;
      case "killAllContainers":
        this.containers.killAll(effect.timeoutMs);
        return;
      case "startCheck":
        this.containers.startCheck(effect);
        return;
      case "stopCheck":
        this.containers.stopCheck(effect.checkId);
        return;
      case "removeContainer":
        this.containers.remove(effect.containerId);
        return;
      case "keepVolumes":
        this.context.simulator.trace.text(effect.volumes.map(({ role, id }) => `${role} ${id}`).join(";"));
        return;
      case "log":
        this.context.simulator.trace.text(effect.message);
        return;
      case "exit":
        this.context.simulator.trace.text(effect.reason);
        this.exit({ code: effect.code, expected: effect.code === 0, isClean: true });
        return;
      default:
        effect satisfies never;
    }
  }

  readonly #leaderDetected: LeaderWatcher = (leader) => {
    const port = leader === undefined ? undefined : masterPort(leader);
    this.dispatch({
      kind: "leaderDetected",
      leader: leader === undefined || port === undefined ? undefined : { hostname: leader, grpcPort: port },
    });
  };

  #executorSubscribes(streamId: StreamId, bytes: Uint8Array): Result<void> {
    const decoded = decodeExecutorCall(bytes);
    if (!decoded.ok || decoded.value.kind !== "subscribe") return decoded.ok ? refuse("INVALID_ARGUMENT", "no SUBSCRIBE") : decoded;
    const { subscription } = decoded.value;
    this.post(() => this.dispatch({ kind: "executorSubscribe", streamId, subscription }));
    return succeed(undefined);
  }

  #executorCalls({
    streamId,
    bytes,
    settle,
  }: {
    streamId: StreamId;
    bytes: Uint8Array;
    settle: (refusal: Refusal | undefined) => void;
  }): void {
    const decoded = decodeExecutorCall(bytes);
    if (!decoded.ok || decoded.value.kind !== "call") {
      settle(decoded.ok ? { code: "INVALID_ARGUMENT", message: "SUBSCRIBE again" } : decoded.refusal);
      return;
    }
    const { frameworkId, executorId, call } = decoded.value;
    this.#lastCall += 1;
    const callId = this.#lastCall;
    this.#waitingCalls.set(callId, settle);
    this.post(() => this.dispatch({ kind: "executorCall", callId, frameworkId, executorId, streamId, call }));
  }

  #openLink({ linkId, leader }: Extract<AgentEffect, { kind: "openLink" }>): void {
    const close = this.answer((reason: string) => {
      if (this.#links.delete(linkId)) this.dispatch({ kind: "linkClosed", linkId, reason });
    });
    const master = this.#context.masters.get(leader.hostname);
    const connection: AgentLinkConnection = this.#context.network.connect(
      { client: this.name, server: leader.hostname },
      (accepted) => master?.acceptAgent(accepted),
      {
        opened: this.answer(() => {
          if (this.#links.has(linkId)) this.dispatch({ kind: "linkOpened", linkId });
        }),
        received: this.answer((bytes: Uint8Array) => this.#masterMessages(linkId, bytes)),
        closed: (refusal) => close(refusal === undefined ? "ended by the master" : `${refusal.code}: ${refusal.message}`),
      },
    );
    this.#links.set(linkId, connection);
  }

  #masterMessages(linkId: LinkId, bytes: Uint8Array): void {
    const decoded = decodeMasterMessages(bytes);
    if (!decoded.ok) {
      this.#links.get(linkId)?.endByClient();
      if (this.#links.delete(linkId)) this.dispatch({ kind: "linkClosed", linkId, reason: decoded.refusal.message });
      return;
    }
    for (const message of decoded.value) {
      if (!this.#links.has(linkId)) return;
      if (message.kind === "registered" || message.kind === "reregistered") {
        this.context.record({ kind: "agentRegistered", node: this.name, agentId: message.agentId, incarnation: this.incarnation });
      }
      this.dispatch({ kind: "masterMessage", linkId, message });
    }
  }

  #writeCheckpoint({ batch, changes }: Extract<AgentEffect, { kind: "checkpoint" }>): void {
    this.checkpoint.write({
      writer: this.name,
      expectedVersion: undefined,
      changes: changes.map((change) => ({
        key: change.key,
        bytes: change.kind === "delete" ? undefined : this.#traced(encodeCheckpointRecord(change.record)),
      })),
      done: this.answer((result) => {
        if (result.kind === "written") this.dispatch({ kind: "checkpointed", batch });
        else {
          // An agent that cannot write ends; whoever filled its disk wanted that.
          this.expectExit();
          this.dispatch({ kind: "checkpointFailed", batch, reason: result.reason });
        }
      }),
    });
  }

  #flush(linkId: LinkId, outbox: Map<LinkId, AgentToMaster[]>): void {
    const messages = outbox.get(linkId);
    outbox.delete(linkId);
    if (messages === undefined) return;
    this.#links.get(linkId)?.sendToServer(this.#traced(encodeAgentMessages(messages, this.#context.self(this.name))));
  }

  #traced(bytes: Uint8Array): Uint8Array {
    this.context.simulator.trace.bytes(bytes);
    return bytes;
  }
}

/** What an agent wrote itself it can read. */
function readRecord(key: string, bytes: Uint8Array): CheckpointRecord {
  const decoded = decodeCheckpointRecord(key, bytes);
  if (!decoded.ok) throw new InvariantError(`checkpoint ${key} cannot be read: ${decoded.refusal.message}`);
  return decoded.value;
}

function masterPort(master: string): number {
  return masterPortBase + Number(master.slice(master.lastIndexOf("-") + 1));
}
