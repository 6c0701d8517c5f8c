/** Hunts one planted bug on real nodes: whole smoke runs, with the bug in every node, until one fails and passes without it. */

import type { Tier } from "../../harness/cluster.ts";
import { type RunResult, runPlan } from "../../harness/run.ts";
import { clusterFactory, runFolder } from "../clusters.ts";
import { faults } from "../faults/catalog.ts";
import { smoke } from "../suites/smoke.ts";
import { toCaughtBy } from "./caught-by.ts";
import type { Hunt } from "./hunt.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";

export interface NodeHuntOptions {
  readonly tier: Exclude<Tier, "sim">;
  readonly firstSeed: number;
  /** No run starts later. */
  readonly limitMs: number;
}

/** Never rejects. */
export async function huntOnNodes(mutant: Mutant, { tier, firstSeed, limitMs }: NodeHuntOptions): Promise<Hunt> {
  const startMs = performance.now();
  const falseAlarms: number[] = [];
  let sequences = 0;
  let actedCount = 0;
  let problem: string | undefined;
  for (let seed = firstSeed; performance.now() - startMs < limitMs; seed++) {
    const result = await runSmoke(tier, seed, mutant);
    const seconds = (performance.now() - startMs) / 1_000;
    sequences++;
    if (result.verdict === "harness-error") problem ??= result.reasons[0]?.split("\n")[0];
    if (!result.events.some((event) => event.kind === "marker")) continue;
    actedCount++;
    if (result.verdict !== "fail") continue;
    if ((await runSmoke(tier, seed, undefined)).verdict !== "pass") {
      falseAlarms.push(seed);
      continue;
    }
    const replay = `${mutantVariable}=${mutant.id} npm run chaos -- ${smoke.name} --tier ${tier} --seed ${seed}`;
    const caught = { seed, suite: smoke.name, caughtBy: toCaughtBy(result), reason: result.reasons[0] ?? "", seconds, replay };
    return { mutant, catch: caught, sequences, actedCount, falseAlarms, problem: undefined };
  }
  return { mutant, catch: undefined, sequences, actedCount, falseAlarms, problem };
}

function runSmoke(tier: NodeHuntOptions["tier"], seed: number, mutant: Mutant | undefined): Promise<RunResult> {
  const folder = runFolder(`${smoke.name}-${mutant?.id ?? "true"}`, tier, seed);
  const createCluster = clusterFactory(tier, { folder, mutant });
  return runPlan(smoke.plan(seed, tier), { createCluster, faults, print: () => undefined });
}
