/**
 * The Scheduler service: subscriptions as server streams, calls alone or in an ordered stream. Bytes in, inputs out,
 * and the core's events and answers back; it decides nothing.
 */

import type { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { type CallsStream, type CallsStreamOptions, serveCalls } from "../../runtime/grpc/calls-stream.ts";
import type { BidiStream, Method, ServerStream, Service, UnaryAnswer, UnaryCall } from "../../runtime/grpc/server.ts";
import { endWithStatus, toStatus } from "../../runtime/grpc/status.ts";
import { createSubscriptions, streamIdKey, streamIdOf } from "../../runtime/grpc/subscriptions.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { SchedulerEvent } from "../core/event.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import { encodeSchedulerEvent } from "../wire/encode.ts";
import { CallGate } from "./call-gate.ts";
import { leaderTrailers } from "./leader-trailers.ts";
import { encodeCallResult, readCall, readSubscribe } from "./scheduler-messages.ts";
import { createWaitingCalls, type WaitingCalls } from "./waiting-calls.ts";

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
  const subscriptions = createSubscriptions((streamId) => dispatch({ kind: "schedulerStreamClosed", streamId }));
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
    dispatch({ kind: "subscribe", streamId: subscriptions.open(stream), call: decoded.value });
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
    send: (streamId, event) => subscriptions.send(streamId, encodeSchedulerEvent(event)),
    close: (streamId, refusal) => subscriptions.close(streamId, refusal, refusal && leaderTrailers(refusal)),
    reply: (callId, refusal) => waiting.settle(callId, refusal === undefined ? { refusal, answer: undefined } : { refusal }),
    closeAll: (refusal) => {
      subscriptions.closeAll(refusal);
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
