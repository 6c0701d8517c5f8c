import assert from "node:assert/strict";
import { swarmOptions } from "../../harness/options.ts";
import { drawPlan, type RunResult, runPlan } from "../../harness/run.ts";
import { SimCluster } from "../../harness/sim-cluster.ts";
import { minimalFaultNames, minimalFaults } from "../harness/minimal-faults.ts";

function simulate(seed: number): Promise<RunResult> {
  return runPlan(drawPlan(swarmOptions(seed, minimalFaultNames)), {
    createCluster: (options, run) => new SimCluster(options, run.sim),
    faults: minimalFaults,
    print: () => {},
  });
}

const seeds = [11, 12, 13, 14, 15, 16];

describe("a simulated run", () => {
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
