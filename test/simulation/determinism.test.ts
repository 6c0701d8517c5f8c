import assert from "node:assert/strict";
import { swarmPlan } from "../../chaos/campaign-worker.ts";
import { faults } from "../../chaos/faults/catalog.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import { type RunResult, runPlan } from "../../harness/run.ts";

function simulate(seed: number): Promise<RunResult> {
  return runPlan(swarmPlan(seed), { createCluster: simulatedCluster, faults, print: () => {} });
}

const firstSeed = Number(process.env["TEPUI_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const seeds = Array.from({ length: 8 }, (_, index) => firstSeed + index);

describe(`a simulated run of the seeds from ${firstSeed}`, () => {
  it("is the very same twice: every input, effect and event", async () => {
    for (const seed of seeds) {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      assert.equal(first.traceHash, second.traceHash, `seed ${seed}`);
      assert.deepEqual(first.events, second.events, `seed ${seed}`);
    }
  });

  it("is another one for another seed", async () => {
    const hashes = new Set<string | undefined>();
    for (const seed of seeds) hashes.add((await simulate(seed)).traceHash);
    assert.equal(hashes.size, seeds.length);
  });
});
