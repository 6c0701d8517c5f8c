/** One core's share of a simulation campaign: runs the seeds that it is sent, one after the other, and answers what came out. */

import { parentPort } from "node:worker_threads";
import { assertDefined } from "../common/assert.ts";
import type { Verdict } from "../harness/checkers/checker.ts";
import { swarmOptions } from "../harness/options.ts";
import { drawPlan, type RunPlan, type RunVerdict, runPlan } from "../harness/run.ts";
import { faults } from "./faults/catalog.ts";
import { simulatedCluster } from "./simulated.ts";

export interface SeedOutcome {
  readonly seed: number;
  readonly verdict: RunVerdict;
  /** Why it is no pass; the first broken guarantee first. */
  readonly reasons: readonly string[];
  readonly simulatedMs: number;
  readonly stepCount: number;
  readonly eventCount: number;
  readonly traceHash: string | undefined;
  /** How often each guarantee was put to the test. */
  readonly evaluated: Readonly<Record<string, number>>;
  /** Faults that were seen to bite, by name. */
  readonly bites: Readonly<Record<string, number>>;
}

/** The plan that `npm run sim -- --seed N` means. */
export function swarmPlan(seed: number): RunPlan {
  const names = faults.map((fault) => fault.name);
  return drawPlan(swarmOptions(seed, names));
}

export async function runSeed(seed: number): Promise<SeedOutcome> {
  const plan = swarmPlan(seed);
  const result = await runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });
  const judgement = result.judgement;
  const failures = judgement?.results.flatMap(({ id, verdict }) => (verdict.kind === "fail" ? [`${id}: ${verdict.message}`] : [])) ?? [];
  const evaluated: Record<string, number> = {};
  for (const { id, verdict } of judgement?.results ?? []) evaluated[id] = evaluatedCount(verdict);
  const bites: Record<string, number> = {};
  const names = new Map<number, string>();
  for (const event of result.events) {
    if (event.kind === "faultBegin") names.set(event.fault, event.name);
    if (event.kind !== "faultProbe" || event.result !== "bit") continue;
    const name = names.get(event.fault) ?? "unknown";
    bites[name] = (bites[name] ?? 0) + 1;
  }
  return {
    seed,
    verdict: result.verdict,
    reasons: [...failures, ...result.reasons],
    simulatedMs: result.simulatedMs,
    stepCount: plan.steps.length,
    eventCount: result.events.length,
    traceHash: result.traceHash,
    evaluated,
    bites,
  };
}

function evaluatedCount(verdict: Verdict): number {
  if (verdict.kind === "pass") return verdict.evaluated;
  return verdict.kind === "fail" ? 1 : 0;
}

if (parentPort !== null) {
  const port = assertDefined(parentPort, "the port to the campaign");
  port.on("message", async (seed: number) => {
    port.postMessage(await runSeed(seed));
  });
}
