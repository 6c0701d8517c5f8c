/**
 * The Scheduler service: what frameworks send becomes inputs of the core, and what it answers and announces goes back to them; it decides
 * nothing.
 */

import type { Metadata } from "@grpc/grpc-js";

import { encodeMessage } from "../../common/encode-message.ts";
import type { FrameworkId, StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";
import { type CallService, createCallService } from "../../runtime/grpc/call-service.ts";
import { streamIdKey } from "../../runtime/grpc/subscriptions.ts";
import type { SchedulerCall, SubscribeCall } from "../core/calls/call.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { SchedulerEvent } from "../core/event.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import { decodeSchedulerCall } from "../wire/decode.ts";
import { encodeSchedulerEvent } from "../wire/encode.ts";
import { leaderTrailers } from "./leader-trailers.ts";

export interface SchedulerService extends Omit<CallService<CallRefusal>, "send"> {
  send(streamId: StreamId, event: SchedulerEvent): void;
}

export interface SchedulerServiceOptions {
  readonly dispatch: (input: MasterInput) => void;
  readonly nextCallId: () => CallId;
}

interface CallOfFramework {
  readonly frameworkId: FrameworkId;
  readonly call: SchedulerCall;
}

export function createSchedulerService({ dispatch, nextCallId }: SchedulerServiceOptions): SchedulerService {
  const calls = createCallService<{ readonly call: SubscribeCall }, CallOfFramework, CallRefusal>({
    name: "tepui.v1.Scheduler",
    nextCallId,
    decode: decodeSchedulerCall,
    encodeResult: (result) => encodeMessage(CallResult, { ...result, response: undefined }),
    onSubscribe: (streamId, { call }) => dispatch({ kind: "subscribe", streamId, call }),
    onCall: (origin, { frameworkId, call }) => dispatch({ kind: "schedulerCall", ...origin, frameworkId, call }),
    onClosed: (streamId) => dispatch({ kind: "schedulerStreamClosed", streamId }),
    metadataRefusal,
    // It takes effect only after a write to the registry.
    isAwaited: ({ call }) => call.kind === "updateFramework",
    trailersOf: leaderTrailers,
  });
  return { ...calls, send: (streamId, event) => calls.send(streamId, encodeSchedulerEvent(event)) };
}

function metadataRefusal(metadata: Metadata): Refusal | undefined {
  if (metadata.get(streamIdKey).length === 0) return undefined;
  return { code: "INVALID_ARGUMENT", message: `metadata ${streamIdKey} must not be sent with SUBSCRIBE` };
}
