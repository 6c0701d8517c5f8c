/** Timings for suites that run in real time: everything that waits is short, and so is the run. */

import type { Tier } from "../../harness/cluster.ts";
import type { ClusterTimings } from "../../harness/history/event.ts";

/** How much later than promised something may be seen: virtual time has no jitter, two busy cores and Docker have plenty. */
const epsilonByTier = { sim: 0, processes: 1_500, containers: 3_000 } as const satisfies Record<Tier, number>;

/** What checkers allow a message and what it causes in calm times, with a little to spare; on real clusters epsilon comes on top. */
export const messageMs = 1_200;

export function quickTimings(tier: Tier): ClusterTimings {
  return {
    allocationIntervalMs: 200,
    heartbeatIntervalMs: 1_000,
    pingTimeoutMs: 1_000,
    pingTimeoutsMax: 3,
    reregisterTimeoutMs: 8_000,
    updateRetryMinMs: 500,
    updateRetryMaxMs: 2_000,
    registrationBackoffMaxMs: 500,
    epsilonMs: epsilonByTier[tier],
  };
}
