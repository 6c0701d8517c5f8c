/** A short run of the fuzzer against a real master and a real agent: nothing breaks, and both nodes were really asked. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFuzzRun } from "../../chaos/fuzz.ts";
import { quickTimings } from "../../chaos/suites/timings.ts";
import { runFuzz } from "../../harness/fuzz/fuzz-run.ts";

const seed = Math.floor(Math.random() * 2 ** 31);
const cases = 250;

/** Of the machine's patience; a run that is cut short still has to pass. */
const timeLimitMs = 15_000;

describe(`a cluster under hostile messages (npm run fuzz -- --seed ${seed} --cases ${cases})`, function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "tepui-fuzz-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("neither ends nor hangs, answers as documented, and lets a bystander work", async () => {
    const newFolder = (): string => mkdtempSync(join(folder, "run-"));
    const result = await runFuzz({ seed, cases, timeLimitMs, newFolder, timings: quickTimings("processes") });
    assert.equal(result.verdict, "pass", describeFuzzRun(result).join("\n"));
    assert.ok(result.caseCount >= 50, `only ${result.caseCount} cases`);
    assert.ok(result.steadyCount >= 1, "the bystander has done nothing");
    const answered = [...result.statusCounts.keys()].join(", ");
    for (const status of ["tepui.v1.Scheduler OK", "tepui.v1.Scheduler INVALID_ARGUMENT"])
      assert.ok(result.statusCounts.has(status), answered);
  });
});
