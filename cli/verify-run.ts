/** What `tepui verify` does: it proves the guarantees on this machine, in simulation, on real processes and, if asked, in containers. */

import { describeCampaign, findVacuity, runCampaign } from "../chaos/campaign.ts";
import { runReported } from "../chaos/run-reported.ts";
import { smoke } from "../chaos/suites/smoke.ts";
import type { Tier } from "../harness/cluster.ts";
import { exitCodes, type RunVerdict } from "../harness/run.ts";

export interface VerifyOptions {
  readonly seed: number;
  readonly simSeconds: number;
  readonly containers: boolean;
}

export async function verify(options: VerifyOptions): Promise<void> {
  console.log(`tepui verify, seed ${options.seed}`);
  let verdict = await verifySimulated(options);
  const tiers: Tier[] = options.containers ? ["processes", "containers"] : ["processes"];
  let report = "";
  for (const tier of tiers) {
    console.log(`\n== The smoke suite on ${tier}: tasks run, an agent gets SIGUSR1, a master SIGKILL, and more ==`);
    const run = await runReported(smoke.plan(options.seed, tier));
    // The report to look at is that of the first cluster that did not pass.
    if (verdict === "pass" || report === "") report = run.report;
    if (verdict === "pass") verdict = run.verdict;
  }
  console.log(`\nverdict: ${verdict}\nreport: ${report}`);
  process.exitCode = exitCodes[verdict];
}

async function verifySimulated({ seed, simSeconds }: VerifyOptions): Promise<RunVerdict> {
  console.log(`\n== Simulation: whole clusters in virtual time, with faults, for ${simSeconds} s ==`);
  const result = await runCampaign({ firstSeed: seed, runs: Number.POSITIVE_INFINITY, timeLimitMs: simSeconds * 1000, print: console.log });
  const vacuity = findVacuity(result);
  for (const line of [...describeCampaign(result), ...vacuity.map((text) => `inconclusive: ${text}`)]) console.log(line);
  return result.failures[0]?.verdict ?? (vacuity.length === 0 ? "pass" : "unknown");
}
