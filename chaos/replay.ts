/** `npm run replay`: a run again from its plan, or from the seed of a simulated run, and the smallest part of it that still fails. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tier } from "../harness/cluster.ts";
import { exitCodes, type RunPlan, runPlan } from "../harness/run.ts";
import { swarmPlan } from "./campaign-worker.ts";
import { faults } from "./faults/catalog.ts";
import { runReported } from "./run-reported.ts";
import { shrinkPlan, signatureOf } from "./shrink.ts";
import { simulatedCluster } from "./simulated.ts";

const tiers: ReadonlySet<Tier> = new Set<Tier>(["sim", "processes", "containers"]);

/** Answers the exit code. `planOrSeed` is a plan.json that a run left, its folder, or a seed. */
export async function replayFile(planOrSeed: string, { shrink }: { readonly shrink: boolean }): Promise<number> {
  const plan = readPlan(planOrSeed);
  if (typeof plan === "string") {
    console.error(plan);
    return exitCodes["harness-error"];
  }
  const result = await runReported(plan);
  if (!shrink || result.verdict === "pass") return exitCodes[result.verdict];
  if (plan.options.tier !== "sim") {
    console.error("only simulated runs can be shrunk; replay this plan in simulation by setting options.tier to sim in it");
    return exitCodes["harness-error"];
  }
  const signature = signatureOf(result);
  const shrunk = await shrinkPlan(plan, async (candidate) => signatureOf(await simulate(candidate)) === signature);
  const file = join(result.folder, "shrunk.json");
  writeFileSync(file, `${JSON.stringify(shrunk.plan, null, 2)}\n`);
  console.log(`shrunk from ${plan.steps.length} to ${shrunk.plan.steps.length} steps in ${shrunk.tries} runs; still ${signature}:`);
  for (const step of shrunk.plan.steps) console.log(`  ${JSON.stringify(step)}`);
  console.log(`replay the smallest: npm run replay -- ${file}`);
  return exitCodes[result.verdict];
}

function simulate(plan: RunPlan): ReturnType<typeof runPlan> {
  return runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });
}

function readPlan(planOrSeed: string): RunPlan | string {
  if (/^\d+$/.test(planOrSeed)) return swarmPlan(Number(planOrSeed));
  const file = existsSync(join(planOrSeed, "plan.json")) ? join(planOrSeed, "plan.json") : planOrSeed;
  if (!existsSync(file)) return `${planOrSeed} is neither a seed nor a file; give the plan.json that a run left in out/`;
  try {
    const plan = JSON.parse(readFileSync(file, "utf8")) as Partial<RunPlan>;
    const problem = problemOf(plan);
    if (problem !== undefined) return `${file} is not a plan: ${problem}`;
    // A plan from a file need not be what its seed stands for: it may be shrunk, or written by hand.
    return { ...(plan as RunPlan), replay: `npm run replay -- ${file}` };
  } catch (error) {
    return `${file} is not a plan: ${error instanceof Error ? error.message : error}`;
  }
}

/** Only what names files and picks the cluster; a step that cannot be done shows in the run. */
function problemOf({ options, steps }: Partial<RunPlan>): string | undefined {
  if (options === undefined || !Array.isArray(steps)) return "it has no options and steps";
  if (!Number.isSafeInteger(options.seed)) return `options.seed must be a whole number, is ${JSON.stringify(options.seed)}`;
  if (!tiers.has(options.tier)) return `options.tier must be one of ${[...tiers].join(", ")}, is ${JSON.stringify(options.tier)}`;
  if (!/^[\w-]+$/.test(options.suite))
    return `options.suite must be a name of letters, digits and "-", is ${JSON.stringify(options.suite)}`;
  return undefined;
}
