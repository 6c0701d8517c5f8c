/** `npm run fuzz`: runs of the fuzzer one after the other, with what they found and how to do the last one again. */

import { type FuzzRunResult, runFuzz } from "../harness/fuzz/fuzz-run.ts";
import type { RunVerdict } from "../harness/run.ts";
import { exitCodes } from "../harness/run.ts";
import { nodeMutant, runFolder } from "./clusters.ts";
import { plantedMutant } from "./mutants/catalog.ts";
import { quickTimings } from "./suites/timings.ts";

export interface FuzzCampaignOptions {
  /** Of the first run; those that follow count up. */
  readonly seed: number;
  readonly runs: number;
  readonly timeLimitMs: number;
  /** Of each run. */
  readonly cases: number;
  readonly print: (line: string) => void;
}

/** Stops at the first run that fails, and goes on after one that decided nothing; answers the exit code of the process. */
export async function runFuzzCampaign({ seed, runs, timeLimitMs, cases, print }: FuzzCampaignOptions): Promise<number> {
  const endMs = performance.now() + timeLimitMs;
  let verdict: RunVerdict = "unknown";
  let hasDoubt = false;
  let last = seed;
  for (let next = seed; next < seed + runs && performance.now() < endMs; next++) {
    last = next;
    print(`seed ${next}`);
    let folderCount = 0;
    const newFolder = (): string => runFolder(folderCount++ === 0 ? "fuzz" : `fuzz-again-${folderCount}`, "processes", next);
    const timings = quickTimings("processes");
    const result = await runFuzz({
      seed: next,
      cases,
      timeLimitMs: endMs - performance.now(),
      newFolder,
      timings,
      nodes: nodeMutant(plantedMutant()),
    });
    for (const line of describeFuzzRun(result)) print(line);
    // The time ran out while the last cluster booted: that takes nothing from the runs before it.
    if (result.verdict === "unknown" && result.caseCount === 0) break;
    verdict = result.verdict;
    if (verdict === "unknown") {
      hasDoubt = true;
      print(`replay: npm run fuzz -- --seed ${next} --cases ${cases}`);
    } else if (verdict !== "pass") break;
  }
  if (verdict === "pass" && hasDoubt) verdict = "unknown";
  print(`verdict: ${verdict}`);
  print(`replay: npm run fuzz -- --seed ${last} --cases ${cases}`);
  return exitCodes[verdict];
}

/** What a run did and found, for people. */
export function describeFuzzRun({ caseCount, steadyCount, runningCount, statusCounts, reasons, failure }: FuzzRunResult): string[] {
  const statuses = [...statusCounts].map(([name, count]) => `${name} ${count}`).sort();
  return [
    `${caseCount} cases, which made ${runningCount} tasks run; ${steadyCount} tasks beside them ended as they should`,
    `answers: ${statuses.join(", ") || "none"}`,
    ...reasons,
    ...(failure === undefined ? [] : [`smallest case: ${failure.rpc} of the ${failure.node}, mesos-stream-id: ${failure.streamId}`]),
    ...(failure?.messages ?? []).flatMap(({ text, bytes }, index) => [
      `message ${index + 1}: ${text}`,
      `as bytes: ${describeBytes(bytes)}`,
    ]),
  ];
}

/** Longer messages are many times the same, and the fields say so. */
const printedBytesMax = 4_096;

function describeBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, printedBytesMax)).toString("hex");
  return bytes.length > printedBytesMax ? `${hex}... (${bytes.length} bytes)` : hex;
}
