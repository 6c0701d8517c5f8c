/** Hunts one planted bug with hostile messages: runs of the fuzzer on nodes with the bug. */

import { type FuzzRunResult, runFuzz } from "../../harness/fuzz/fuzz-run.ts";
import { nodeMutant, runFolder } from "../clusters.ts";
import { quickTimings } from "../suites/timings.ts";
import type { Hunt } from "./hunt.ts";
import { huntBySeeds, type SeedHuntOptions, type SeedRuns } from "./hunt-seeds.ts";
import type { Mutant } from "./mutant.ts";

const casesPerRun = 1_000;

/** Never rejects. */
export function huntWithFuzz(mutant: Mutant, options: SeedHuntOptions): Promise<Hunt> {
  return huntBySeeds(mutant, fuzzRuns, options);
}

const fuzzRuns: SeedRuns<FuzzRunResult> = {
  suite: "fuzz",
  run: runCases,
  hasMarker: ({ hasMarker }) => hasMarker,
  caughtBy: () => ["fuzz"],
  replay: (seed) => `npm run fuzz -- --seed ${seed} --cases ${casesPerRun}`,
};

function runCases(seed: number, mutant: Mutant | undefined, timeLimitMs: number): Promise<FuzzRunResult> {
  let folderCount = 0;
  return runFuzz({
    seed,
    cases: casesPerRun,
    timeLimitMs,
    shrinkMaxMs: 0,
    newFolder: () => runFolder(`fuzz-${mutant?.id ?? "true"}-${folderCount++}`, "processes", seed),
    timings: quickTimings("processes"),
    nodes: nodeMutant(mutant),
  });
}
