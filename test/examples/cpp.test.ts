import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describeBatch } from "./batch-behaviour.ts";

/** The compiler needs about a minute for the generated code, once. */
const buildTimeoutMs = 600_000;

describe("C++", () => {
  before("the example builds without a warning", function () {
    this.timeout(buildTimeoutMs);
    const build = spawnSync("make", ["--silent", "-C", "examples/cpp", "CXXFLAGS=-O0 -Wall -Wextra -Werror"], { encoding: "utf8" });
    assert.equal(build.status, 0, build.stderr);
  });

  describeBatch("C++", ["examples/cpp/run.sh"]);
});
