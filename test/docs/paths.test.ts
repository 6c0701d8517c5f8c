// What the documentation names must exist: files and folders between backticks, and links from page to page.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const pages = [...globSync("*.md"), ...globSync("docs/**/*.md")].sort();
const folders = "agent|bench|chaos|cli|client|common|docs|examples|harness|protos|runtime|scripts|server|test|web";

/** Paths from the root of the repository between backticks; `protos/gen` is generated, and placeholders are nobody's path. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, "g"))].map((match) => match[1] ?? "");
  return named.filter((path) => path !== "protos/gen");
}

function linksIn(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? "");
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

describe("the documentation", () => {
  it("is found", () => {
    assert.ok(pages.includes("CONTRIBUTING.md") && pages.includes("docs/protocol.md"), pages.join(" "));
  });

  it("names only files that exist", () => {
    const missing = pages.flatMap((page) => {
      const text = readFileSync(page, "utf8");
      const paths = pathsIn(text).filter((path) => !existsSync(path));
      const links = linksIn(text).filter((target) => !existsSync(join(dirname(page), target)));
      return [...paths, ...links].map((name) => `${page}: ${name}`);
    });
    assert.ok(missing.length === 0, `\n${missing.join("\n")}`);
  });

  it("would be caught naming what does not exist", () => {
    assert.deepEqual(pathsIn("see `server/nowhere.ts`, `protos/gen` and `x/y.ts`"), ["server/nowhere.ts"]);
    assert.deepEqual(linksIn("[a](nowhere.md#part) [b](https://example.org) [c](#here)"), ["nowhere.md"]);
  });
});
