/**
 * The Executor service: subscriptions as server streams, calls alone or in an ordered stream. Bytes in, inputs out, and the
 * core's events and answers back; it decides nothing.
 */

import type { Metadata } from "@grpc/grpc-js";

import { encodeMessage } from "../../common/encode-message.ts";
import type { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { statusCodes } from "../../common/status-code.ts";
import { ExecutorCallResult } from "../../protos/gen/tepui/v1/executor_service.ts";
import { type CallsStream, serveCalls } from "../../runtime/grpc/calls-stream.ts";
import type { BidiStream, Method, ServerStream, Service, UnaryAnswer, UnaryCall } from "../../runtime/grpc/server.ts";
import { endWithStatus, toStatus } from "../../runtime/grpc/status.ts";
import { createSubscriptions, streamIdOf } from "../../runtime/grpc/subscriptions.ts";
import type { ExecutorEvent } from "../core/executor-message.ts";
import type { AgentInput, CallId } from "../core/input.ts";
import type { AgentSelf } from "../wire/encode.ts";
import { decodeExecutorCall, encodeExecutorEvent } from "../wire/executor-codec.ts";

export interface ExecutorService {
  readonly service: Service;
  send(streamId: StreamId, event: ExecutorEvent): void;
  close(streamId: StreamId, refusal: Refusal | undefined): void;
  reply(callId: CallId, refusal: Refusal | undefined): void;
  /** For an agent that ends. */
  closeAll(refusal: Refusal): void;
}

export interface ExecutorServiceOptions {
  readonly dispatch: (input: AgentInput) => void;
  /** Known once the agent listens, which is before anyone subscribes. */
  readonly self: () => AgentSelf;
}

type Settle = (refusal: Refusal | undefined) => void;

export function createExecutorService({ dispatch, self }: ExecutorServiceOptions): ExecutorService {
  const subscriptions = createSubscriptions((streamId) => dispatch({ kind: "executorStreamClosed", streamId }));
  const callsStreams = new Set<CallsStream>();
  const waiting = new Map<CallId, Settle>();
  const take = createTake(waiting, dispatch);

  function subscribe(stream: ServerStream): void {
    const decoded = decodeExecutorCall(stream.request);
    if (!decoded.ok || decoded.value.kind !== "subscribe") {
      endWithStatus(stream, decoded.ok ? mustBeSubscribe : decoded.refusal);
      return;
    }
    dispatch({ kind: "executorSubscribe", streamId: subscriptions.open(stream), subscription: decoded.value.subscription });
  }

  function callOne(unary: UnaryCall, answer: UnaryAnswer): void {
    const call = take(unary.metadata, unary.request, (refusal) => {
      if (refusal === undefined) answer(null, encodeResult(0, undefined));
      else answer(toStatus(refusal));
    });
    unary.on("cancelled", () => call.forget());
  }

  function callMany(stream: BidiStream): void {
    const { metadata } = stream;
    const onEnd = (calls: CallsStream): void => void callsStreams.delete(calls);
    callsStreams.add(serveCalls({ stream, take: (bytes, settle) => take(metadata, bytes, settle), encodeResult, onEnd }));
  }

  const methods = new Map<string, Method>([
    ["Subscribe", { kind: "serverStream", handle: subscribe }],
    ["Call", { kind: "unary", handle: callOne }],
    ["Calls", { kind: "bidi", handle: callMany }],
  ]);

  return {
    service: { name: "tepui.v1.Executor", methods },
    send: (streamId, event) => subscriptions.send(streamId, encodeExecutorEvent(event, self())),
    close: (streamId, refusal) => subscriptions.close(streamId, refusal),
    reply: (callId, refusal) => {
      const settle = waiting.get(callId);
      waiting.delete(callId);
      settle?.(refusal);
    },
    closeAll: (refusal) => {
      subscriptions.closeAll(refusal);
      for (const calls of [...callsStreams]) calls.close(refusal);
      const all = [...waiting.values()];
      waiting.clear();
      for (const settle of all) settle(refusal);
    },
  };
}

/** Takes one call that is not SUBSCRIBE; what it answers forgets the call. */
type Take = (metadata: Metadata, bytes: Uint8Array, settle: Settle) => { forget(): void };

function createTake(waiting: Map<CallId, Settle>, dispatch: (input: AgentInput) => void): Take {
  let lastCallId: CallId = 0;
  return (metadata, bytes, settle) => {
    const decoded = decodeExecutorCall(bytes);
    if (!decoded.ok || decoded.value.kind !== "call") {
      settle(decoded.ok ? mustNotBeSubscribe : decoded.refusal);
      return { forget: () => {} };
    }
    const { frameworkId, executorId, call } = decoded.value;
    lastCallId += 1;
    const callId = lastCallId;
    waiting.set(callId, settle);
    dispatch({ kind: "executorCall", callId, frameworkId, executorId, streamId: streamIdOf(metadata), call });
    return { forget: () => void waiting.delete(callId) };
  };
}

const mustBeSubscribe: Refusal = {
  code: "INVALID_ARGUMENT",
  message: "type must be SUBSCRIBE: other calls go to the methods Call and Calls",
};

const mustNotBeSubscribe: Refusal = {
  code: "INVALID_ARGUMENT",
  message: "type must not be SUBSCRIBE: it goes to the method Subscribe",
};

/** `index` is the call's position on its stream, 0 for a call alone. */
function encodeResult(index: number, refusal: Refusal | undefined): Uint8Array {
  return encodeMessage(ExecutorCallResult, {
    index: BigInt(index),
    code: refusal === undefined ? statusCodes.OK : statusCodes[refusal.code],
    message: refusal?.message ?? "",
  });
}
