/**
 * Operators' event streams. The first event may be large and is encoded in slices; what happens meanwhile waits behind it, so that each
 * reader gets everything in order.
 */

import type { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { ServerStream } from "../../runtime/grpc/server.ts";
import { endWithStatus } from "../../runtime/grpc/status.ts";
import { createSubscriptions } from "../../runtime/grpc/subscriptions.ts";
import { type TimeSlices, waitingWorkMax } from "../../runtime/time-slices.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { MasterInput } from "../core/input.ts";
import type { OperatorEvent } from "../core/operator/operator-event.ts";
import { emptyRefusal } from "../wire/operator.ts";
import { encodeOperatorEvent } from "../wire/operator-events.ts";
import { encodeSubscribed } from "../wire/sliced-state.ts";
import { leaderTrailers } from "./leader-trailers.ts";

/** Events behind a first one that is being encoded, which takes some seconds at most; who misses more begins anew. */
const heldEventsMax = 100_000;

/** For a state that nobody has the time to encode. */
export const tooManyReaders: Refusal = {
  code: "RESOURCE_EXHAUSTED",
  message: `${waitingWorkMax} readers of the state wait already, the limit; try again`,
};

export interface OperatorStreams {
  open(stream: ServerStream): void;
  send(streamIds: readonly StreamId[], event: OperatorEvent): void;
  close(streamId: StreamId, refusal: CallRefusal): void;
  closeAll(refusal: Refusal): void;
}

export function createOperatorStreams(dispatch: (input: MasterInput) => void, slices: TimeSlices): OperatorStreams {
  const held = new Map<StreamId, Uint8Array[]>();
  const subscriptions = createSubscriptions((streamId) => {
    held.delete(streamId);
    dispatch({ kind: "operatorStreamClosed", streamId });
  });

  function begin(streamId: StreamId, { state, heartbeatIntervalMs }: Extract<OperatorEvent, { kind: "subscribed" }>): void {
    held.set(streamId, []);
    const isTaken = slices.add(encodeSubscribed(state, heartbeatIntervalMs), (bytes) => {
      const later = held.get(streamId);
      if (later === undefined) return;
      held.delete(streamId);
      for (const each of [bytes, ...later]) subscriptions.send(streamId, each);
    });
    if (!isTaken) drop(streamId, tooManyReaders);
  }

  function drop(streamId: StreamId, refusal: Refusal): void {
    held.delete(streamId);
    subscriptions.close(streamId, refusal);
    dispatch({ kind: "operatorStreamClosed", streamId });
  }

  function sendOne(streamId: StreamId, bytes: Uint8Array): void {
    const later = held.get(streamId);
    if (later === undefined) subscriptions.send(streamId, bytes);
    else if (later.length < heldEventsMax) later.push(bytes);
    else drop(streamId, { code: "RESOURCE_EXHAUSTED", message: `more than ${heldEventsMax} events wait for the first one` });
  }

  return {
    open: (stream) => {
      const refusal = emptyRefusal(stream.request);
      if (refusal === undefined) dispatch({ kind: "operatorSubscribe", streamId: subscriptions.open(stream) });
      else endWithStatus(stream, refusal);
    },
    send: (streamIds, event) => {
      if (event.kind === "subscribed") {
        for (const streamId of streamIds) begin(streamId, event);
        return;
      }
      const bytes = encodeOperatorEvent(event);
      for (const streamId of streamIds) sendOne(streamId, bytes);
    },
    close: (streamId, refusal) => {
      held.delete(streamId);
      subscriptions.close(streamId, refusal, leaderTrailers(refusal));
    },
    closeAll: (refusal) => {
      held.clear();
      subscriptions.closeAll(refusal);
    },
  };
}
