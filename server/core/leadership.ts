/**
 * Which part a master plays: standby -> recovering (reads the registry, then writes itself in as the leader, which fences
 * the one before) -> leading -> ended. A deposed master ends its process and starts again as a standby.
 */

import type { MasterConfig } from "./config.ts";
import type { CallRefusal } from "./effect.ts";
import type { MasterAddress } from "./event.ts";
import type { RegistryRecord } from "./registry-record.ts";
import type { MasterState } from "./state.ts";

export type Leadership =
  | { readonly kind: "standby" }
  | { readonly kind: "recovering"; readonly phase: "reading" }
  | {
      readonly kind: "recovering";
      readonly phase: "writing";
      readonly term: number;
      readonly version: number;
      readonly records: readonly RegistryRecord[];
    }
  | { readonly kind: "leading"; readonly state: MasterState }
  | { readonly kind: "ended" };

/** What anybody is told who wants something of a master that does not lead. */
export function notLeadingRefusal(config: MasterConfig, leadership: Leadership, leader: MasterAddress | undefined): CallRefusal {
  const isNotLeading = true;
  if (leadership.kind === "recovering") return { code: "UNAVAILABLE", message: "this master is recovering its registry", isNotLeading };
  if (leadership.kind === "ended" || leader === undefined || leader.masterId === config.masterId) {
    return { code: "UNAVAILABLE", message: "this master does not lead and knows no leader", isNotLeading };
  }
  return { code: "FAILED_PRECONDITION", message: `this master does not lead, ${leader.masterId} does`, leader, isNotLeading };
}
