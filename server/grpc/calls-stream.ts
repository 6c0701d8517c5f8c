/** One `Calls` stream: takes calls in the order in which they are written and answers them in that order. */

import type { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { BidiStream } from "../../runtime/grpc/server.ts";
import { endWithStatus } from "../../runtime/grpc/status.ts";
import { createStreamQueue } from "../../runtime/grpc/stream-queue.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import { CallGate } from "./call-gate.ts";
import { type CallFromFramework, encodeCallResult, readCall } from "./scheduler-messages.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

/** Calls of one stream that wait for the core; the stream is not read further meanwhile. A turn of the driver answers more than these. */
const callsInFlightMax = 1_000;

export interface CallsStreamOptions {
  readonly stream: BidiStream;
  /** Of the subscription on whose behalf the calls are made. */
  readonly streamId: StreamId | undefined;
  readonly waiting: WaitingCalls<undefined>;
  readonly dispatch: (input: MasterInput) => void;
  /** Called once, however the stream ends. */
  readonly onEnd: (calls: CallsStream) => void;
}

export interface CallsStream {
  /** Ends the stream after the answers so far; calls that wait get none. */
  close(refusal: Refusal): void;
}

interface Slot {
  readonly index: number;
  callId: CallId | undefined;
  /** Whether later calls wait until this one is settled: it takes effect only after a write to the registry. */
  shutsGate: boolean;
  outcome: { readonly refusal: CallRefusal | undefined } | undefined;
}

/** Serves the stream until either side ends it. */
export function serveCalls({ stream, streamId, waiting, dispatch, onEnd }: CallsStreamOptions): CallsStream {
  /** Not answered yet, oldest first. */
  const slots: Slot[] = [];
  const gate = new CallGate();
  let nextIndex = 0;
  let clientDone = false;
  let closed = false;
  const calls: CallsStream = { close: (refusal) => finish(refusal) };

  const queue = createStreamQueue({
    stream,
    onOverflow: (reason) => finish({ code: "RESOURCE_EXHAUSTED", message: `results are not read fast enough, ${reason}` }),
  });

  function take(bytes: Uint8Array): void {
    if (closed) return;
    const slot: Slot = { index: nextIndex++, callId: undefined, shutsGate: false, outcome: undefined };
    slots.push(slot);
    const decoded = readCall(bytes);
    if (!decoded.ok) {
      settle(slot, decoded.refusal);
      return;
    }
    if (slots.length >= callsInFlightMax) stream.pause();
    slot.shutsGate = decoded.value.call.kind === "updateFramework";
    gate.pass(() => send(slot, decoded.value), slot.shutsGate);
  }

  function send(slot: Slot, call: CallFromFramework): void {
    const callId = waiting.add(({ refusal }) => settle(slot, refusal));
    slot.callId = callId;
    dispatch({ kind: "schedulerCall", callId, streamId, ...call });
  }

  function settle(slot: Slot, refusal: CallRefusal | undefined): void {
    if (closed) return;
    slot.outcome = { refusal };
    let first = slots[0];
    while (first?.outcome !== undefined) {
      queue.send(encodeCallResult(first.index, first.outcome.refusal));
      slots.shift();
      first = slots[0];
    }
    if (slots.length < callsInFlightMax && stream.isPaused()) stream.resume();
    if (clientDone && slots.length === 0) finish(undefined);
    if (slot.shutsGate) gate.open();
  }

  function finish(refusal: CallRefusal | undefined): void {
    if (closed) return;
    forget();
    queue.end(() => endWithStatus(stream, refusal));
  }

  function forget(): void {
    if (closed) return;
    closed = true;
    onEnd(calls);
    for (const { callId } of slots) if (callId !== undefined) waiting.forget(callId);
    slots.length = 0;
    gate.clear();
  }

  stream.on("data", take);
  stream.on("end", () => {
    clientDone = true;
    if (slots.length === 0) finish(undefined);
  });
  stream.on("cancelled", () => {
    forget();
    queue.drop();
  });
  return calls;
}
