/** Reads CheckInfo and HealthCheck as the agent's core works with them, once they are known to keep the rules (common/mesos-checks.ts). */

import {
  type CheckInfo,
  CheckInfo_Type as CheckType,
  type HealthCheck,
  HealthCheck_Type as HealthType,
  type NetworkInfo_Protocol,
  NetworkInfo_Protocol as Protocol,
} from "../../protos/gen/mesos/v1/mesos.ts";
import type { CheckSpec, HealthCheckSpec, LoopbackAddress, Probe } from "../core/checks/check-spec.ts";
import { toCommand } from "./command-description.ts";

/** Where the messages say nothing. Source: the defaults of mesos.proto. */
const defaults = { delaySeconds: 15, intervalSeconds: 10, timeoutSeconds: 20, gracePeriodSeconds: 10, consecutiveFailures: 3 } as const;

export function toCheck(info: CheckInfo): CheckSpec {
  return { probe: toProbe(info), ...toTimes(info) };
}

export function toHealthCheck(info: HealthCheck): HealthCheckSpec {
  return {
    probe: toHealthProbe(info),
    ...toTimes(info),
    gracePeriodMs: toWholeMs(info.gracePeriodSeconds ?? defaults.gracePeriodSeconds),
    failuresMax: info.consecutiveFailures ?? defaults.consecutiveFailures,
  };
}

function toProbe({ type, command, http, tcp }: CheckInfo): Probe {
  if (type === CheckType.HTTP) return toHttp(http ?? { port: 0 });
  if (type === CheckType.TCP) return { kind: "tcp", address: "127.0.0.1", port: tcp?.port ?? 0 };
  return { kind: "command", command: toCommand(command?.command) };
}

function toHealthProbe({ type, command, http, tcp }: HealthCheck): Probe {
  if (type === HealthType.HTTP) return toHttp(http ?? { port: 0 });
  if (type === HealthType.TCP) return { kind: "tcp", address: toAddress(tcp?.protocol), port: tcp?.port ?? 0 };
  return { kind: "command", command: toCommand(command) };
}

interface HttpFields {
  readonly port: number;
  readonly path?: string | undefined;
  readonly scheme?: string | undefined;
  readonly protocol?: NetworkInfo_Protocol | undefined;
}

function toHttp({ port, path = "/", scheme, protocol }: HttpFields): Probe {
  return { kind: "http", scheme: scheme === "https" ? "https" : "http", address: toAddress(protocol), port, path };
}

function toAddress(protocol: NetworkInfo_Protocol | undefined): LoopbackAddress {
  return protocol === Protocol.IPv6 ? "::1" : "127.0.0.1";
}

function toTimes({
  delaySeconds,
  intervalSeconds,
  timeoutSeconds,
}: CheckInfo | HealthCheck): Pick<CheckSpec, "delayMs" | "intervalMs" | "timeoutMs"> {
  const timeoutMs = toWholeMs(timeoutSeconds ?? defaults.timeoutSeconds);
  return {
    delayMs: toWholeMs(delaySeconds ?? defaults.delaySeconds),
    intervalMs: toWholeMs(intervalSeconds ?? defaults.intervalSeconds),
    timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
  };
}

/** Rounded up, so that a short time does not become none; from whole nanoseconds, so that 2.035 s are no more than 2,035 ms. */
function toWholeMs(seconds: number): number {
  return Math.ceil(Math.round(seconds * 1e9) / 1e6);
}
