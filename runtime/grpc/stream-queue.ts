/**
 * What waits to be sent on one stream. A peer that does not read must cost a bounded amount of memory: when the queue
 * overflows it is dropped and the owner is told, who closes the stream; the peer comes back and starts from a snapshot.
 */

import type { Writable } from "node:stream";

/** Events of a large cluster for a peer that pauses for some seconds; a peer that is further behind is better off starting over. */
const queueMaxMessages = 100_000;
const queueMaxBytes = 64 * 1024 * 1024;

export interface StreamQueueOptions {
  readonly stream: Writable;
  /** Called once; nothing is sent any more. `reason` says which limit was met. */
  readonly onOverflow: (reason: string) => void;
  /** For tests; the limits above otherwise. */
  readonly maxMessages?: number;
  readonly maxBytes?: number;
}

export interface StreamQueue {
  /** Sends after what was sent before. Does nothing once the queue has ended or overflowed. */
  send(bytes: Uint8Array): void;
  /** Hands everything that waits to the stream, then calls `finish`, which ends the stream. Later sends do nothing. */
  end(finish: () => void): void;
  /** The stream is gone: forgets what waits. */
  drop(): void;
}

export function createStreamQueue(options: StreamQueueOptions): StreamQueue {
  const { stream, onOverflow, maxMessages = queueMaxMessages, maxBytes = queueMaxBytes } = options;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let blocked = false;
  let ended = false;

  stream.on("drain", () => {
    blocked = false;
    const messages = waiting;
    let sent = 0;
    while (sent < messages.length && !blocked) write(messages[sent++]);
    waiting = messages.slice(sent);
  });

  function write(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    waitingBytes -= bytes.byteLength;
    blocked = !stream.write(bytes);
  }

  function send(bytes: Uint8Array): void {
    if (ended) return;
    waitingBytes += bytes.byteLength;
    if (!blocked) {
      write(bytes);
      return;
    }
    waiting.push(bytes);
    if (waiting.length <= maxMessages && waitingBytes <= maxBytes) return;
    const reason =
      waiting.length > maxMessages ? `more than ${maxMessages} messages wait to be read` : `more than ${maxBytes} bytes wait to be read`;
    drop();
    onOverflow(reason);
  }

  function drop(): void {
    ended = true;
    waiting = [];
    waitingBytes = 0;
  }

  function end(finish: () => void): void {
    if (!ended) for (const bytes of waiting) stream.write(bytes);
    drop();
    finish();
  }

  return { send, end, drop };
}
