/**
 * One hunt's process: the bug is planted in it before anything is loaded. It runs one simulated sequence after the other
 * and reports each that fails after the bug had acted; the parent, which has the true source, decides whether it counts.
 */

import { runPlan } from "../../harness/run.ts";
import { faults } from "../faults/catalog.ts";
import { simulatedCluster } from "../simulated.ts";
import { plantedMutant } from "./catalog.ts";
import { toCaughtBy } from "./caught-by.ts";
import { huntPlan } from "./plan.ts";

/** What the parent is told. */
export type PreyMessage =
  /** The run with this number failed and the bug had acted. The process waits for an answer; any is "go on". */
  | {
      readonly kind: "failed";
      readonly index: number;
      readonly caughtBy: readonly string[];
      readonly reason: string;
      readonly actedCount: number;
    }
  /** Time is up, or too many runs could not be done at all. */
  | {
      readonly kind: "over";
      readonly sequences: number;
      readonly actedCount: number;
      /** Why a run could not be done; it proves nothing in either direction. */
      readonly error: string | undefined;
    };

/** Runs that could not be done, one after the other: the next will not do better. */
const errorsMax = 20;

/** What the parent passes as the one argument, as JSON. */
export interface PreyOptions {
  readonly firstSeed: number;
  readonly limitMs: number;
  readonly clientsOnly: boolean;
}

await hunt(JSON.parse(process.argv[2] ?? "{}") as PreyOptions);
process.disconnect?.();

async function hunt({ firstSeed, limitMs, clientsOnly }: PreyOptions): Promise<void> {
  const mutant = plantedMutant();
  if (mutant === undefined) throw new Error("no bug is planted in this process");
  const startMs = performance.now();
  let actedCount = 0;
  let error: string | undefined;
  let errorCount = 0;
  let index = 0;
  for (; performance.now() - startMs < limitMs && errorCount < errorsMax; index++) {
    const plan = huntPlan(firstSeed, index, { clientsOnly });
    const result = await runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });
    if (result.verdict === "harness-error") {
      error ??= result.reasons[0]?.split("\n")[0];
      errorCount++;
      continue;
    }
    errorCount = 0;
    if (!result.events.some((event) => event.kind === "marker")) continue;
    actedCount++;
    if (result.verdict !== "fail") continue;
    await ask({ kind: "failed", index, caughtBy: toCaughtBy(result), reason: result.reasons[0] ?? "", actedCount });
  }
  send({ kind: "over", sequences: index, actedCount, error });
}

/** Tells the parent and waits until it answers. A parent that counts the failure ends this process instead. */
function ask(message: PreyMessage): Promise<void> {
  return new Promise((resolve) => {
    process.once("message", () => resolve());
    send(message);
  });
}

function send(message: PreyMessage): void {
  process.send?.(message);
}
