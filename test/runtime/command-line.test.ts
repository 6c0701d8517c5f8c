import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./command-line-program.ts", import.meta.url));

function run(...args: string[]): { code: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, error: stderr };
}

describe("the command line of the tools", () => {
  it("runs the command that is named, with its numbers read", () => {
    assert.deepEqual(run("print", "--count", "7", "--share=0.5"), { code: 0, out: "7 0.5\n", error: "" });
  });

  it("exits with 0 when help was asked for", () => {
    assert.equal(run("--help").code, 0);
    assert.equal(run("print", "--help").code, 0);
  });

  it("exits with 2 over an unknown command, an unknown flag or a bad value, and says which", () => {
    for (const [args, complaint] of [
      [["prnt"], /unknown command 'prnt'/],
      [["print", "--cuont", "1"], /unknown option '--cuont'\n\(Did you mean --count\?\)/],
      [["print", "--count", "-1"], /must be a whole number from 0, is "-1"/],
      [["print", "--count", "0x10"], /must be a whole number from 0, is "0x10"/],
      [["print", "--count", "9007199254740993"], /must be a whole number from 0/],
      [["print", "--share", "0"], /must be more than 0 and at most 1 wholes, is "0"/],
      [["print", "--share", "2"], /must be more than 0 and at most 1 wholes, is "2"/],
    ] as const) {
      const { code, error } = run(...args);
      assert.equal(code, 2, error);
      assert.match(error, complaint);
    }
  });

  it("exits with 2 and the trace when the tool itself fails: 1 would say that a guarantee broke", () => {
    const { code, error } = run("crash");
    assert.equal(code, 2);
    assert.match(error, /Error: a bug of the tool\n\s+at /);
  });
});
