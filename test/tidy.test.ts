// The rules that keep the code in the shape of docs/architecture.md, held against every source file. A failure names the broken rule and
// what to do instead. That each rule can fail is shown in test/tidy/.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { cycleFindings, deadFileFindings } from "./tidy/graph-rules.ts";
import { importFindings } from "./tidy/import-rules.ts";
import { readSources } from "./tidy/read-sources.ts";
import { pureFolders, textFindings } from "./tidy/text-rules.ts";
import { undecidedDependencies } from "./tidy/undecided-dependencies.ts";

describe("the sources", () => {
  const files = readSources();
  const packageJson = readFileSync("package.json", "utf8");

  it("are found", () => {
    assert.ok(files.length > 50, `only ${files.length} files`);
  });

  it("keep to size, header, names and the ban on the outside world in pure folders", () => {
    none(files.flatMap(textFindings));
  });

  it("import only what their folder may import", () => {
    none(files.flatMap(importFindings));
  });

  it("have no import cycle", () => {
    none(cycleFindings(files));
  });

  it("are all reached from a program or, in test/, from a test", () => {
    const named = files.map((file) => file.path).filter((path) => packageJson.includes(path));
    none(deadFileFindings(files, named));
  });

  it("name the same pure folders here and in tsconfig.pure.json", () => {
    const config: { include: string[] } = JSON.parse(readFileSync("tsconfig.pure.json", "utf8"));
    assert.deepEqual(config.include.filter((path) => !path.endsWith(".d.ts")).sort(), [...pureFolders].sort());
  });
});

describe("the dependencies", () => {
  it("each have a page in docs/decisions that says why", () => {
    const decisions = globSync("docs/decisions/*.md").map((path) => readFileSync(path, "utf8"));
    none(undecidedDependencies(readFileSync("package.json", "utf8"), decisions));
  });
});

/** Fails with one finding per line. */
function none(findings: readonly string[]): void {
  assert.ok(findings.length === 0, `\n${findings.join("\n")}`);
}
