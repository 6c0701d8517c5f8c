/**
 * The Executor service: what executors send becomes inputs of the core, and what it answers and announces goes back to them; it decides
 * nothing.
 */

import { encodeMessage } from "../../common/encode-message.ts";
import type { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import { ExecutorCallResult } from "../../protos/gen/tepui/v1/executor_service.ts";
import { type CallService, createCallService } from "../../runtime/grpc/call-service.ts";
import type { ExecutorCall, ExecutorEvent, ExecutorKey, ExecutorSubscription } from "../core/executor-message.ts";
import type { AgentInput } from "../core/input.ts";
import type { AgentSelf } from "../wire/encode.ts";
import { decodeExecutorCall, encodeExecutorEvent } from "../wire/executor-codec.ts";

export interface ExecutorService extends Omit<CallService<Refusal>, "send"> {
  send(streamId: StreamId, event: ExecutorEvent): void;
}

export interface ExecutorServiceOptions {
  readonly dispatch: (input: AgentInput) => void;
  /** Known once the agent listens, which is before anyone subscribes. */
  readonly self: () => AgentSelf;
}

interface CallOfExecutor extends ExecutorKey {
  readonly call: ExecutorCall;
}

export function createExecutorService({ dispatch, self }: ExecutorServiceOptions): ExecutorService {
  let callCount = 0;
  const calls = createCallService<{ readonly subscription: ExecutorSubscription }, CallOfExecutor>({
    name: "tepui.v1.Executor",
    nextCallId: () => ++callCount,
    decode: decodeExecutorCall,
    encodeResult: (result) => encodeMessage(ExecutorCallResult, result),
    onSubscribe: (streamId, { subscription }) => dispatch({ kind: "executorSubscribe", streamId, subscription }),
    onCall: (origin, { frameworkId, executorId, call }) => dispatch({ kind: "executorCall", ...origin, frameworkId, executorId, call }),
    onClosed: (streamId) => dispatch({ kind: "executorStreamClosed", streamId }),
  });
  return { ...calls, send: (streamId, event) => calls.send(streamId, encodeExecutorEvent(event, self())) };
}
