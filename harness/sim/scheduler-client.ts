/**
 * The schedulers' way into the simulated cluster. Each subscription is a connection; the calls of one framework share a
 * second one, in order, to the leader that is known when it is opened. A call whose connection breaks may have been taken.
 */

import type { CallOutcome, SchedulerConnection, SchedulerStream, StreamHandler } from "../cluster.ts";
import type { FrameworkName } from "../history/event.ts";
import type { SchedulerDownFrame, SchedulerUpFrame } from "./client-frames.ts";
import type { SimElection } from "./election.ts";
import type { MasterNode } from "./master-node.ts";
import type { Connection, Network } from "./network.ts";
import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";

type SchedulerLink = Connection<SchedulerUpFrame, SchedulerDownFrame>;

interface PendingCall {
  readonly madeAtMs: number;
  readonly settled: (outcome: CallOutcome) => void;
}

/** The calls of one framework to one master. */
interface CallChannel {
  readonly master: string;
  readonly link: SchedulerLink;
  /** By index, oldest first. */
  readonly pending: Map<number, PendingCall>;
  nextIndex: number;
  isTimerArmed: boolean;
}

/** Calls of one framework that may wait for an outcome, as the bounded queue of a real client. */
const pendingCallsMax = 1_000;

export interface SchedulerClientContext {
  readonly simulator: Simulator;
  readonly options: SimOptions;
  readonly network: Network;
  readonly election: SimElection;
  readonly masters: ReadonlyMap<string, MasterNode>;
}

export class SchedulerClient implements SchedulerConnection {
  readonly #context: SchedulerClientContext;
  readonly #channels = new Map<FrameworkName, CallChannel>();

  constructor(context: SchedulerClientContext) {
    this.#context = context;
  }

  subscribe(framework: FrameworkName, call: Uint8Array, handler: StreamHandler): SchedulerStream {
    const { simulator, network } = this.#context;
    const master = this.#leader();
    let isOver = false;
    const end = (reason: string) => {
      if (isOver) return;
      isOver = true;
      handler.closed(reason);
    };
    if (master === undefined) {
      simulator.after(1, () => end("UNAVAILABLE: no leader is known"));
      return { close: () => end("closed by the client") };
    }
    const link: SchedulerLink = network.connect(
      { client: framework, server: master.name },
      (accepted) => master.acceptScheduler(accepted),
      {
        received(frame) {
          if (isOver) return;
          if (frame.kind === "opened") handler.opened(frame.streamId);
          else if (frame.kind === "event") handler.event(frame.bytes);
        },
        closed: (refusal) => end(refusal === undefined ? "ended by the master" : `${refusal.code}: ${refusal.message}`),
      },
    );
    link.sendToServer({ kind: "subscribe", bytes: call });
    return {
      close: () => {
        if (isOver) return;
        link.endByClient();
        end("closed by the client");
      },
    };
  }

  call(framework: FrameworkName, streamId: string | undefined, call: Uint8Array, settled: (outcome: CallOutcome) => void): void {
    const { simulator } = this.#context;
    const channel = this.#channel(framework);
    if (channel === undefined) {
      simulator.after(1, () => settled({ kind: "fail", code: "UNAVAILABLE", message: "no leader is known" }));
      return;
    }
    if (channel.pending.size >= pendingCallsMax) {
      simulator.after(1, () => settled({ kind: "fail", code: "RESOURCE_EXHAUSTED", message: `${pendingCallsMax} calls wait already` }));
      return;
    }
    const index = channel.nextIndex++;
    channel.pending.set(index, { madeAtMs: simulator.nowMs, settled });
    channel.link.sendToServer({ kind: "call", index, streamId, bytes: call });
    this.#armTimer(channel);
  }

  #leader(): MasterNode | undefined {
    const name = this.#context.election.detectedLeader;
    return name === undefined ? undefined : this.#context.masters.get(name);
  }

  #channel(framework: FrameworkName): CallChannel | undefined {
    const master = this.#leader();
    const known = this.#channels.get(framework);
    if (known !== undefined && known.master === master?.name) return known;
    if (known !== undefined) {
      this.#channels.delete(framework);
      known.link.endByClient();
      this.#settleAll(known, "the leader changed");
    }
    if (master === undefined) return undefined;
    const pending = new Map<number, PendingCall>();
    const link: SchedulerLink = this.#context.network.connect(
      { client: framework, server: master.name },
      (accepted) => master.acceptScheduler(accepted),
      {
        received(frame) {
          if (frame.kind !== "settled") return;
          const call = pending.get(frame.index);
          pending.delete(frame.index);
          call?.settled(
            frame.refusal === undefined ? { kind: "ok" } : { kind: "fail", code: frame.refusal.code, message: frame.refusal.message },
          );
        },
        closed: (refusal) => {
          if (this.#channels.get(framework) === channel) this.#channels.delete(framework);
          this.#settleAll(channel, refusal?.message ?? "the master ended the stream");
        },
      },
    );
    const channel: CallChannel = { master: master.name, link, pending, nextIndex: 0, isTimerArmed: false };
    this.#channels.set(framework, channel);
    return channel;
  }

  #settleAll(channel: CallChannel, reason: string): void {
    const calls = [...channel.pending.values()];
    channel.pending.clear();
    for (const call of calls) call.settled({ kind: "info", reason });
  }

  /** One timer a channel, for its oldest call. */
  #armTimer(channel: CallChannel): void {
    const oldest = channel.pending.values().next().value;
    if (channel.isTimerArmed || oldest === undefined) return;
    channel.isTimerArmed = true;
    const { simulator, options } = this.#context;
    simulator.at(oldest.madeAtMs + options.callTimeoutMs, () => {
      channel.isTimerArmed = false;
      for (const [index, call] of channel.pending) {
        if (call.madeAtMs + options.callTimeoutMs > simulator.nowMs) break;
        channel.pending.delete(index);
        call.settled({ kind: "info", reason: `no answer in ${options.callTimeoutMs} ms` });
      }
      this.#armTimer(channel);
    });
  }
}
