/** `npm run replay`: a run again from its plan, or from the seed of a simulated run, and the smallest part of it that still fails. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type RunPlan, runPlan } from "../harness/run.ts";
import { swarmPlan } from "./campaign-worker.ts";
import { faults } from "./faults/catalog.ts";
import { runReported } from "./run-reported.ts";
import { shrinkPlan, signatureOf } from "./shrink.ts";
import { simulatedCluster } from "./simulated.ts";

/** Answers the exit code. `fileOrSeed` is a plan.json that a run left, its folder, or a seed. */
export async function replayFile(fileOrSeed: string, { shrink }: { readonly shrink: boolean }): Promise<number> {
  const plan = readPlan(fileOrSeed);
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

function readPlan(fileOrSeed: string): RunPlan | string {
  if (/^\d+$/.test(fileOrSeed)) return swarmPlan(Number(fileOrSeed));
  const file = existsSync(join(fileOrSeed, "plan.json")) ? join(fileOrSeed, "plan.json") : fileOrSeed;
  if (!existsSync(file)) return `${fileOrSeed} is neither a seed nor a file; give the plan.json that a run left in out/`;
  try {
    const plan = JSON.parse(readFileSync(file, "utf8")) as Partial<RunPlan>;
    // A plan from a file need not be what its seed stands for: it may be shrunk, or written by hand.
    if (plan.options !== undefined && Array.isArray(plan.steps)) return { ...(plan as RunPlan), replay: `npm run replay -- ${file}` };
    return `${file} is not a plan: it has no options and steps`;
  } catch (error) {
    return `${file} is not a plan: ${error instanceof Error ? error.message : error}`;
  }
}
