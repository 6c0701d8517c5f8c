import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isSameMessage } from "../../../server/core/same-message.ts";

describe("isSameMessage()", () => {
  it("compares what is said, not objects; an absent field is one that is undefined", () => {
    const message = () => ({ a: 1, b: [1n, { c: "x" }], d: new Uint8Array([1, 2]) });
    assert.ok(isSameMessage(message(), message()));
    assert.ok(isSameMessage({ ...message(), e: undefined }, message()));
    assert.ok(isSameMessage(Number.NaN, Number.NaN));
  });

  it("sees each difference", () => {
    const base = { a: 1, b: [1n, 2n], d: new Uint8Array([1, 2]) };
    for (const other of [
      { ...base, a: 2 },
      { ...base, b: [1n] },
      { ...base, b: [1n, 3n] },
      { ...base, b: { 0: 1n, 1: 2n } },
      { ...base, d: new Uint8Array([1, 3]) },
      { ...base, d: [1, 2] },
      { ...base, e: 0 },
      { a: 1, b: base.b },
      null,
    ]) {
      assert.equal(isSameMessage(base, other), false);
      assert.equal(isSameMessage(other, base), false);
    }
  });
});
