/** One stream of calls: takes them in the order in which they are written and answers them in that order. */

import type { Refusal } from "../../common/result.ts";
import type { BidiStream } from "./server.ts";
import { endWithStatus } from "./status.ts";
import { createStreamQueue } from "./stream-queue.ts";

/** Calls of one stream that wait for the core; the stream is not read further meanwhile. A turn of the driver answers more than these. */
const callsInFlightMax = 1_000;

export interface CallsStreamOptions {
  readonly stream: BidiStream;
  /**
   * Takes one call. `settle` is called once with its outcome, perhaps at once; afterwards, or when `forget` was called, it does
   * nothing. Answers how to forget the call when its caller has gone.
   */
  readonly take: (bytes: Uint8Array, settle: (refusal: Refusal | undefined) => void) => { forget(): void };
  readonly encodeResult: (index: number, refusal: Refusal | undefined) => Uint8Array;
  /** Called once, however the stream ends. */
  readonly onEnd: (calls: CallsStream) => void;
}

export interface CallsStream {
  /** Ends the stream after the answers so far; calls that wait get none. */
  close(refusal: Refusal): void;
}

interface Slot {
  readonly index: number;
  call: { forget(): void } | undefined;
  outcome: { readonly refusal: Refusal | undefined } | undefined;
}

/** Serves the stream until either side ends it. */
export function serveCalls({ stream, take, encodeResult, onEnd }: CallsStreamOptions): CallsStream {
  /** Not answered yet, oldest first. */
  const slots: Slot[] = [];
  let nextIndex = 0;
  let clientDone = false;
  let closed = false;
  const calls: CallsStream = { close: (refusal) => finish(refusal) };

  const queue = createStreamQueue({
    stream,
    onOverflow: (reason) => finish({ code: "RESOURCE_EXHAUSTED", message: `results are not read fast enough, ${reason}` }),
  });

  function receive(bytes: Uint8Array): void {
    if (closed) return;
    const slot: Slot = { index: nextIndex++, call: undefined, outcome: undefined };
    slots.push(slot);
    if (slots.length >= callsInFlightMax) stream.pause();
    slot.call = take(bytes, (refusal) => settle(slot, refusal));
  }

  function settle(slot: Slot, refusal: Refusal | undefined): void {
    if (closed) return;
    slot.outcome = { refusal };
    let first = slots[0];
    while (first?.outcome !== undefined) {
      queue.send(encodeResult(first.index, first.outcome.refusal));
      slots.shift();
      first = slots[0];
    }
    if (slots.length < callsInFlightMax && stream.isPaused()) stream.resume();
    if (clientDone && slots.length === 0) finish(undefined);
  }

  function finish(refusal: Refusal | undefined): void {
    if (closed) return;
    forget();
    queue.end(() => endWithStatus(stream, refusal));
  }

  function forget(): void {
    if (closed) return;
    closed = true;
    onEnd(calls);
    for (const { call } of slots) call?.forget();
    slots.length = 0;
  }

  stream.on("data", receive);
  stream.on("end", () => {
    clientDone = true;
    if (slots.length === 0) finish(undefined);
  });
  stream.on("cancelled", () => {
    forget();
    queue.drop();
  });
  return calls;
}
