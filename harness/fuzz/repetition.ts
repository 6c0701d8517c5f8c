/**
 * Whether something that broke under a case was the case's doing. A link that a slow machine lost while a call was refused looks like
 * an effect of the call; it does not come back on a fresh cluster.
 */

import type { FuzzCase } from "./fuzz-case.ts";
import type { FuzzCluster, FuzzFindingKind } from "./fuzz-cluster.ts";

/** What no slow machine does. Anything else counts once it was seen to come back. */
const certainKinds: ReadonlySet<FuzzFindingKind> = new Set(["crash", "answer"]);

export function isCertain(kind: FuzzFindingKind): boolean {
  return certainKinds.has(kind);
}

/**
 * Sends each sequence of cases to a fresh cluster of its own, until one shows the same kind of thing at its last case. The bystander
 * may notice late what an earlier case has done, and what is certain counts wherever it comes. Rejects when a cluster does not boot.
 */
export async function comesBack(
  kind: FuzzFindingKind,
  sequences: readonly (readonly FuzzCase[])[],
  boot: () => Promise<Pick<FuzzCluster, "attempt">>,
): Promise<boolean> {
  for (const cases of sequences) {
    const cluster = await boot();
    for (const [index, fuzzCase] of cases.entries()) {
      const finding = await cluster.attempt(fuzzCase);
      if (finding === undefined) continue;
      const isInPlace = kind === "bystander" || index === cases.length - 1;
      if (isCertain(finding.kind) || (finding.kind === kind && isInPlace)) return true;
      // The cluster is broken, and not by what was looked for.
      break;
    }
  }
  return false;
}
