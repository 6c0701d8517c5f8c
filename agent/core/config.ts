/** What an agent is told once, at its start. Lengths of time in milliseconds. */

import type { Resources } from "../../common/resources.ts";

export interface AgentConfig {
  /** Different at every start of the process: update uuids and container ids come from it. */
  readonly seed: string;
  /** By its flags, before any operation. */
  readonly resources: Resources;
  readonly registrationBackoffMs: number;
  readonly registrationBackoffMaxMs: number;
  /** Until the master says otherwise. */
  readonly pingTimeoutMs: number;
  readonly updateRetryMinMs: number;
  readonly updateRetryMaxMs: number;
  /** How long drain now waits for the dead before it names who still lives. */
  readonly drainNowTimeoutMs: number;
}

/** The reference's defaults. Source: Mesos src/slave/constants.hpp; drain now is ours. */
export const agentDefaults = {
  registrationBackoffMs: 1_000,
  registrationBackoffMaxMs: 60_000,
  pingTimeoutMs: 75_000,
  updateRetryMinMs: 10_000,
  updateRetryMaxMs: 600_000,
  drainNowTimeoutMs: 100,
} as const satisfies Partial<AgentConfig>;

/** Between SIGTERM and SIGKILL when neither the kill nor the task names another. Source: Mesos src/slave/constants.hpp. */
export const defaultKillGraceMs = 3_000;
