/** What gave a bug away in a run. */

import type { RunResult } from "../../harness/run.ts";

/** The guarantees that failed, and "convergence" when the healed cluster did not converge. */
export function toCaughtBy({ judgement, pending }: RunResult): string[] {
  const broken = judgement?.results.filter(({ verdict }) => verdict.kind === "fail").map(({ id }) => id) ?? [];
  return pending.length > 0 ? [...broken, "convergence"] : broken;
}
