/**
 * A service for those who subscribe to events and make calls: `Subscribe` is a stream of events, `Call` takes a call alone, and `Calls`
 * takes calls in the order in which they are written. Bytes in, decoded calls out, and answers and events back; it decides nothing.
 */

import type { Metadata } from "@grpc/grpc-js";

import type { StreamId } from "../../common/ids.ts";
import { type Refusal, type Result, refuse } from "../../common/result.ts";
import { statusCodes } from "../../common/status-code.ts";
import { CallGate } from "./call-gate.ts";
import { type CallsStream, type CallsStreamOptions, serveCalls } from "./calls-stream.ts";
import type { BidiStream, Method, ServerStream, Service, UnaryAnswer, UnaryCall } from "./server.ts";
import { endWithStatus, type Trailers, toStatus } from "./status.ts";
import { createSubscriptions, streamIdOf } from "./subscriptions.ts";
import { createWaitingCalls, type WaitingCalls } from "./waiting-calls.ts";

/** What the methods take: SUBSCRIBE is for `Subscribe`, all other calls for `Call` and `Calls`. */
type Decoded<Subscription, Call> = ({ readonly kind: "subscribe" } & Subscription) | ({ readonly kind: "call" } & Call);

/** Who makes a call, and what its answer has to name. */
export interface CallOrigin {
  readonly callId: number;
  /** The subscription on whose behalf the call is made, if it says one. */
  readonly streamId: StreamId | undefined;
}

export interface CallServiceOptions<Subscription, Call, R extends Refusal> {
  /** With its package: "tepui.v1.Scheduler". */
  readonly name: string;
  readonly nextCallId: () => number;
  readonly decode: (bytes: Uint8Array) => Result<Decoded<Subscription, Call>>;
  /** `index` is the call's position on its stream, 0 for a call alone. */
  readonly encodeResult: (result: { readonly index: bigint; readonly code: number; readonly message: string }) => Uint8Array;
  readonly onSubscribe: (streamId: StreamId, subscription: Subscription) => void;
  readonly onCall: (origin: CallOrigin, call: Call) => void;
  /** A subscription ended, and not from here. */
  readonly onClosed: (streamId: StreamId) => void;
  /** Why a subscription with this metadata is not opened. */
  readonly metadataRefusal?: (metadata: Metadata) => Refusal | undefined;
  /** Whether later calls of the same stream wait until this one is settled. */
  readonly isAwaited?: (call: Call) => boolean;
  /** What a refusal says besides its status. */
  readonly trailersOf?: (refusal: R) => Trailers;
}

/** `R`: what the core refuses with. */
export interface CallService<R extends Refusal> {
  readonly service: Service;
  send(streamId: StreamId, event: Uint8Array): void;
  /** Ends a subscription after what was sent before; without a refusal, with OK. */
  close(streamId: StreamId, refusal: R | undefined): void;
  reply(callId: number, refusal: R | undefined): void;
  /** For a process that ends. */
  closeAll(refusal: R): void;
}

export function createCallService<Subscription, Call, R extends Refusal = Refusal>(
  options: CallServiceOptions<Subscription, Call, R>,
): CallService<R> {
  const { name, nextCallId, decode, onSubscribe, onCall, onClosed, metadataRefusal, trailersOf = () => [] } = options;
  const subscriptions = createSubscriptions(onClosed);
  const callsStreams = new Set<CallsStream>();
  const waiting: WaitingCalls<undefined, R> = createWaitingCalls(nextCallId);

  function subscribe(stream: ServerStream): void {
    const refusal = metadataRefusal?.(stream.metadata);
    if (refusal !== undefined) {
      endWithStatus(stream, refusal);
      return;
    }
    const decoded = decode(stream.request);
    if (!decoded.ok) endWithStatus(stream, decoded.refusal);
    else if (decoded.value.kind !== "subscribe") endWithStatus(stream, mustBeSubscribe);
    else onSubscribe(subscriptions.open(stream), decoded.value);
  }

  function callOne(unary: UnaryCall, answer: UnaryAnswer): void {
    const decoded = decodeCall(decode, unary.request);
    if (!decoded.ok) {
      answer(toStatus(decoded.refusal));
      return;
    }
    const callId = waiting.add(({ refusal }) => {
      if (refusal !== undefined) answer(toStatus(refusal, trailersOf(refusal)));
      else answer(null, encodeResult(0, undefined));
    });
    unary.on("cancelled", () => waiting.forget(callId));
    onCall({ callId, streamId: streamIdOf(unary.metadata) }, decoded.value);
  }

  function callMany(stream: BidiStream): void {
    const take = takeInOrder(options, waiting, streamIdOf(stream.metadata));
    const onEnd = (calls: CallsStream): void => void callsStreams.delete(calls);
    callsStreams.add(serveCalls({ stream, take, encodeResult, onEnd }));
  }

  function encodeResult(index: number, refusal: Refusal | undefined): Uint8Array {
    const code = refusal === undefined ? statusCodes.OK : statusCodes[refusal.code];
    return options.encodeResult({ index: BigInt(index), code, message: refusal?.message ?? "" });
  }

  const methods = new Map<string, Method>([
    ["Subscribe", { kind: "serverStream", handle: subscribe }],
    ["Call", { kind: "unary", handle: callOne }],
    ["Calls", { kind: "bidi", handle: callMany }],
  ]);

  return {
    service: { name, methods },
    send: subscriptions.send,
    close: (streamId, refusal) => subscriptions.close(streamId, refusal, refusal && trailersOf(refusal)),
    reply: (callId, refusal) => waiting.settle(callId, refusal === undefined ? { refusal, answer: undefined } : { refusal }),
    closeAll: (refusal) => {
      subscriptions.closeAll(refusal);
      for (const calls of [...callsStreams]) calls.close(refusal);
      waiting.refuseAll(refusal);
    },
  };
}

/** How a stream of calls hands one over. */
function takeInOrder<Subscription, Call, R extends Refusal>(
  { decode, onCall, isAwaited = () => false }: CallServiceOptions<Subscription, Call, R>,
  waiting: WaitingCalls<undefined, R>,
  streamId: StreamId | undefined,
): CallsStreamOptions["take"] {
  const gate = new CallGate();
  return (bytes, settle) => {
    const decoded = decodeCall(decode, bytes);
    if (!decoded.ok) {
      settle(decoded.refusal);
      return { forget: () => {} };
    }
    const shutsGate = isAwaited(decoded.value);
    let callId: number | undefined;
    gate.pass(() => {
      callId = waiting.add(({ refusal }) => {
        settle(refusal);
        if (shutsGate) gate.open();
      });
      onCall({ callId, streamId }, decoded.value);
    }, shutsGate);
    const forget = (): void => {
      gate.clear();
      if (callId !== undefined) waiting.forget(callId);
    };
    return { forget };
  };
}

const mustBeSubscribe: Refusal = {
  code: "INVALID_ARGUMENT",
  message: "type must be SUBSCRIBE: other calls go to the methods Call and Calls",
};

/** What `Call` and `Calls` take. */
function decodeCall<Subscription, Call>(
  decode: (bytes: Uint8Array) => Result<Decoded<Subscription, Call>>,
  bytes: Uint8Array,
): Result<Call> {
  const decoded = decode(bytes);
  if (!decoded.ok) return decoded;
  if (decoded.value.kind === "call") return { ok: true, value: decoded.value };
  return refuse("INVALID_ARGUMENT", "type must not be SUBSCRIBE: it goes to the method Subscribe");
}
