/** The checks of a task of the workload, from the history's form to messages. */

import { CheckInfo, CheckInfo_Type, HealthCheck, HealthCheck_Type, type TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { WatchJson } from "../history/event.ts";

/** Where the simulated tasks listen, as far as anybody looks. */
const port = 8_080;

/** What a check by command runs; the simulated machine knows what it finds. */
const command = { value: "sim-look" };

export function toWatch(watch: WatchJson): Pick<TaskInfo, "check" | "healthCheck" | "maxCompletionTime"> {
  const times = {
    delaySeconds: watch.delayMs / 1_000,
    intervalSeconds: watch.intervalMs / 1_000,
    timeoutSeconds: watch.timeoutMs / 1_000,
  };
  return {
    ...(watch.purposes.includes("check") ? { check: CheckInfo.fromPartial({ ...times, ...toCheckKind(watch) }) } : {}),
    ...(watch.purposes.includes("health")
      ? {
          healthCheck: HealthCheck.fromPartial({
            ...times,
            ...toHealthCheckKind(watch),
            gracePeriodSeconds: watch.gracePeriodMs / 1_000,
            consecutiveFailures: watch.failuresMax,
          }),
        }
      : {}),
    ...(watch.maxCompletionMs === undefined ? {} : { maxCompletionTime: { nanoseconds: BigInt(watch.maxCompletionMs) * 1_000_000n } }),
  };
}

function toCheckKind({ kind }: WatchJson): Parameters<typeof CheckInfo.fromPartial>[0] {
  switch (kind) {
    case "command":
      return { type: CheckInfo_Type.COMMAND, command: { command } };
    case "http":
      return { type: CheckInfo_Type.HTTP, http: { port, path: "/" } };
    case "tcp":
      return { type: CheckInfo_Type.TCP, tcp: { port } };
  }
}

function toHealthCheckKind({ kind }: WatchJson): Parameters<typeof HealthCheck.fromPartial>[0] {
  switch (kind) {
    case "command":
      return { type: HealthCheck_Type.COMMAND, command };
    case "http":
      return { type: HealthCheck_Type.HTTP, http: { port, path: "/" } };
    case "tcp":
      return { type: HealthCheck_Type.TCP, tcp: { port } };
  }
}
