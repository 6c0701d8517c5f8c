/** What an executor finds in its environment: names and values as in the reference. Source: Mesos slave.cpp, executorEnvironment. */

import type { AgentState, Executor, Framework } from "./state.ts";

/** The sandbox is added by whoever makes it. */
export function executorEnvironment(
  { config, agentId }: AgentState,
  { executor, framework }: { executor: Executor; framework: Framework },
): readonly (readonly [name: string, value: string])[] {
  const graceMs = executor.toRun.shutdownGraceMs ?? config.executorShutdownGraceMs;
  const always: readonly (readonly [string, string])[] = [
    ["MESOS_FRAMEWORK_ID", executor.frameworkId],
    ["MESOS_EXECUTOR_ID", executor.executorId],
    ["MESOS_AGENT_ID", agentId ?? ""],
    ["MESOS_AGENT_ENDPOINT", config.executorEndpoint],
    ["MESOS_CHECKPOINT", framework.info.checkpoint === true ? "1" : "0"],
    ["MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", formatDuration(graceMs)],
  ];
  if (framework.info.checkpoint !== true) return always;
  return [
    ...always,
    ["MESOS_RECOVERY_TIMEOUT", formatDuration(config.executorRecoveryTimeoutMs)],
    ["MESOS_SUBSCRIPTION_BACKOFF_MAX", formatDuration(config.executorReregistrationTimeoutMs)],
  ];
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ["weeks", 604_800_000],
  ["days", 86_400_000],
  ["hrs", 3_600_000],
  ["mins", 60_000],
  ["secs", 1_000],
];

/** A length of time as Mesos writes it: "5secs", "15mins", "250ms". */
export function formatDuration(durationMs: number): string {
  for (const [name, unitMs] of units) if (durationMs >= unitMs && durationMs % unitMs === 0) return `${durationMs / unitMs}${name}`;
  return `${durationMs}ms`;
}
