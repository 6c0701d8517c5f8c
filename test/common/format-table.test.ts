/** Rows of text as columns. */

import assert from "node:assert/strict";
import { formatTable } from "../../common/format-table.ts";

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
});
