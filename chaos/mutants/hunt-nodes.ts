/** Hunts one planted bug on real nodes: whole smoke runs, with the bug in every node. */

import type { Tier } from "../../harness/cluster.ts";
import { type RunResult, runPlan } from "../../harness/run.ts";
import { clusterFactory, runFolder } from "../clusters.ts";
import { faults } from "../faults/catalog.ts";
import { smoke } from "../suites/smoke.ts";
import { toCaughtBy } from "./caught-by.ts";
import type { Hunt } from "./hunt.ts";
import { huntBySeeds, type SeedHuntOptions, type SeedRuns } from "./hunt-seeds.ts";
import type { Mutant } from "./mutant.ts";

type NodeTier = Exclude<Tier, "sim">;

/** Never rejects. */
export function huntOnNodes(mutant: Mutant, { tier, ...options }: SeedHuntOptions & { readonly tier: NodeTier }): Promise<Hunt> {
  return huntBySeeds(mutant, smokeRuns(tier), options);
}

function smokeRuns(tier: NodeTier): SeedRuns<RunResult> {
  return {
    suite: smoke.name,
    run: (seed, mutant) => runSmoke(tier, seed, mutant),
    hasMarker: ({ events }) => events.some(({ kind }) => kind === "marker"),
    caughtBy: toCaughtBy,
    replay: (seed) => `npm run chaos -- ${smoke.name} --tier ${tier} --seed ${seed}`,
  };
}

function runSmoke(tier: NodeTier, seed: number, mutant: Mutant | undefined): Promise<RunResult> {
  const folder = runFolder(`${smoke.name}-${mutant?.id ?? "true"}`, tier, seed);
  const createCluster = clusterFactory(tier, { folder, mutant });
  return runPlan(smoke.plan(seed, tier), { createCluster, faults, print: () => undefined });
}
