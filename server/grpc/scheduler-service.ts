/**
 * The Scheduler service: subscriptions as server streams, calls alone or in an ordered stream. Bytes in, inputs out,
 * and the core's events and answers back; it decides nothing.
 */

import { randomUUID } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";

import { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { type CallsStream, type CallsStreamOptions, serveCalls } from "../../runtime/grpc/calls-stream.ts";
import type { BidiStream, Method, ServerStream, Service, UnaryAnswer, UnaryCall } from "../../runtime/grpc/server.ts";
import { endWithStatus, toStatus } from "../../runtime/grpc/status.ts";
import { createStreamQueue, type StreamQueue } from "../../runtime/grpc/stream-queue.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { SchedulerEvent } from "../core/event.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import { encodeSchedulerEvent } from "../wire/encode.ts";
import { CallGate } from "./call-gate.ts";
import { leaderTrailers } from "./leader-trailers.ts";
import { encodeCallResult, readCall, readSubscribe } from "./scheduler-messages.ts";
import { createWaitingCalls, type WaitingCalls } from "./waiting-calls.ts";

/** Names a subscription; sent with it and wanted back with each call. */
export const streamIdKey = "mesos-stream-id";

interface Subscription {
  readonly stream: ServerStream;
  readonly queue: StreamQueue;
  metadataSent: boolean;
}

export interface SchedulerService {
  readonly service: Service;
  send(streamId: StreamId, event: SchedulerEvent): void;
  close(streamId: StreamId, refusal: CallRefusal | undefined): void;
  reply(callId: CallId, refusal: CallRefusal | undefined): void;
  /** For a master that ends. */
  closeAll(refusal: Refusal): void;
}

export interface SchedulerServiceOptions {
  readonly dispatch: (input: MasterInput) => void;
  readonly nextCallId: () => CallId;
}

export function createSchedulerService({ dispatch, nextCallId }: SchedulerServiceOptions): SchedulerService {
  const subscriptions = new Map<StreamId, Subscription>();
  const callsStreams = new Set<CallsStream>();
  const waiting: WaitingCalls<undefined> = createWaitingCalls(nextCallId);

  function subscribe(stream: ServerStream): void {
    if (stream.metadata.get(streamIdKey).length > 0) {
      endWithStatus(stream, { code: "INVALID_ARGUMENT", message: `metadata ${streamIdKey} must not be sent with SUBSCRIBE` });
      return;
    }
    const decoded = readSubscribe(stream.request);
    if (!decoded.ok) {
      endWithStatus(stream, decoded.refusal);
      return;
    }
    const streamId = StreamId(randomUUID());
    const onOverflow = (reason: string): void => {
      close(streamId, { code: "RESOURCE_EXHAUSTED", message: `events are not read fast enough, ${reason}` });
      dispatch({ kind: "schedulerStreamClosed", streamId });
    };
    subscriptions.set(streamId, { stream, queue: createStreamQueue({ stream, onOverflow }), metadataSent: false });
    stream.on("cancelled", () => {
      if (subscriptions.delete(streamId)) dispatch({ kind: "schedulerStreamClosed", streamId });
    });
    dispatch({ kind: "subscribe", streamId, call: decoded.value });
  }

  function send(streamId: StreamId, event: SchedulerEvent): void {
    const subscription = subscriptions.get(streamId);
    if (subscription === undefined) return;
    if (!subscription.metadataSent) {
      // With the first event and not before: until then a refusal may come, and calls would have nothing to refer to.
      subscription.metadataSent = true;
      const metadata = new Metadata();
      metadata.set(streamIdKey, streamId);
      subscription.stream.sendMetadata(metadata);
    }
    subscription.queue.send(encodeSchedulerEvent(event));
  }

  function close(streamId: StreamId, refusal: CallRefusal | undefined): void {
    const subscription = subscriptions.get(streamId);
    if (subscription === undefined) return;
    subscriptions.delete(streamId);
    const { stream, queue } = subscription;
    queue.end(() => endWithStatus(stream, refusal, refusal && leaderTrailers(refusal)));
  }

  function call(unary: UnaryCall, answer: UnaryAnswer): void {
    const decoded = readCall(unary.request);
    if (!decoded.ok) {
      answer(toStatus(decoded.refusal));
      return;
    }
    const callId = waiting.add(({ refusal }) => {
      if (refusal !== undefined) answer(toStatus(refusal, leaderTrailers(refusal)));
      else answer(null, encodeCallResult(0, undefined));
    });
    unary.on("cancelled", () => waiting.forget(callId));
    dispatch({ kind: "schedulerCall", callId, streamId: streamIdOf(unary.metadata), ...decoded.value });
  }

  function takeCalls(stream: BidiStream): void {
    const take = takeCall({ dispatch, waiting, streamId: streamIdOf(stream.metadata) });
    const onEnd = (calls: CallsStream): void => void callsStreams.delete(calls);
    callsStreams.add(serveCalls({ stream, take, encodeResult: encodeCallResult, onEnd }));
  }

  const methods = new Map<string, Method>([
    ["Subscribe", { kind: "serverStream", handle: subscribe }],
    ["Call", { kind: "unary", handle: call }],
    ["Calls", { kind: "bidi", handle: takeCalls }],
  ]);

  return {
    service: { name: "tepui.v1.Scheduler", methods },
    send,
    close,
    reply: (callId, refusal) => waiting.settle(callId, refusal === undefined ? { refusal, answer: undefined } : { refusal }),
    closeAll: (refusal) => {
      for (const streamId of [...subscriptions.keys()]) close(streamId, refusal);
      for (const calls of [...callsStreams]) calls.close(refusal);
      waiting.refuseAll(refusal);
    },
  };
}

interface CallContext {
  readonly dispatch: (input: MasterInput) => void;
  readonly waiting: WaitingCalls<undefined>;
  /** Of the subscription on whose behalf the calls are made. */
  readonly streamId: StreamId | undefined;
}

/** How a stream of calls hands one over. */
function takeCall({ dispatch, waiting, streamId }: CallContext): CallsStreamOptions["take"] {
  const gate = new CallGate();
  return (bytes, settle) => {
    const decoded = readCall(bytes);
    if (!decoded.ok) {
      settle(decoded.refusal);
      return { forget: () => {} };
    }
    // It takes effect only after a write to the registry: later calls wait until it is settled.
    const shutsGate = decoded.value.call.kind === "updateFramework";
    let callId: CallId | undefined;
    gate.pass(() => {
      callId = waiting.add(({ refusal }) => {
        settle(refusal);
        if (shutsGate) gate.open();
      });
      dispatch({ kind: "schedulerCall", callId, streamId, ...decoded.value });
    }, shutsGate);
    const forget = (): void => {
      gate.clear();
      if (callId !== undefined) waiting.forget(callId);
    };
    return { forget };
  };
}

function streamIdOf(metadata: Metadata): StreamId | undefined {
  const value = metadata.get(streamIdKey)[0];
  return typeof value === "string" ? StreamId(value) : undefined;
}
