// Shows that each tidy rule bites: a snippet that breaks it gives a finding that names the replacement, and its good twin gives none.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cycleFindings, deadFileFindings } from "./graph-rules.ts";
import { importFindings } from "./import-rules.ts";
import { blankLiterals, parseSource, type SourceFile } from "./source-file.ts";
import { textFindings } from "./text-rules.ts";
import { undecidedDependencies } from "./undecided-dependencies.ts";

const header = "// What this file is for.\n";

function source(path: string, code: string): SourceFile {
  return parseSource(path, header + code);
}

describe("blankLiterals()", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a("x // y") // z', 'a("      ")     '],
    ["b /* c\nd */ + 1", "b     \n     + 1"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the snippet is source code
    ["`a${b(`c${d}`)}e`", "`   b(`   d `)  `"],
    ["x = /[/\"]'/.test(y)", "x =        .test(y)"],
    ["a / b / c", "a / b / c"],
    ["return /'/g", "return    g"],
    ["'it\\'s' + x", "'     ' + x"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the snippet is source code
    ["`${{ a: 1 }.a}` + Date", "`  { a: 1 }.a ` + Date"],
  ];
  for (const [text, blanked] of cases) {
    it(`turns ${JSON.stringify(text)} into code alone`, () => assert.equal(blankLiterals(text), blanked));
  }
});

describe("parseSource()", () => {
  it("finds imports of every form, and which of them are types only", () => {
    const text = [
      'import a from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import { type C, type D } from "../c.ts";',
      'import { type E, f } from "node:fs";',
      'export { g } from "./g.ts";',
      'import "./h.ts";',
      'import {\n  i,\n} from "./i.ts";',
      'const k = await import("./k.ts");',
      '// import l from "./l.ts";',
      'export type M = { kind: "./m.ts" };',
    ].join("\n");
    const found = parseSource("x/y.ts", text).imports.map((each) => [each.target ?? each.specifier, each.typeOnly]);
    assert.deepEqual(found, [
      ["x/a.ts", false],
      ["x/b.ts", true],
      ["c.ts", true],
      ["node:fs", false],
      ["x/g.ts", false],
      ["x/i.ts", false],
      ["x/h.ts", false],
      ["x/k.ts", false],
    ]);
  });
});

describe("the import rules", () => {
  const forbidden: readonly (readonly [string, string, string])[] = [
    ["common/x.ts", 'import { y } from "../runtime/y.ts";', "move the code up"],
    ["server/core/x.ts", 'const y = await import("../../protos/gen/y.ts");', "types of protos/gen only"],
    ["runtime/x.ts", 'import { y } from "../server/core/y.ts";', "make it a port"],
    ["server/core/x.ts", 'import { y } from "../wire/y.ts";', "let wire/ decode it"],
    ["server/core/x.ts", 'import { y } from "../../protos/gen/y.ts";', "types of protos/gen only"],
    ["agent/core/x.ts", 'import { y } from "../../runtime/y.ts";', "emit an effect"],
    ["server/wire/x.ts", 'import { y } from "../../runtime/y.ts";', "touches nothing else"],
    ["agent/wire/x.ts", 'import { y } from "../containers/y.ts";', "touches nothing else"],
    ["server/grpc/x.ts", 'import { y } from "../../agent/core/y.ts";', "does not know the agent"],
    ["agent/main.ts", 'import { y } from "../server/core/y.ts";', "does not know the master"],
    ["client/x.ts", 'import { y } from "../server/core/y.ts";', "nothing of its insides"],
    ["harness/sim/x.ts", 'import { y } from "../history/y.ts";', "types only"],
    ["harness/sim/x.ts", 'import { y } from "../../runtime/y.ts";', "the production core and wire"],
    ["harness/x.ts", 'import { y } from "../chaos/y.ts";', "for chaos/ to say"],
    ["harness/x.ts", 'import { y } from "../server/main.ts";', "by path"],
    ["chaos/x.ts", 'import { y } from "../cli/y.ts";', "the ports of harness/"],
    ["cli/x.ts", 'import { y } from "../server/grpc/y.ts";', "through client/"],
    ["web/x.ts", 'import { y } from "../common/y.ts";', "speaks HTTP"],
    ["examples/x.ts", 'import { y } from "../runtime/y.ts";', "a framework author"],
    ["bench/x.ts", 'import { y } from "../test/y.ts";', "worth sharing"],
    ["scripts/x.ts", 'import { y } from "../test/y.ts";', "before the build"],
    ["elsewhere/x.ts", "", "add one"],
  ];
  for (const [path, code, instead] of forbidden) {
    it(`refuse in ${path}: ${code || "a folder without a rule"}`, () => {
      const findings = importFindings(source(path, code));
      assert.equal(findings.length, 1);
      assert.ok(findings[0]?.includes(instead), findings[0]);
    });
  }

  const allowed: readonly (readonly [string, string])[] = [
    ["server/core/x.ts", 'import type { Y } from "../../protos/gen/y.ts";'],
    ["server/core/x.ts", 'type Y = import("../../protos/gen/y.ts").Y;'],
    ["server/core/x.ts", 'import { y } from "../../common/y.ts";'],
    ["common/x.ts", 'import { y } from "../protos/gen/y.ts";'],
    ["server/wire/x.ts", 'import { y } from "../../protos/gen/y.ts";'],
    ["server/main.ts", 'import { y } from "./core/y.ts";'],
    ["harness/sim/x.ts", 'import type { Y } from "../history/y.ts";'],
    ["harness/sim/x.ts", 'import { y } from "../../agent/core/y.ts";'],
    ["test/x.test.ts", 'import { y } from "../chaos/y.ts";'],
  ];
  for (const [path, code] of allowed) {
    it(`allow in ${path}: ${code}`, () => assert.deepEqual(importFindings(source(path, code)), []));
  }
});

describe("the text rules", () => {
  const long = "x".repeat(141);
  const broken: readonly (readonly [string, string, string])[] = [
    ["server/core/x.ts", `${header}const a = Date.now();`, "use the nowMs"],
    ["server/core/x.ts", `${header}const a = new Date();`, "wall time"],
    ["agent/core/x.ts", `${header}const a = performance.now();`, "use the nowMs"],
    ["common/x.ts", `${header}const a = Math.random();`, "seeded generator"],
    ["harness/sim/x.ts", `${header}setTimeout(f, 1);`, "nextDeadlineMs()"],
    ["harness/sim/x.ts", `${header}queueMicrotask(f);`, "in this step"],
    ["server/wire/x.ts", `${header}const a = process.env;`, "configuration"],
    ["agent/wire/x.ts", `${header}console.log(a);`, "log effect"],
    ["agent/wire/x.ts", `${header}const a = Buffer.from(b);`, "Uint8Array"],
    ["common/x.ts", `${header}const a = crypto.randomUUID();`, "seeded generator"],
    ["common/x.ts", `${header}const a = fetch(b);`, "emit an effect"],
    ["common/x.ts", `${header}const a = globalThis;`, "pass it in"],
    ["common/x.ts", `${header}import { a } from "node:fs";`, "imports no packages"],
    ["server/core/x.ts", `${header}async function f() {}`, "a step is synchronous"],
    ["cli/x.ts", `${header}a.localeCompare(b);`, "compare with <"],
    ["cli/x.ts", "const a = 1;", "what the file is for"],
    ["cli/x.ts", `${header}const a = "${long}";`, "break the line"],
    ["cli/x.ts", `${header}a();\n`.repeat(400), "a file of its own"],
    ["cli/x.ts", `${header}// ${"TO"}DO later`, "do it now"],
    ["cli/utils.ts", `${header}a();`, "says nothing"],
    ["cli/fooBar.ts", `${header}a();`, "kebab-case"],
    ["cli/x.ts", `${header}export * from "./y.ts";\nexport { z } from "./z.ts";`, "only re-exports"],
  ];
  for (const [path, text, instead] of broken) {
    it(`refuse in ${path}: ${text.slice(0, 80).replaceAll("\n", " ")}`, () => {
      const findings = textFindings(parseSource(path, text));
      assert.equal(findings.length, 1, findings.join("\n"));
      assert.ok(findings[0]?.includes(instead), findings[0]);
    });
  }

  it("leave comments, strings, shells and names that only look alike in peace", () => {
    const code = 'const processes = "Date.now()"; // Math.random()\nconst a = state.process.id;\nexport const b = new Date(1);';
    assert.deepEqual(textFindings(source("server/core/x.ts", code)), []);
    assert.deepEqual(textFindings(source("runtime/clock.ts", "export const now = () => Date.now();")), []);
  });
});

describe("the graph rules", () => {
  it("find a cycle, and name its files", () => {
    const files = [
      source("common/a.ts", 'import { b } from "./b.ts";'),
      source("common/b.ts", 'import { c } from "./c.ts";'),
      source("common/c.ts", 'import type { a } from "./a.ts";'),
    ];
    assert.deepEqual(cycleFindings(files), [
      "cycle: common/a.ts -> common/b.ts -> common/c.ts -> common/a.ts; move what both need into a file below them",
    ]);
    assert.deepEqual(cycleFindings(files.slice(0, 2)), []);
  });

  it("find a file that only a test leads to, and a test helper that no test uses", () => {
    const files = [
      source("server/main.ts", 'import { a } from "../common/a.ts";\nnew Worker("./worker.ts");'),
      source("server/worker.ts", ""),
      source("common/a.ts", ""),
      source("common/b.ts", ""),
      source("harness/child.ts", ""),
      source("test/b.test.ts", 'import { b } from "../common/b.ts";\nimport { used } from "./used.ts";'),
      source("test/used.ts", ""),
      source("test/unused.ts", ""),
    ];
    assert.deepEqual(
      deadFileFindings(files, ["harness/child.ts"]).map((finding) => finding.split(":")[0]),
      ["common/b.ts", "test/unused.ts"],
    );
  });
});

describe("the decisions", () => {
  it("are missed for a package that no page names", () => {
    const packageJson = JSON.stringify({
      dependencies: { kept: "1" },
      devDependencies: { "@types/x": "1" },
      optionalDependencies: { z: "1" },
    });
    const missing = undecidedDependencies(packageJson, ["We use `kept`.", "And `z`."]);
    assert.deepEqual(missing, ["@types/x: no page in docs/decisions says why; add one"]);
  });
});

describe("Biome's rules", () => {
  const snippets: readonly (readonly [string, string])[] = [
    ["suspicious/noExplicitAny", "export const a: any = 1;"],
    ["style/noNonNullAssertion", "export const a = (b: string | undefined) => b!.length;"],
    ["style/noEnum", "export enum A {\n  B,\n}"],
    ["style/noNamespace", "export namespace A {}"],
    ["style/noParameterProperties", "export class A {\n  constructor(readonly b: string) {}\n}"],
    ["suspicious/noFocusedTests", 'it.only("a", () => {});'],
    ["suspicious/noSkippedTests", 'it.skip("a", () => {});'],
    ["nursery/noFloatingPromises", "async function a(): Promise<void> {}\nexport function b(): void {\n  a();\n}"],
    ["complexity/noExcessiveLinesPerFunction", `export function a(): void {\n${"  b();\n".repeat(71)}}`],
  ];

  it("refuse what the tidy rules leave to them", () => {
    const folder = mkdtempSync(join(tmpdir(), "tepui-tidy-"));
    try {
      // The project's own configuration, without what ties it to the repository.
      const { vcs: _vcs, $schema: _schema, ...config }: Record<string, unknown> = JSON.parse(readFileSync("biome.json", "utf8"));
      writeFileSync(join(folder, "biome.json"), JSON.stringify(config));
      for (const [index, [, snippet]] of snippets.entries()) writeFileSync(join(folder, `snippet-${index}.ts`), `${snippet}\n`);
      const biome = resolve("node_modules/@biomejs/biome/bin/biome");
      const result = spawnSync(process.execPath, [biome, "lint", "--reporter=json", "."], { cwd: folder, encoding: "utf8" });
      const report: { diagnostics: { category: string }[] } = JSON.parse(result.stdout);
      const found = new Set(report.diagnostics.map((each) => each.category.replace("lint/", "")));
      assert.deepEqual(
        snippets.map(([rule]) => rule).filter((rule) => !found.has(rule)),
        [],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
