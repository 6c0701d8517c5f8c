/** Which messages each method of the Scheduler service takes, and how it answers a call. */

import { encodeMessage } from "../../common/encode-message.ts";
import type { FrameworkId } from "../../common/ids.ts";
import { type Refusal, type Result, refuse, succeed } from "../../common/result.ts";
import { statusCodes } from "../../common/status-code.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";
import type { SchedulerCall, SubscribeCall } from "../core/calls/call.ts";
import { decodeSchedulerCall } from "../wire/decode.ts";

/** What `Subscribe` takes. */
export function readSubscribe(bytes: Uint8Array): Result<SubscribeCall> {
  const decoded = decodeSchedulerCall(bytes);
  if (!decoded.ok) return decoded;
  if (decoded.value.kind === "subscribe") return succeed(decoded.value.call);
  return refuse("INVALID_ARGUMENT", "type must be SUBSCRIBE: other calls go to the methods Call and Calls");
}

export interface CallFromFramework {
  readonly frameworkId: FrameworkId;
  readonly call: SchedulerCall;
}

/** What `Call` and `Calls` take. */
export function readCall(bytes: Uint8Array): Result<CallFromFramework> {
  const decoded = decodeSchedulerCall(bytes);
  if (!decoded.ok) return decoded;
  if (decoded.value.kind === "call") return succeed({ frameworkId: decoded.value.frameworkId, call: decoded.value.call });
  return refuse("INVALID_ARGUMENT", "type must not be SUBSCRIBE: it goes to the method Subscribe");
}

/** `index` is the call's position on its stream, 0 for a call alone. */
export function encodeCallResult(index: number, refusal: Refusal | undefined): Uint8Array {
  return encodeMessage(CallResult, {
    index: BigInt(index),
    code: refusal === undefined ? statusCodes.OK : statusCodes[refusal.code],
    message: refusal?.message ?? "",
    response: undefined,
  });
}
