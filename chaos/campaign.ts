/** `npm run sim`: simulation campaigns on all cores. Prints each failing seed with its replay line, and what the campaign covered. */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { checkers } from "../harness/checkers/catalog.ts";
import type { SeedOutcome } from "./campaign-worker.ts";
import { faults } from "./faults/catalog.ts";

export interface CampaignOptions {
  readonly firstSeed: number;
  /** Seeds to run; Infinity with a time limit. */
  readonly runs: number;
  readonly timeLimitMs: number;
  readonly workerCount?: number;
  readonly print: (line: string) => void;
  /** Told of each outcome as it comes. */
  readonly onOutcome?: (outcome: SeedOutcome) => void;
}

export interface CampaignResult {
  readonly runs: number;
  readonly failures: readonly SeedOutcome[];
  readonly simulatedMs: number;
  readonly stepCount: number;
  readonly wallMs: number;
  /** In how many runs each guarantee of the catalog was put to the test. */
  readonly evaluated: ReadonlyMap<string, number>;
  /** How often each fault was seen to bite. */
  readonly bites: ReadonlyMap<string, number>;
}

/** From so many runs on, what a campaign did not reach is no accident. */
const vacuityRunsMin = 500;
/** A guarantee whose precondition fewer runs than this part met was not put to the test. */
const evaluatedPartMin = 0.01;

/** A campaign that fails everywhere is stopped early: more of the same says nothing new. */
const failuresMax = 20;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const startMs = performance.now();
  const totals = { runs: 0, simulatedMs: 0, stepCount: 0 };
  const failures: SeedOutcome[] = [];
  const evaluated = new Map<string, number>();
  const bites = new Map<string, number>();
  let nextSeed = options.firstSeed;
  const lastSeed = options.firstSeed + options.runs;
  const hasMore = (): boolean => nextSeed < lastSeed && performance.now() - startMs < options.timeLimitMs && failures.length < failuresMax;
  const take = (outcome: SeedOutcome): void => {
    totals.runs++;
    totals.simulatedMs += outcome.simulatedMs;
    totals.stepCount += outcome.stepCount;
    for (const [id, count] of Object.entries(outcome.evaluated)) if (count > 0) evaluated.set(id, (evaluated.get(id) ?? 0) + 1);
    for (const [name, count] of Object.entries(outcome.bites)) bites.set(name, (bites.get(name) ?? 0) + count);
    options.onOutcome?.(outcome);
    if (outcome.verdict === "pass") return;
    failures.push(outcome);
    options.print(`seed ${outcome.seed}: ${outcome.verdict}: ${outcome.reasons[0] ?? "no reason"}`);
    options.print(`replay: npm run sim -- --seed ${outcome.seed}`);
  };
  const workers = Array.from({ length: options.workerCount ?? availableParallelism() }, () =>
    runWorker(() => (hasMore() ? nextSeed++ : undefined), take),
  );
  await Promise.all(workers);
  return { ...totals, failures, wallMs: performance.now() - startMs, evaluated, bites };
}

/** Feeds one worker until there is no seed left. Rejects when the worker dies: a crash of the harness is never a pass. */
function runWorker(nextSeed: () => number | undefined, take: (outcome: SeedOutcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./campaign-worker.ts", import.meta.url));
    const feed = (): void => {
      const seed = nextSeed();
      if (seed !== undefined) worker.postMessage(seed);
      else worker.terminate().then(() => resolve(), reject);
    };
    worker.on("message", (outcome: SeedOutcome) => {
      take(outcome);
      feed();
    });
    worker.on("error", reject);
    feed();
  });
}

/** What a campaign left untested, one line each: all if it is empty, guarantees and faults if it is long. Then it is inconclusive. */
export function findVacuity({ runs, evaluated, bites }: Pick<CampaignResult, "runs" | "evaluated" | "bites">): string[] {
  if (runs === 0) return ["no run was done"];
  if (runs < vacuityRunsMin) return [];
  const untested = checkers.flatMap(({ id, title }) => {
    const count = evaluated.get(id) ?? 0;
    return count >= runs * evaluatedPartMin ? [] : [`${id} (${title}) was put to the test in ${count} of ${runs} runs`];
  });
  const harmless = faults.flatMap(({ name }) => (bites.has(name) ? [] : [`the fault ${name} never bit`]));
  return [...untested, ...harmless];
}

/** What a campaign covered, for people. */
export function describeCampaign(result: CampaignResult): string[] {
  const wallSeconds = result.wallMs / 1000;
  const simulatedSeconds = Math.round(result.simulatedMs / 1000);
  const speed = Math.round(simulatedSeconds / wallSeconds);
  const tested = [...result.evaluated.keys()].sort();
  return [
    `${result.runs} runs, ${result.stepCount} steps, ${simulatedSeconds} simulated seconds in ${wallSeconds.toFixed(1)} s (${speed}x)`,
    `guarantees put to the test: ${tested.map((id) => `${id} in ${percent(result.evaluated.get(id) ?? 0, result.runs)}`).join(", ")}`,
    `faults that bit: ${[...result.bites].map(([name, count]) => `${name} ${count}`).join(", ") || "none"}`,
  ];
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`;
}
