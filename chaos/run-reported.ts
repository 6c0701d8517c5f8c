/** Does one run and leaves everything that is known about it in a folder: plan, history, node logs, reports. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { historyToJsonLines } from "../harness/history/jsonl.ts";
import { type RunPlan, type RunResult, runPlan } from "../harness/run.ts";
import { clusterFactory, runFolder } from "./clusters.ts";
import { faults } from "./faults/catalog.ts";
import { plantedMutant } from "./mutants/catalog.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { htmlReport } from "./report/html.ts";
import { junitReport } from "./report/junit.ts";
import { summaryLines } from "./report/summary.ts";

export interface ReportedRun extends RunResult {
  readonly folder: string;
  /** Path of the HTML report. */
  readonly report: string;
}

export interface ReportedRunOptions {
  readonly print?: (line: string) => void;
  /** The bug to plant into real nodes; by default the one that this process was started with. */
  readonly mutant?: Mutant | undefined;
}

export async function runReported(
  plan: RunPlan,
  { print = console.log, mutant = plantedMutant() }: ReportedRunOptions = {},
): Promise<ReportedRun> {
  const { suite, tier, seed } = plan.options;
  const folder = runFolder(suite, tier, seed);
  writeFileSync(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
  const result = await runPlan(plan, {
    createCluster: clusterFactory(tier, { folder, mutant }),
    faults,
    print: () => undefined,
  });
  const report = join(folder, "report.html");
  writeFileSync(join(folder, "history.jsonl"), historyToJsonLines(result.events));
  writeFileSync(report, htmlReport(result));
  writeFileSync(join(folder, "junit.xml"), junitReport(result));
  for (const line of summaryLines(result, report)) print(line);
  return { ...result, folder, report };
}
