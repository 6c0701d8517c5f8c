/** Hunts one planted bug with hostile messages: runs of the fuzzer on nodes with the bug, until one fails and passes without it. */

import { type FuzzRunResult, runFuzz } from "../../harness/fuzz/fuzz-run.ts";
import { nodeMutant, runFolder } from "../clusters.ts";
import { quickTimings } from "../suites/timings.ts";
import type { Hunt } from "./hunt.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";

export interface FuzzHuntOptions {
  readonly firstSeed: number;
  /** No case begins later. */
  readonly limitMs: number;
}

const casesPerRun = 1_000;

/** Never rejects. */
export async function huntWithFuzz(mutant: Mutant, { firstSeed, limitMs }: FuzzHuntOptions): Promise<Hunt> {
  const startMs = performance.now();
  const falseAlarms: number[] = [];
  let sequences = 0;
  let actedCount = 0;
  let problem: string | undefined;
  for (let seed = firstSeed; performance.now() - startMs < limitMs; seed++) {
    const timeLimitMs = limitMs - (performance.now() - startMs);
    const result = await runCases(seed, { mutant, timeLimitMs });
    const seconds = (performance.now() - startMs) / 1_000;
    sequences++;
    if (result.verdict === "harness-error") problem ??= result.reasons[0]?.split("\n")[0];
    if (!result.hasMarker) continue;
    actedCount++;
    if (result.verdict !== "fail") continue;
    if ((await runCases(seed, { mutant: undefined, timeLimitMs: Number.POSITIVE_INFINITY })).verdict !== "pass") {
      falseAlarms.push(seed);
      continue;
    }
    const replay = `${mutantVariable}=${mutant.id} npm run fuzz -- --seed ${seed} --cases ${casesPerRun}`;
    const caught = { seed, suite: "fuzz", caughtBy: ["fuzz"], reason: result.reasons[0] ?? "", seconds, replay };
    return { mutant, catch: caught, sequences, actedCount, falseAlarms, problem: undefined };
  }
  return { mutant, catch: undefined, sequences, actedCount, falseAlarms, problem };
}

function runCases(seed: number, { mutant, timeLimitMs }: { mutant: Mutant | undefined; timeLimitMs: number }): Promise<FuzzRunResult> {
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
