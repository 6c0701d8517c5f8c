/** That the table of situations is complete and true: each row has a test that names it, or a reason why it has none. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { rows } from "./rows.ts";

/** How many rows each table has; Q2 counts twice. */
const counts = { A: 13, B: 21, K: 11, D: 7, R: 10, Q: 8, O: 7, P: 8, T: 17, G: 14, H: 18, M: 22 };

/** The row names at the start of each title in a source: "A5: ..." or "K4, H9: ...". */
function namedRows(source: string): string[] {
  const letters = Object.keys(counts).join("");
  const title = new RegExp(`(?:\\bit\\(\\s*|\\[\\s*)["'\`]((?:[${letters}]\\d+[ab]?)(?:, [${letters}]\\d+[ab]?)*): `, "g");
  return [...source.matchAll(title)].flatMap(([, names = ""]) => names.split(", "));
}

const namesByFile = new Map(globSync("test/**/*.test.ts").map((path) => [path, new Set(namedRows(readFileSync(path, "utf8")))]));

describe("the table of situations", () => {
  it("has each row once, and none is missing", () => {
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
    for (const [letter, count] of Object.entries(counts)) {
      assert.equal(rows.filter(({ name }) => name.startsWith(letter)).length, count, `rows of ${letter}`);
    }
    assert.equal(
      rows.length,
      Object.values(counts).reduce((sum, count) => sum + count),
    );
  });

  it("names a test, in each file that it gives, of each row that applies", () => {
    const missing = rows.flatMap(({ name, shown }) =>
      "by" in shown
        ? (shown.by.length > 0 ? shown.by : ["any file"])
            .filter((path) => namesByFile.get(path)?.has(name) !== true)
            .map((path) => `${name} in ${path}`)
        : [],
    );
    assert.deepEqual(missing, []);
  });

  it("gives a reason for each row that does not, and knows every test that names a row", () => {
    const unlisted: string[] = [];
    for (const [path, names] of namesByFile) {
      for (const name of names) {
        const row = rows.find((one) => one.name === name);
        if (row === undefined || !("by" in row.shown) || !row.shown.by.includes(path)) unlisted.push(`${name} in ${path}`);
      }
    }
    assert.deepEqual(unlisted, [], "a test names a row that the table says is elsewhere, or not built");
    for (const { name, shown } of rows) assert.ok("by" in shown || shown.absentBecause.length > 10, `${name} needs a reason`);
  });

  it("finds the names of rows in titles only", () => {
    const titles = ["B1 without a colon", "A5: x", "K4, H9: x", "S31: of another kind", "says T2: inside"];
    const source = titles.map((title) => `it("${title}", () => {});\n["${title}", 1];\nf("${title}");`).join("\n");
    assert.deepEqual(namedRows(source), ["A5", "A5", "K4", "H9", "K4", "H9"]);
  });
});
