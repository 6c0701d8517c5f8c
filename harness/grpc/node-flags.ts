/** The flags that give a real node the timings of a run. */

import type { ClusterTimings } from "../history/event.ts";
import type { MaintenanceTimings } from "../history/maintenance-json.ts";

export function masterFlags(timings: ClusterTimings): readonly string[] {
  return [
    ["--allocation-interval", ms(timings.allocationIntervalMs)],
    ["--agent-ping-timeout", ms(timings.pingTimeoutMs)],
    ["--max-agent-ping-timeouts", String(timings.pingTimeoutsMax)],
    ["--agent-reregister-timeout", ms(timings.reregisterTimeoutMs)],
    ["--heartbeat-interval", ms(timings.heartbeatIntervalMs)],
    ...maintenanceFlags(timings.maintenance),
  ].flat();
}

function maintenanceFlags(maintenance: MaintenanceTimings | undefined): readonly (readonly string[])[] {
  if (maintenance === undefined) return [];
  return [
    ["--maintenance", maintenance.mode],
    ["--revocation-grace", ms(maintenance.revocationGraceMs)],
  ];
}

export function agentFlags(timings: ClusterTimings): readonly string[] {
  return [
    ["--registration-backoff", ms(Math.min(timings.registrationBackoffMaxMs, 100))],
    ["--registration-backoff-max", ms(timings.registrationBackoffMaxMs)],
    ["--update-retry-min", ms(timings.updateRetryMinMs)],
    ["--update-retry-max", ms(timings.updateRetryMaxMs)],
    // Tasks write the ledger of whoever runs the harness.
    ["--switch-user", "false"],
    ["--resources", "cpus:4;mem:4096;disk:10000;ports:[31000-32000]"],
  ].flat();
}

function ms(value: number): string {
  return `${value}ms`;
}
