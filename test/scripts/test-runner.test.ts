// Shows that the test runner tells the truth: what it counts, how it ends, and that a file that cannot be loaded is a failure.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupOf, testFiles } from "../../scripts/test-groups.ts";

describe("the test runner", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-runner-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs it on one file with this text; `last` is the last line that it printed. */
  function run(text: string, ...more: string[]): { code: number | null; last: string | undefined; output: string } {
    const file = join(folder, "sample.test.ts");
    writeFileSync(file, text);
    const result = spawnSync(process.execPath, ["scripts/test.ts", file, ...more], { encoding: "utf8" });
    return { code: result.status, last: result.stdout.trimEnd().split("\n").at(-1), output: result.stdout + result.stderr };
  }

  it("counts passed, failed and skipped tests, and ends with 1 if one failed", () => {
    const text = `
      it("passes", () => {});
      it("fails", () => { throw new Error("as planned"); });
      it("is skipped", function (this: Mocha.Context) { this.skip(); });`;
    const { code, last, output } = run(text);
    assert.equal(last, "1 passed, 1 failed, 1 skipped");
    assert.equal(code, 1);
    assert.match(output, /as planned/);
  });

  it("ends with 0 if all passed, even when something is left open", () => {
    const { code, last } = run('it("passes", () => { setInterval(() => {}, 1000); });');
    assert.deepEqual({ code, last }, { code: 0, last: "1 passed, 0 failed, 0 skipped" });
  });

  it("counts a failing hook, and a file that cannot be loaded", () => {
    const hook = run('describe("a", () => { before(() => { throw new Error("hook"); }); it("b", () => {}); });');
    assert.deepEqual({ code: hook.code, last: hook.last }, { code: 1, last: "0 passed, 1 failed, 0 skipped" });
    const unloadable = run('import "./nowhere.ts";');
    assert.deepEqual({ code: unloadable.code, last: unloadable.last }, { code: 1, last: "0 passed, 1 failed, 0 skipped" });
  });

  it("runs only the tests whose name matches, and fails if none does", () => {
    const text = 'it("one", () => {}); it("two", () => {});';
    assert.equal(run(text, "--grep", "one").last, "1 passed, 0 failed, 0 skipped");
    const none = run(text, "--grep", "three");
    assert.deepEqual({ code: none.code, last: none.last }, { code: 1, last: "0 passed, 0 failed, 0 skipped" });
  });
});

describe("the test groups", () => {
  it("are named after folders of test/, and unit is the rest", () => {
    assert.equal(groupOf("test/containers/smoke.test.ts"), "containers");
    assert.equal(groupOf("test/agent/containers/process-tree.test.ts"), "unit");
    assert.equal(groupOf("test/tidy.test.ts"), "unit");
  });

  it("find every test file, or those of a folder", () => {
    assert.ok(testFiles().includes("test/tidy.test.ts"));
    assert.ok(testFiles(["test/scripts/"]).every((path) => path.startsWith("test/scripts/")));
  });
});
