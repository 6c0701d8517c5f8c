/** Every fault that real processes can have, once each on one cluster: it bites, it heals, and no guarantee breaks. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterFactory } from "../../chaos/clusters.ts";
import { faults } from "../../chaos/faults/catalog.ts";
import { summaryLines } from "../../chaos/report/summary.ts";
import { ProcessHost } from "../../harness/processes/process-host.ts";
import { type RunResult, runPlan } from "../../harness/run.ts";
import { faultPlan, probesOf } from "../chaos/fault-plan.ts";

describe("faults on processes", () => {
  const folder = mkdtempSync(join(tmpdir(), "tepui-faults-"));
  const { capabilities } = new ProcessHost({ folder });
  const names = faults.filter(({ needs }) => needs.every((need) => capabilities.has(need))).map(({ name }) => name);
  let result: RunResult;

  before(async () => {
    result = await runPlan(faultPlan(names, "processes"), {
      createCluster: clusterFactory("processes", { folder }),
      faults,
      print: () => undefined,
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are at least these", () => {
    for (const name of [
      "drain-now",
      "kill-agent",
      "kill-master",
      "term-agent",
      "pause-agent",
      "pause-master",
      "cut-agent",
      "drop-connections",
    ]) {
      assert.ok(names.includes(name), `${name} is missing among ${names.join(" ")}`);
    }
  });

  for (const name of names) {
    it(`${name} bites and heals`, () => {
      const { bit, healed } = probesOf(result.events, name);
      assert.ok(bit, `it was not seen to bite:\n${summaryLines(result, folder).join("\n")}`);
      assert.ok(healed, `it was not seen to heal:\n${summaryLines(result, folder).join("\n")}`);
    });
  }

  it("break no guarantee", () => {
    assert.equal(result.verdict, "pass", summaryLines(result, folder).join("\n"));
  });
});
