/** What containers use: real trees, twice as far as this machine has cgroups for us, and the files of a cgroup. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readCgroupUsage, readContainerUsages } from "../../../agent/containers/container-usage.ts";
import { idOf, openBench, until, waitMaxMs } from "./runtime-bench.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tepui-usage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

for (const useCgroups of [true, false]) {
  it(`usage is that of a whole tree and of nothing else (${useCgroups ? "cgroups, where possible" : "no cgroups"})`, async () => {
    const bench = openBench(folder, { useCgroups });
    bench.runtime.recover();
    try {
      bench.launch("busy", "setsid sleep 3600 & i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 3600 & wait");
      bench.launch("idle", "sleep 3600");
      const usageOf = (name: string) => readContainerUsages(bench.runtime.trees()).get(idOf(name));
      // sh, and two sleeps after the loop; the other one is sh -c, or sleep in its place.
      await until(() => usageOf("busy")?.processes === 3 && (usageOf("idle")?.processes ?? 0) >= 1);
      const [busy, idle] = [usageOf("busy"), usageOf("idle")];
      assert.ok(busy !== undefined && idle !== undefined);
      assert.ok(idle.processes <= 2 && idle.threads === idle.processes);
      assert.equal(busy.threads, 3);
      assert.ok(busy.userSecs > 0 && busy.userSecs > idle.userSecs, `${busy.userSecs} s, ${idle.userSecs} s`);
      assert.ok(busy.rssBytes > 100_000 && busy.rssBytes < 100_000_000, `${busy.rssBytes} bytes`);
    } finally {
      bench.runtime.killAll(waitMaxMs);
      await bench.next("allContainersKilled");
      bench.runtime.close();
    }
  });
}

describe("readCgroupUsage()", () => {
  it("takes what the controllers count", () => {
    writeFileSync(join(folder, "cpu.stat"), "usage_usec 3500000\nuser_usec 2500000\nsystem_usec 1000000\nnr_periods 0\n");
    writeFileSync(join(folder, "memory.current"), "1048576\n");
    assert.deepEqual(readCgroupUsage(folder), { userSecs: 2.5, systemSecs: 1, memoryBytes: 1_048_576 });
  });

  it("leaves out what no controller counts, or what is gone", () => {
    assert.deepEqual(readCgroupUsage(folder), {});
    assert.deepEqual(readCgroupUsage(join(folder, "gone")), {});
  });
});
