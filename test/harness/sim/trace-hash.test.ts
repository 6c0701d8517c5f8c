import assert from "node:assert/strict";
import { TraceHash } from "../../../harness/sim/trace-hash.ts";

function digestOf(add: (trace: TraceHash) => void): string {
  const trace = new TraceHash();
  add(trace);
  return trace.digest();
}

describe("TraceHash", () => {
  it("is the same for the same things in the same order", () => {
    const add = (trace: TraceHash): void => {
      trace.text("tick");
      trace.number(12_345_678_901);
      trace.bytes(Uint8Array.of(1, 2, 3));
    };
    assert.equal(digestOf(add), digestOf(add));
    assert.match(digestOf(add), /^[0-9a-f]{16}$/);
  });

  it("differs when the order, a byte, a number or the border between two texts differs", () => {
    const digests = [
      digestOf((trace) => trace.bytes(Uint8Array.of(1, 2))),
      digestOf((trace) => trace.bytes(Uint8Array.of(2, 1))),
      digestOf((trace) => trace.bytes(Uint8Array.of(1, 2, 0))),
      digestOf((trace) => trace.number(1)),
      digestOf((trace) => trace.number(2 ** 32 + 1)),
      digestOf((trace) => {
        trace.text("ab");
        trace.text("c");
      }),
      digestOf((trace) => {
        trace.text("a");
        trace.text("bc");
      }),
    ];
    assert.equal(new Set(digests).size, digests.length);
  });
});
