import assert from "node:assert/strict";
import { distanceText, instantText, lengthText } from "../../cli/time-words.ts";

const nowMs = Date.parse("2030-01-31T12:00:00Z");
const at = (ms: number): { nanoseconds: bigint } => ({ nanoseconds: BigInt(ms) * 1_000_000n });

describe("lengthText()", () => {
  for (const [ms, text] of [
    [0, "0s"],
    [499, "0s"],
    [90_000, "1m 30s"],
    [7_500_000, "2h 5m"],
    [86_400_000, "1d"],
    [90_061_000, "1d 1h"],
  ] as const) {
    it(`says "${text}" for ${ms} ms`, () => assert.equal(lengthText(ms), text));
  }
});

describe("distanceText()", () => {
  for (const [ms, text] of [
    [-200_000, "3m ago"],
    [-10, "0s ago"],
    [7_260_000, "in 2h"],
  ] as const) {
    it(`says "${text}"`, () => assert.equal(distanceText(at(nowMs + ms), nowMs), text));
  }
  it("says nothing of an instant that is not told", () => assert.equal(distanceText(undefined, nowMs), ""));
});

describe("instantText()", () => {
  it("says when and how long ago", () => assert.equal(instantText(at(nowMs - 65_000), nowMs), "2030-01-31 11:58:55Z, 1m ago"));
  it("bears times that no calendar has", () =>
    assert.equal(instantText({ nanoseconds: 2n ** 63n - 1n }, nowMs), "2262-04-11 23:47:16Z, in 84806d"));
});
