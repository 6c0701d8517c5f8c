/** A stream's queue keeps order, waits for its reader, and is bounded. */

import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, it } from "mocha";

import { createStreamQueue } from "../../../runtime/grpc/stream-queue.ts";

/** A stream whose reader takes one message each time it is asked to. */
function slowStream(): { stream: Writable; read: string[]; next: () => Promise<void> } {
  const read: string[] = [];
  const pending: (() => void)[] = [];
  const stream = new Writable({
    objectMode: true,
    highWaterMark: 2,
    write: (chunk: Uint8Array, _encoding, done) => {
      pending.push(() => {
        read.push(new TextDecoder().decode(chunk));
        done();
      });
    },
  });
  const next = async (): Promise<void> => {
    pending.shift()?.();
    await nextTurn();
  };
  return { stream, read, next };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("stream queue", () => {
  it("delivers in order to a reader that takes its time", async () => {
    const { stream, read, next } = slowStream();
    const queue = createStreamQueue({ stream, onOverflow: assert.fail });
    for (const text of ["a", "b", "c", "d", "e"]) queue.send(bytes(text));
    for (let count = 0; count < 5; count++) await next();
    assert.deepEqual(read, ["a", "b", "c", "d", "e"]);
  });

  it("drops what waits and reports once when too many messages wait", () => {
    const { stream } = slowStream();
    const reasons: string[] = [];
    const queue = createStreamQueue({ stream, onOverflow: (reason) => reasons.push(reason), maxMessages: 3 });
    for (let count = 0; count < 20; count++) queue.send(bytes("x"));
    assert.deepEqual(reasons, ["more than 3 messages wait to be read"]);
    assert.equal(stream.writableLength, 2);
  });

  it("counts bytes, too", () => {
    const { stream } = slowStream();
    const reasons: string[] = [];
    const queue = createStreamQueue({ stream, onOverflow: (reason) => reasons.push(reason), maxBytes: 100 });
    for (let count = 0; count < 4; count++) queue.send(new Uint8Array(60));
    assert.deepEqual(reasons, ["more than 100 bytes wait to be read"]);
  });

  it("never overflows for a reader that keeps up, however much is sent", async () => {
    const { stream, read, next } = slowStream();
    const queue = createStreamQueue({ stream, onOverflow: assert.fail, maxMessages: 3, maxBytes: 10 });
    for (let count = 0; count < 200; count++) {
      queue.send(bytes("x"));
      await next();
    }
    assert.equal(read.length, 200);
  });

  it("hands over everything that waits before it ends, and takes nothing afterwards", async () => {
    const { stream, read, next } = slowStream();
    const queue = createStreamQueue({ stream, onOverflow: assert.fail });
    for (const text of ["a", "b", "c", "d"]) queue.send(bytes(text));
    queue.end(() => stream.end());
    queue.send(bytes("late"));
    for (let count = 0; count < 5; count++) await next();
    assert.deepEqual(read, ["a", "b", "c", "d"]);
    assert.ok(stream.writableFinished);
  });
});
