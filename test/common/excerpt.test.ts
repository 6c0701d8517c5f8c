import assert from "node:assert/strict";
import { excerpt } from "../../common/excerpt.ts";

describe("excerpt()", () => {
  it("keeps what is short", () => {
    for (const text of ["", "a", "x".repeat(64)]) assert.equal(excerpt(text), text);
  });

  it("cuts what is long and says how long it is", () => {
    assert.equal(excerpt("x".repeat(65)), `${"x".repeat(64)}... (65 characters)`);
  });

  it("does not cut a character in two", () => {
    assert.equal(excerpt(`${"x".repeat(63)}\u{1f600}`), `${"x".repeat(63)}... (65 characters)`);
  });
});
