/** Rows of text as columns. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDetails, formatTable, printable, shortened } from "../../common/format-table.ts";

describe("formatTable()", () => {
  it("pads each column to its widest cell, and leaves no blanks at the ends of lines", () => {
    const rows = [
      ["NAME", "STATE", "WHY"],
      ["a-long-name", "up", ""],
      ["b", "deactivated", "by order"],
    ];
    assert.deepEqual(formatTable(rows).split("\n"), [
      "NAME         STATE        WHY",
      "a-long-name  up",
      "b            deactivated  by order",
    ]);
  });

  it("takes rows that end early", () => {
    assert.equal(formatTable([["A", "B"], ["a"], ["aa", "b"]]), "A   B\na\naa  b");
  });

  it("shortens the least important columns until it fits, then the widest ones", () => {
    const rows = [
      ["ID", "HOST", "STATE"],
      ["4b0ee5d5-6cd2-4d6b-S0", "host-1.example.org", "disconnected"],
    ];
    const fitted = (widthMax: number): string | undefined => formatTable(rows, { widthMax, shorten: ["ID", "HOST"] }).split("\n")[1];
    assert.equal(fitted(55), "4b0ee5d5-6cd2-4d6b-S0  host-1.example.org  disconnected");
    assert.equal(fitted(50), "4b0ee5d…-4d6b-S0  host-1.example.org  disconnected");
    assert.equal(fitted(26), "4b…-S0  ho…org  disc…ected");
  });

  it("never makes a line longer than the terminal, while its columns have something left to say", () => {
    const cell = fc.string({ maxLength: 40 });
    const table = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.integer({ min: 38, max: 120 }), (rows, widthMax) => {
        for (const line of formatTable(rows, { widthMax }).split("\n")) assert.ok(line.length <= widthMax, line);
      }),
    );
  });

  it("paints what is seen, not what it is padded with", () => {
    const rows = [
      ["A", "B"],
      [{ text: "up", style: "green" as const }, "b"],
      ["long", "b"],
    ];
    const paint = (style: string, text: string): string => `<${style}>${text}</>`;
    assert.equal(formatTable(rows, { paint }), "A     B\n<green>up</>    b\nlong  b");
  });
});

describe("formatDetails()", () => {
  it("puts the values below each other, and leaves out what has none", () => {
    assert.equal(
      formatDetails([
        ["id", "a"],
        ["a longer name", "b c"],
        ["none", undefined],
        ["empty", ""],
      ]),
      "id:             a\na longer name:  b c",
    );
  });
});

describe("printable()", () => {
  it("takes from others' text what would move the cursor or begin a new line", () => {
    assert.equal(printable("a\u001b[2Jb\nc\u009b"), "a\ufffd[2Jb\ufffdc\ufffd");
    assert.equal(formatTable([["A"], ["x\r\ny"]]), "A\nx\ufffd\ufffdy");
  });
});

describe("shortened()", () => {
  for (const [text, width, expected] of [
    ["fits", 4, "fits"],
    ["4b0ee5d5-6cd2-S12", 9, "4b0e…-S12"],
    ["ended by signal 9", 8, "ended b…"],
  ] as const) {
    it(`makes "${expected}" of "${text}"`, () => assert.equal(shortened(text, width), expected));
  }
});
