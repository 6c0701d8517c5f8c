/** The script of `tepui completion bash` in a real bash, and that the others know the same words. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { completionScripts } from "../../cli/completion-scripts.ts";
import { commandsBelow, createProgram, pathOf } from "../../cli/program.ts";

/** What bash offers for the last word. `tepui` itself is one that knows two ids of each kind. */
function complete(...words: readonly string[]): string[] {
  const script = `
    tepui() { [ "$1" = ids ] && echo "$2-one $2-two"; }
    ${completionScripts.bash(createProgram())}
    COMP_WORDS=(tepui "$@"); COMP_CWORD=$#
    _tepui
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-uc", script, "bash", ...words], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

describe("tepui completion bash", () => {
  it("completes nouns, and only those that are for people", () => {
    assert.deepEqual(complete("a"), ["agent"]);
    assert.ok(complete("").includes("maintenance"));
    assert.ok(!complete("").includes("ids"));
  });

  it("completes the verbs of a noun", () => {
    assert.deepEqual(complete("agent", "d"), ["drain", "deactivate"]);
    assert.deepEqual(complete("maintenance", "st"), ["status", "start", "stop"]);
  });

  it("completes flags, also after other words", () => {
    assert.deepEqual(complete("agent", "drain", "--ma"), ["--master", "--max-grace", "--mark-gone"]);
    assert.deepEqual(complete("agent", "drain", "--json", "x", "--mark"), ["--mark-gone"]);
  });

  it("completes the ids of what is there", () => {
    assert.deepEqual(complete("agent", "drain", "agent-id-"), ["agent-id-one", "agent-id-two"]);
    assert.deepEqual(complete("task", "list", "--framework", ""), ["framework-id-one", "framework-id-two"]);
  });

  it("completes the values of a choice, and offers nothing in the place of a value that it does not know", () => {
    assert.deepEqual(complete("completion", "z"), ["zsh"]);
    assert.deepEqual(complete("agent", "list", "--master", ""), []);
  });
});

describe("tepui completion", () => {
  const paths = commandsBelow(createProgram())
    .filter((command) => command.name() !== "ids")
    .map((command) => pathOf(command).join(" "));

  for (const shell of ["bash", "zsh", "fish"] as const) {
    it(`of ${shell} knows every command`, () => {
      const script = completionScripts[shell](createProgram());
      for (const path of paths) assert.ok(script.includes(path), path);
      assert.doesNotMatch(script, /undefined|\[object/);
    });
  }
});
