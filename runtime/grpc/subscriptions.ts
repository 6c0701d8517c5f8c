/**
 * The event streams of a service's subscribers. Each is named by a `mesos-stream-id`, which goes out with the first event and has to
 * come back with every call; a subscriber that does not read is cut off.
 */

import { randomUUID } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";

import { StreamId } from "../../common/ids.ts";
import type { Refusal } from "../../common/result.ts";
import type { ServerStream } from "./server.ts";
import { endWithStatus, type Trailers } from "./status.ts";
import { createStreamQueue, type StreamQueue } from "./stream-queue.ts";

/** Names a subscription; sent with it and wanted back with each call. */
export const streamIdKey = "mesos-stream-id";

/** The subscription in whose name a call comes, if it says one. */
export function streamIdOf(metadata: Metadata): StreamId | undefined {
  const value = metadata.get(streamIdKey)[0];
  return typeof value === "string" ? StreamId(value) : undefined;
}

interface Subscription {
  readonly stream: ServerStream;
  readonly queue: StreamQueue;
  metadataSent: boolean;
}

export interface Subscriptions {
  /** Names the stream. Its end is told to `onClosed`, unless it is ended from here. */
  open(stream: ServerStream): StreamId;
  /** Does nothing for a stream that is closed. */
  send(streamId: StreamId, bytes: Uint8Array): void;
  /** Ends the stream after what was sent before; without a refusal, with OK. */
  close(streamId: StreamId, refusal: Refusal | undefined, trailers?: Trailers): void;
  closeAll(refusal: Refusal): void;
}

export function createSubscriptions(onClosed: (streamId: StreamId) => void): Subscriptions {
  const subscriptions = new Map<StreamId, Subscription>();

  function open(stream: ServerStream): StreamId {
    const streamId = StreamId(randomUUID());
    const onOverflow = (reason: string): void => {
      close(streamId, { code: "RESOURCE_EXHAUSTED", message: `events are not read fast enough, ${reason}` });
      onClosed(streamId);
    };
    subscriptions.set(streamId, { stream, queue: createStreamQueue({ stream, onOverflow }), metadataSent: false });
    stream.on("cancelled", () => {
      if (subscriptions.delete(streamId)) onClosed(streamId);
    });
    return streamId;
  }

  function send(streamId: StreamId, bytes: Uint8Array): void {
    const subscription = subscriptions.get(streamId);
    if (subscription === undefined) return;
    if (!subscription.metadataSent) {
      // With the first event and not before: until then a refusal may come, and calls would have nothing to refer to.
      subscription.metadataSent = true;
      const metadata = new Metadata();
      metadata.set(streamIdKey, streamId);
      subscription.stream.sendMetadata(metadata);
    }
    subscription.queue.send(bytes);
  }

  function close(streamId: StreamId, refusal: Refusal | undefined, trailers?: Trailers): void {
    const subscription = subscriptions.get(streamId);
    if (subscription === undefined) return;
    subscriptions.delete(streamId);
    subscription.queue.end(() => endWithStatus(subscription.stream, refusal, trailers));
  }

  return {
    open,
    send,
    close,
    closeAll: (refusal) => {
      for (const streamId of [...subscriptions.keys()]) close(streamId, refusal);
    },
  };
}
