/** The command line of the mutants: which are planted, for how long, and how well they were caught. */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Tier } from "../../harness/cluster.ts";
import { parsePositiveCount } from "../../runtime/command-line.ts";
import { findMutant, mutants, plantedMutant } from "./catalog.ts";
import { type Hunt, hunt } from "./hunt.ts";
import { huntWithFuzz } from "./hunt-fuzz.ts";
import { huntOnNodes } from "./hunt-nodes.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";
import type { PreyOptions } from "./prey.ts";
import { summaryOf, tableHead, tableRow, toScore } from "./score.ts";

/** Hunts at one time; each keeps a core busy. */
const huntsMax = 2;

interface Options {
  readonly only: readonly Mutant[];
  readonly json?: string;
  readonly seconds: number;
  readonly seed: number;
  readonly tier: Tier;
  readonly clientsOnly: boolean;
}

export function createProgram(): Command {
  return new Command("mutants")
    .description("Plants known bugs and measures how soon the harness catches each. Exit code 1 when one survives.")
    .addOption(
      new Option("--only <ids>", "these bugs only, for example M01,M37").argParser(parseIds).default(mutants, "every one in the catalog"),
    )
    .option("--json <file>", "write the result as JSON, too")
    .option("--seconds <number>", "how long each bug is hunted at most", parsePositiveCount, 120)
    .option("--seed <number>", "the first seed", parsePositiveCount, (Date.now() % 1_000_000) + 1)
    .addOption(
      new Option("--tier <tier>", "simulated sequences, or smoke runs on real nodes")
        .choices(["sim", "processes", "containers"])
        .default("sim"),
    )
    .option("--clients-only", "the cores do not check their own invariants: only what clients see counts", false)
    .showHelpAfterError()
    .action(run);
}

async function run({ only, json, seconds, seed, tier, clientsOnly }: Options, program: Command): Promise<void> {
  if (plantedMutant() !== undefined) program.error(`error: ${mutantVariable} must not be set: bugs are compared with the true source`);
  console.log(`seed ${seed}`);
  console.log(tableHead);
  const waiting = [...only];
  const hunts: Hunt[] = [];
  const worker = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await huntOne(mutant, { tier, firstSeed: seed, limitMs: seconds * 1_000, clientsOnly });
      hunts.push(result);
      console.log(tableRow(result));
    }
  };
  // Real nodes need all cores, or what looks like a bug is a busy machine.
  const workerCount = tier === "sim" ? Math.min(huntsMax, availableParallelism()) : 1;
  await Promise.all(Array.from({ length: workerCount }, worker));
  const score = toScore(seed, hunts);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(score, null, 2)}\n`);
  for (const line of summaryOf(score)) console.log(line);
  process.exitCode = score.killed === score.all ? 0 : 1;
}

interface HuntOptions extends PreyOptions {
  readonly tier: Tier;
}

/** Some bugs show to hostile messages only, whatever the tier. */
function huntOne(mutant: Mutant, { tier, ...options }: HuntOptions): Promise<Hunt> {
  if (mutant.prey === "fuzz") return huntWithFuzz(mutant, options);
  return tier === "sim" ? hunt(mutant, options) : huntOnNodes(mutant, { tier, ...options });
}

function parseIds(text: string): readonly Mutant[] {
  try {
    return text.split(",").map((id) => findMutant(id.trim()));
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
