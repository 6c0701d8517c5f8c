/** Hunts one planted bug with whole runs on real nodes: seed after seed with the bug, until one fails and passes without it. */

import type { RunVerdict } from "../../harness/run.ts";
import type { Catch, Hunt } from "./hunt.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";

export interface SeedHuntOptions {
  readonly firstSeed: number;
  /** No run starts later. */
  readonly limitMs: number;
}

interface SeedRunResult {
  readonly verdict: RunVerdict;
  readonly reasons: readonly string[];
}

/** What is run with the bug, and how its results are read. */
export interface SeedRuns<Result extends SeedRunResult> {
  readonly suite: string;
  /** Never rejects. `leftMs` is what is left of the hunt; a run on the true source has all the time that it needs. */
  readonly run: (seed: number, mutant: Mutant | undefined, leftMs: number) => Promise<Result>;
  /** Whether the bug took its other way. */
  readonly hasMarker: (result: Result) => boolean;
  readonly caughtBy: (result: Result) => readonly string[];
  /** The command that does the run again. */
  readonly replay: (seed: number) => string;
}

/** Never rejects. */
export async function huntBySeeds<Result extends SeedRunResult>(
  mutant: Mutant,
  { suite, run, hasMarker, caughtBy, replay }: SeedRuns<Result>,
  { firstSeed, limitMs }: SeedHuntOptions,
): Promise<Hunt> {
  const startMs = performance.now();
  const pastMs = (): number => performance.now() - startMs;
  const falseAlarms: number[] = [];
  let sequences = 0;
  let actedCount = 0;
  let problem: string | undefined;
  for (let seed = firstSeed; pastMs() < limitMs; seed++) {
    const result = await run(seed, mutant, limitMs - pastMs());
    const seconds = pastMs() / 1_000;
    sequences++;
    if (result.verdict === "harness-error") problem ??= result.reasons[0]?.split("\n")[0];
    if (!hasMarker(result)) continue;
    actedCount++;
    if (result.verdict !== "fail") continue;
    if ((await run(seed, undefined, Number.POSITIVE_INFINITY)).verdict !== "pass") {
      falseAlarms.push(seed);
      continue;
    }
    const caught: Catch = {
      seed,
      suite,
      caughtBy: caughtBy(result),
      reason: result.reasons[0] ?? "",
      seconds,
      replay: `${mutantVariable}=${mutant.id} ${replay(seed)}`,
    };
    return { mutant, catch: caught, sequences, actedCount, falseAlarms, problem: undefined };
  }
  return { mutant, catch: undefined, sequences, actedCount, falseAlarms, problem };
}
