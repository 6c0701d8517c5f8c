/** The command line of runs against a cluster, and what its commands do. */

import { Command, Option } from "commander";
import type { Tier } from "../harness/cluster.ts";
import { exitCodes } from "../harness/run.ts";
import { parseCount, parsePositiveCount, positiveParser } from "../runtime/command-line.ts";
import { type CampaignResult, describeCampaign, findVacuity, runCampaign } from "./campaign.ts";
import { swarmPlan } from "./campaign-worker.ts";
import { runFuzzCampaign } from "./fuzz.ts";
import { replayFile } from "./replay.ts";
import { runReported } from "./run-reported.ts";
import { suites } from "./suites/catalog.ts";
import type { Suite } from "./suites/suite.ts";

/** A week: longer campaigns are started again, with other seeds. */
const minutesMax = 7 * 24 * 60;

export function createProgram(): Command {
  const program: Command = new Command("chaos")
    .description("Runs workloads and faults against a cluster, and judges what clients saw.")
    .showHelpAfterError();

  program
    .command("suite", { isDefault: true })
    .description("a suite against a cluster, with a report")
    .argument("<suite>", `one of: ${[...suites.keys()].join(", ")}`)
    .addOption(new Option("--tier <tier>", "the kind of cluster").choices(["sim", "processes", "containers"]).default("processes"))
    .option("--seed <number>", "decides what the suite leaves open", parseCount, Date.now() % 1_000_000)
    .option("--runs <number>", "how many runs, with seeds that follow each other", parsePositiveCount, 1)
    .action((name: string, options: SuiteOptions) => {
      const suite = suites.get(name);
      if (suite === undefined) program.error(`error: there is no suite "${name}"; there are: ${[...suites.keys()].join(", ")}`);
      return runSuite(suite, options);
    });

  program
    .command("sim")
    .description("simulated runs on all cores, each with options of its own; one seed runs alone and in full")
    .option("--seed <number>", "the first seed", parseCount)
    .option("--runs <number>", "how many seeds", parsePositiveCount)
    .option("--minutes <number>", "stop after so many minutes", positiveParser(minutesMax, "minutes"))
    .action(sim);

  program
    .command("replay")
    .description("a run again: the plan.json or the folder that it left, or the seed of a simulated run")
    .argument("<plan-or-seed>")
    .option("--shrink", "look for the smallest part of the run that still fails (simulation)", false)
    .action(replay);

  program
    .command("fuzz")
    .description("hostile messages to the ports of a real master and a real agent, drawn from the descriptors")
    .option("--seed <number>", "of the first run", parseCount)
    .option("--runs <number>", "how many runs, with seeds that follow each other", parseCount)
    .option("--minutes <number>", "stop after so many minutes", positiveParser(minutesMax, "minutes"))
    .option("--cases <number>", "calls and streams of each run", parseCount, 1_000)
    .action(fuzz);
  return program;
}

interface SuiteOptions {
  readonly tier: Tier;
  readonly seed: number;
  readonly runs: number;
}

async function runSuite(suite: Suite, options: SuiteOptions): Promise<void> {
  let worst = 0;
  for (let seed = options.seed; seed < options.seed + options.runs; seed++) {
    console.log(`seed ${seed}`);
    const { verdict } = await runReported(suite.plan(seed, options.tier));
    worst = worseExit(worst, exitCodes[verdict]);
  }
  process.exitCode = worst;
}

async function sim(options: { seed?: number; runs?: number; minutes?: number }): Promise<void> {
  if (options.seed !== undefined && options.runs === undefined && options.minutes === undefined) {
    const { verdict } = await runReported(swarmPlan(options.seed));
    process.exitCode = exitCodes[verdict];
    return;
  }
  const firstSeed = options.seed ?? Date.now() % 1_000_000_000;
  const timeLimitMs = options.minutes === undefined ? Number.POSITIVE_INFINITY : options.minutes * 60_000;
  const runs = options.runs ?? (options.minutes === undefined ? 1_000 : Number.POSITIVE_INFINITY);
  console.log(`seeds from ${firstSeed}`);
  const result = await runCampaign({ firstSeed, runs, timeLimitMs, print: console.log });
  for (const line of describeCampaign(result)) console.log(line);
  const vacuity = findVacuity(result);
  for (const line of vacuity) console.log(`inconclusive: ${line}`);
  const worst = result.failures.reduce((exit, { verdict }) => worseExit(exit, exitCodes[verdict]), 0);
  console.log(`verdict: ${describeVerdict(result, vacuity)}`);
  process.exitCode = vacuity.length === 0 ? worst : worseExit(worst, exitCodes.unknown);
}

function describeVerdict({ failures, runs }: CampaignResult, vacuity: readonly string[]): string {
  if (failures.length > 0) return `${failures.length} of ${runs} runs did not pass`;
  return vacuity.length === 0 ? "pass" : "inconclusive: the campaign did not reach what it is to judge";
}

async function fuzz(options: { seed?: number; runs?: number; minutes?: number; cases: number }): Promise<void> {
  const seed = options.seed ?? Date.now() % 1_000_000_000;
  const timeLimitMs = (options.minutes ?? minutesMax) * 60_000;
  const runs = options.runs ?? (options.minutes === undefined ? 1 : Number.POSITIVE_INFINITY);
  process.exitCode = await runFuzzCampaign({ seed, runs, timeLimitMs, cases: options.cases, print: console.log });
}

async function replay(planOrSeed: string, options: { shrink: boolean }): Promise<void> {
  process.exitCode = await replayFile(planOrSeed, options);
}

/** A violation outweighs a failure of the harness, and that outweighs a run that decided nothing. */
function worseExit(left: number, right: number): number {
  const order = [exitCodes.pass, exitCodes.unknown, exitCodes["harness-error"], exitCodes.fail] as readonly number[];
  return order.indexOf(left) >= order.indexOf(right) ? left : right;
}
