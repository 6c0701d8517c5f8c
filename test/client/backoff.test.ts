import assert from "node:assert/strict";
import fc from "fast-check";
import { Backoff } from "../../client/backoff.ts";

const highest = (): number => 1 - 2 ** -30;

describe("Backoff", () => {
  it("doubles its bound with each attempt, up to the longest", () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: highest });
    assert.deepEqual(
      Array.from({ length: 6 }, () => backoff.nextDelayMs()),
      [100, 200, 400, 800, 1_000, 1_000],
    );
  });

  it("spreads clients from half of the shortest delay to the bound", () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 0 });
    assert.deepEqual([backoff.nextDelayMs(), backoff.nextDelayMs(), backoff.nextDelayMs()], [50, 50, 50]);
  });

  it("starts over after a success", () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: highest });
    for (let attempt = 0; attempt < 9; attempt++) backoff.nextDelayMs();
    backoff.reset();
    assert.equal(backoff.nextDelayMs(), 100);
  });

  it("never leaves its bounds, however long it goes on", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.double({ min: 0, max: highest(), noNaN: true }),
        (minMs, moreMs, drawn) => {
          const backoff = new Backoff({ minMs, maxMs: minMs + moreMs, random: () => drawn });
          for (let attempt = 0; attempt < 100; attempt++) {
            const delayMs = backoff.nextDelayMs();
            assert.ok(Number.isInteger(delayMs) && delayMs >= Math.floor(minMs / 2) && delayMs <= minMs + moreMs, String(delayMs));
          }
        },
      ),
    );
  });
});
