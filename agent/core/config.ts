/** What an agent is told once, at its start. Lengths of time in milliseconds. */

import type { Uuid } from "../../common/ids.ts";
import type { Resources } from "../../common/resources.ts";
import type { AgentConfiguration, ReconfigurationPolicy } from "./configuration.ts";

export interface AgentConfig {
  /** Different at every start of the process: update uuids and container ids come from it. */
  readonly seed: string;
  /** Proves from the first registration on that the agent's id is its own; unused by an agent that has one. Nobody may guess it. */
  readonly newCredential: Uuid;
  /** By its flags, before any operation. */
  readonly resources: Resources;
  /** What of it was given by the operator, and must not change while the agent keeps its id. */
  readonly given: AgentConfiguration;
  readonly reconfigurationPolicy: ReconfigurationPolicy;
  /** Of the machine; another one says that nothing of the last run lives. */
  readonly bootId: string;
  readonly registrationBackoffMs: number;
  readonly registrationBackoffMaxMs: number;
  /** Until the master says otherwise. */
  readonly pingTimeoutMs: number;
  readonly updateRetryMinMs: number;
  readonly updateRetryMaxMs: number;
  /** How long drain now waits for the dead before it names who still lives. */
  readonly drainNowTimeoutMs: number;
  /** Where executors find this agent, as host:port; it must be the same after a restart, or they do not come back. */
  readonly executorEndpoint: string;
  /** From its launch until its first subscription. */
  readonly executorRegistrationTimeoutMs: number;
  /** From a restart of the agent until its return. */
  readonly executorReregistrationTimeoutMs: number;
  /** Between SHUTDOWN and the end of its container, where the executor names no other. */
  readonly executorShutdownGraceMs: number;
  /** How long an executor waits for an agent that is away. */
  readonly executorRecoveryTimeoutMs: number;
  readonly executorHeartbeatMs: number;
}

/** The reference's defaults. Source: Mesos src/slave/constants.hpp; drain now is ours. */
export const agentDefaults = {
  reconfigurationPolicy: "equal",
  registrationBackoffMs: 1_000,
  registrationBackoffMaxMs: 60_000,
  pingTimeoutMs: 75_000,
  updateRetryMinMs: 10_000,
  updateRetryMaxMs: 600_000,
  drainNowTimeoutMs: 100,
  executorEndpoint: "127.0.0.1:6051",
  executorRegistrationTimeoutMs: 60_000,
  executorReregistrationTimeoutMs: 2_000,
  executorShutdownGraceMs: 5_000,
  executorRecoveryTimeoutMs: 900_000,
  executorHeartbeatMs: 1_800_000,
  gcDelayMs: 604_800_000,
  gcDiskHeadroom: 0.1,
  diskWatchIntervalMs: 60_000,
  containerDiskWatchIntervalMs: 15_000,
  sandboxLogMaxBytes: 10 * 1024 * 1024,
  sandboxLogFiles: 4,
  sandboxLogIntervalMs: 10_000,
} as const;

/** Between SIGTERM and SIGKILL when neither the kill nor the task names another. Source: Mesos src/slave/constants.hpp. */
export const defaultKillGraceMs = 3_000;
