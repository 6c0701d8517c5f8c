/** Patterns of strangers: RE2's language, whole matches, limits, and no way to break the process. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTextPattern, patternMaxLength } from "../../common/text-pattern.ts";

function matches(source: string, text: string): boolean {
  const pattern = parseTextPattern(source);
  assert.ok(pattern.ok, pattern.ok ? "" : pattern.refusal.message);
  return pattern.value.matches(text);
}

function problem(source: string): string {
  const pattern = parseTextPattern(source);
  assert.ok(!pattern.ok, "must be refused");
  return pattern.refusal.message;
}

describe("parseTextPattern()", () => {
  const rows: readonly [source: string, text: string, expected: boolean][] = [
    ["rack-[0-9]+", "rack-12", true],
    ["rack-[0-9]+", "rack-12b", false],
    ["a|ab", "ab", true],
    ["(?i)north", "NORTH", true],
    ["a.c", "a\nc", false],
    ["\\p{L}+", "größe", true],
    ["", "", true],
    ["", "a", false],
  ];
  for (const [source, text, expected] of rows) {
    it(`/${source}/ ${expected ? "matches" : "does not match"} ${JSON.stringify(text)}`, () => {
      assert.equal(matches(source, text), expected);
    });
  }

  it("refuses what RE2 does not have, and what is malformed", () => {
    for (const source of ["(a)\\1", "a(?=b)", "(?<=a)b", "(", "[z-a]", "a{1001}", "(a{1000}){1000}"]) {
      assert.match(problem(source), /^must be a regular expression of RE2: /, source);
    }
  });

  it("refuses large programs and long patterns", () => {
    assert.equal(problem("a{1000}"), "must compile to at most 100 instructions, has 1002");
    assert.equal(problem("x".repeat(patternMaxLength + 1)), "must have at most 1000 characters, has 1001");
  });

  it("never throws, whatever the pattern and the text", () => {
    const piece = fc.constantFrom(
      "a",
      "(",
      ")",
      "[",
      "]",
      "^",
      "-",
      "*",
      "+",
      "?",
      "{2,3}",
      "|",
      "\\",
      "\\p{",
      "(?:",
      "(?P<n>",
      "(?i",
      ".",
      "é",
      "\u{1f600}",
      "\ud800",
      "\\Q",
      "$",
    );
    const source = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(source, fc.string({ unit: "binary" }), (one, text) => {
        const pattern = parseTextPattern(one);
        return !pattern.ok || typeof pattern.value.matches(text) === "boolean";
      }),
      { numRuns: 1_000 },
    );
  });
});
