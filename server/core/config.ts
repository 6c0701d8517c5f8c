/** What a master is told once, at its start. Lengths of time in milliseconds. */

import type { MasterId } from "../../common/ids.ts";
import type { MasterAddress } from "./event.ts";

export interface MasterConfig {
  /** Different at every start of the process: the ids of agents, frameworks and offers are counters behind it. */
  readonly masterId: MasterId;
  readonly address: MasterAddress;
  /** Decides what the allocator would shuffle. */
  readonly seed: number;
  readonly allocationIntervalMs: number;
  readonly agentPingTimeoutMs: number;
  readonly agentPingTimeoutsMax: number;
  readonly agentReregisterTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Undefined: offers stay until they are used or rescinded. */
  readonly offerTimeoutMs: number | undefined;
  /** Roles that frameworks may subscribe to; undefined: every valid name. */
  readonly roles: ReadonlySet<string> | undefined;
  /** Whether frameworks may run as root. */
  readonly rootSubmissions: boolean;
  /** Whether agents with gpus are kept for frameworks with GPU_RESOURCES. */
  readonly filterGpuResources: boolean;
  /** What the start of a maintenance window does: "enforce" takes what was not returned, "operator" leaves it to them. */
  readonly maintenance: "enforce" | "operator";
  /** Bounds the grace of tasks that are killed because their machine's window has begun. */
  readonly revocationGraceMs: number;
}

/** The reference's defaults. Source: Mesos src/master/constants.hpp. */
export const masterDefaults = {
  allocationIntervalMs: 1_000,
  agentPingTimeoutMs: 15_000,
  agentPingTimeoutsMax: 5,
  agentReregisterTimeoutMs: 600_000,
  heartbeatIntervalMs: 15_000,
  offerTimeoutMs: undefined,
  roles: undefined,
  rootSubmissions: true,
  filterGpuResources: true,
  maintenance: "enforce",
  revocationGraceMs: 60_000,
} as const satisfies Partial<MasterConfig>;
