/** The runs of a hunt: drawn sequences, and now and then the smoke suite. The same seed is the same run with and without the bug. */

import type { RunPlan } from "../../harness/run.ts";
import { swarmPlan } from "../campaign-worker.ts";
import { smoke } from "../suites/smoke.ts";
import type { Mutant } from "./mutant.ts";
import { mutantVariable } from "./mutant.ts";

/** One run in so many is the smoke suite, the first one included. */
const smokeEvery = 5;

export interface HuntOptions {
  /** True: the cores do not look at their own invariants, so that only what clients saw can give the bug away. */
  readonly clientsOnly: boolean;
}

/** The plan of the hunt's run with this number, from 0. */
export function huntPlan(firstSeed: number, index: number, { clientsOnly }: HuntOptions): RunPlan {
  const seed = firstSeed + index;
  const plan = index % smokeEvery === 0 ? smoke.plan(seed, "sim") : swarmPlan(seed);
  if (!clientsOnly) return plan;
  return { ...plan, options: { ...plan.options, sim: { ...plan.options.sim, invariantsEverySteps: Number.MAX_SAFE_INTEGER } } };
}

/** The line that does the run with the bug again. */
export function plantedReplayLine(mutant: Mutant, { options }: RunPlan): string {
  const planted = `${mutantVariable}=${mutant.id}`;
  return options.suite === smoke.name
    ? `${planted} npm run chaos -- ${options.suite} --tier ${options.tier} --seed ${options.seed}`
    : `${planted} npm run replay -- ${options.seed}`;
}
