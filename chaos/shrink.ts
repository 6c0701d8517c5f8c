/**
 * Finds a smaller plan that still breaks the same guarantee: removes steps in halves, quarters and so on down to single
 * ones, then shortens what is left. Each try is a whole run, so this is for simulation.
 */

import type { RunPlan, RunResult } from "../harness/run.ts";
import type { Step } from "../harness/workload/catalog.ts";

/** Runs that shrinking may cost; past it the smallest plan so far is good enough. */
const triesMax = 2_000;

export interface Shrunk {
  readonly plan: RunPlan;
  readonly tries: number;
}

/** `stillFails` runs a plan and says whether it fails in the same way. */
export async function shrinkPlan(plan: RunPlan, stillFails: (plan: RunPlan) => Promise<boolean>): Promise<Shrunk> {
  let tries = 0;
  const fails = async (steps: readonly Step[]): Promise<boolean> => {
    tries++;
    return stillFails({ ...plan, steps });
  };
  let steps = plan.steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1 && tries < triesMax; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < steps.length && tries < triesMax; ) {
      const without = [...steps.slice(0, start), ...steps.slice(start + size)];
      if (await fails(without)) steps = without;
      else start += size;
    }
  }
  for (let index = 0; index < steps.length && tries < triesMax; index++) {
    for (const simpler of simplerSteps(steps[index])) {
      const candidate = steps.with(index, simpler);
      if (!(await fails(candidate))) continue;
      steps = candidate;
      break;
    }
  }
  return { plan: { ...plan, steps }, tries };
}

/** What the run showed, in one word: shrinking must not slip from one bug to another. */
export function signatureOf(result: RunResult): string {
  if (result.judgement?.firstBroken !== undefined) return result.judgement.firstBroken.id;
  if (result.pending.length > 0) return "not converged";
  return result.verdict;
}

/** Simplest first. */
function simplerSteps(step: Step | undefined): Step[] {
  if (step === undefined) return [];
  if (step.kind === "advanceTime" || step.kind === "fault") {
    return [100, 1_000, 5_000].filter((durationMs) => durationMs < step.durationMs).map((durationMs) => ({ ...step, durationMs }));
  }
  if (step.kind === "acceptOffer" && step.tasks.length > 1) return step.tasks.map((task) => ({ ...step, tasks: [task] }));
  return [];
}
