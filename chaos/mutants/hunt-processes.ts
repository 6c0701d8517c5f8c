/** Hunts one planted bug on real processes: whole smoke runs, with the bug in every node, until one fails and passes without it. */

import { type RunResult, runPlan } from "../../harness/run.ts";
import { clusterFactory, runFolder } from "../clusters.ts";
import { faults } from "../faults/catalog.ts";
import { smoke } from "../suites/smoke.ts";
import { toCaughtBy } from "./caught-by.ts";
import type { Hunt } from "./hunt.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";

/** Starts no new run after `limitMs`. Never rejects. */
export async function huntOnProcesses(mutant: Mutant, { firstSeed, limitMs }: { firstSeed: number; limitMs: number }): Promise<Hunt> {
  const startMs = performance.now();
  const falseAlarms: number[] = [];
  let sequences = 0;
  let actedCount = 0;
  let problem: string | undefined;
  for (let seed = firstSeed; performance.now() - startMs < limitMs; seed++) {
    const result = await runSmoke(seed, mutant);
    const seconds = (performance.now() - startMs) / 1_000;
    sequences++;
    if (result.verdict === "harness-error") problem ??= result.reasons[0]?.split("\n")[0];
    if (!result.events.some((event) => event.kind === "marker")) continue;
    actedCount++;
    if (result.verdict !== "fail") continue;
    if ((await runSmoke(seed, undefined)).verdict !== "pass") {
      falseAlarms.push(seed);
      continue;
    }
    const replay = `${mutantVariable}=${mutant.id} npm run chaos -- ${smoke.name} --tier processes --seed ${seed}`;
    const caught = { seed, suite: smoke.name, caughtBy: toCaughtBy(result), reason: result.reasons[0] ?? "", seconds, replay };
    return { mutant, catch: caught, sequences, actedCount, falseAlarms, problem: undefined };
  }
  return { mutant, catch: undefined, sequences, actedCount, falseAlarms, problem };
}

function runSmoke(seed: number, mutant: Mutant | undefined): Promise<RunResult> {
  const folder = runFolder(`${smoke.name}-${mutant?.id ?? "true"}`, "processes", seed);
  const createCluster = clusterFactory("processes", { folder, mutant });
  return runPlan(smoke.plan(seed, "processes"), { createCluster, faults, print: () => undefined });
}
