/**
 * Who may call, and what each call does. A refusal has no effect. The codes: INVALID_ARGUMENT for an unknown or removed
 * framework and for a missing or old stream id (HTTP 400 in Mesos), PERMISSION_DENIED for a framework that is not connected (403).
 */

import { assertNever } from "../../../common/assert.ts";
import type { FrameworkId, StreamId } from "../../../common/ids.ts";
import { type Refusal, type Result, refuse, succeed } from "../../../common/result.ts";
import { isConnectedBy, proposeCompletion } from "../frameworks.ts";
import type { CallId } from "../input.ts";
import type { Framework, MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { accept } from "./accept.ts";
import { acknowledge } from "./acknowledge.ts";
import { answerInverseOffers } from "./answer-inverse-offers.ts";
import type { SchedulerCall } from "./call.ts";
import { decline } from "./decline.ts";
import { message, shutdown } from "./executor-calls.ts";
import { kill } from "./kill.ts";
import { acknowledgeOperation, reconcileOperations } from "./operation-feedback.ts";
import { reconcile } from "./reconcile.ts";
import { request } from "./request.ts";
import { revive, suppress } from "./revive.ts";
import { updateFramework } from "./update-framework.ts";

export interface Caller {
  readonly frameworkId: FrameworkId;
  /** What the caller sent as `mesos-stream-id`. */
  readonly streamId: StreamId | undefined;
}

export function dispatchCall(turn: Turn, caller: Caller, { callId, call }: { callId: CallId; call: SchedulerCall }): void {
  const admitted = admitCaller(turn.state, caller);
  if (!admitted.ok) {
    turn.emit({ kind: "reply", callId, refusal: admitted.refusal });
    return;
  }
  if (call.kind === "teardown") {
    // Answered when it is durable.
    proposeCompletion(turn, admitted.value, { by: "scheduler", callId });
    return;
  }
  if (call.kind === "updateFramework") {
    updateFramework(turn, admitted.value, { callId, call });
    return;
  }
  turn.emit({ kind: "reply", callId, refusal: handleCall(turn, admitted.value, call) });
}

function admitCaller(state: MasterState, { frameworkId, streamId }: Caller): Result<Framework> {
  const framework = state.frameworks.get(frameworkId);
  if (framework === undefined || framework.isCompleting) {
    const rule =
      state.retiredFrameworks.has(frameworkId) || framework !== undefined ? "must not be of a removed framework" : "must be known";
    return refuse("INVALID_ARGUMENT", `framework_id ${rule}, is ${frameworkId}`);
  }
  if (framework.connection.kind !== "connected") return refuse("PERMISSION_DENIED", `framework ${frameworkId} is not subscribed`);
  if (streamId === undefined) return refuse("INVALID_ARGUMENT", "mesos-stream-id must be sent with the call, is absent");
  if (!isConnectedBy(framework, streamId)) {
    return refuse("INVALID_ARGUMENT", `mesos-stream-id must be of the current subscription, is ${streamId}`);
  }
  return succeed(framework);
}

/** Calls that wait for the registry are answered elsewhere. */
type QuickCall = Exclude<SchedulerCall, { kind: "teardown" | "updateFramework" }>;

function handleCall(turn: Turn, framework: Framework, call: QuickCall): Refusal | undefined {
  switch (call.kind) {
    case "accept":
      return accept(turn, framework, call);
    case "decline":
      return decline(turn, framework, call);
    case "answerInverseOffers":
      return answerInverseOffers(turn, framework, call);
    case "revive":
      return revive(turn, framework, call);
    case "suppress":
      return suppress(framework, call);
    case "request":
      request(turn, framework, call);
      return undefined;
    case "kill":
      return kill(turn, framework, call);
    case "shutdown":
      shutdown(turn, framework, call);
      return undefined;
    case "message":
      return message(turn, framework, call);
    case "acknowledge":
      acknowledge(turn, framework, call);
      return undefined;
    case "acknowledgeOperation":
      acknowledgeOperation(turn, framework, call);
      return undefined;
    case "reconcileOperations":
      reconcileOperations(turn, framework, call);
      return undefined;
    case "reconcile":
      reconcile(turn, framework, call);
      return undefined;
    default:
      return assertNever(call);
  }
}
