/** The workloads of the benchmarks at tiny sizes: each measures something, and finds that everything came out as it must. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";

import type { Measurement, RunContext } from "../../bench/measurement.ts";
import { churn } from "../../bench/workloads/churn.ts";
import { drainNow } from "../../bench/workloads/drain-now.ts";
import { realTasks } from "../../bench/workloads/real-tasks.ts";
import { simulation } from "../../bench/workloads/simulation.ts";
import { state } from "../../bench/workloads/state.ts";

describe("benchmarks", function () {
  this.timeout(60_000);
  let folder: string;
  let context: RunContext;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-bench-test-"));
    context = { folder, profileFolder: undefined, progress: () => {} };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function assertSound({ figures, problems }: Measurement): void {
    assert.deepEqual(problems, []);
    for (const { name, value } of figures) assert.ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
    assert.ok(
      figures.some(({ floor }) => floor !== undefined && floor > 0),
      "no figure has a floor",
    );
  }

  function inFolder(name: string): RunContext {
    return { ...context, folder: mkdtempSync(join(folder, name)) };
  }

  it("churn launches, finishes and acknowledges every task once", async () => {
    const sizes = { tasks: 200, agents: 3, slots: 10, steadySeconds: 1, steadyRate: 50, profiledTasks: 100 };
    assertSound(await churn.run(sizes, inFolder("churn")));
  });

  it("real-tasks runs real commands and weighs the running ones", async () => {
    assertSound(await realTasks.run({ tasks: 10, atOnce: 4, singles: 2, sleepers: 3 }, inFolder("real-tasks")));
  });

  it("drain-now sees every task lost and every process dead by then", async () => {
    assertSound(await drainNow.run({ rounds: 1, tasks: 6 }, inFolder("drain-now")));
  });

  it("state launches beside a reader, and every task runs", async () => {
    assertSound(await state.run({ tasks: 40, agents: 10, seconds: 1, rate: 5 }, inFolder("state")));
  });

  it("simulation judges sequences and finds the same trace again", async () => {
    assertSound(await simulation.run({ seeds: 2, warmUpSeeds: 1, firstSeed: 1, steps: 20 }, inFolder("simulation")));
  });
});
