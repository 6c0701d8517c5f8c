/** What operators ask of the master's process and not of its cluster, from the nested request messages of mesos.v1.master. */

import { schema } from "../../common/contract-schema.ts";
import { type Result, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import { Call_GetMetrics, Call_SetLoggingLevel } from "../../protos/gen/mesos/v1/master/master.ts";
import { callLimits } from "./limits.ts";
import { findDurationProblem, readDurationMs, refuseArgument } from "./rules.ts";

export interface LoggingLevelRequest {
  readonly level: number;
  readonly durationMs: number;
}

/** How long slow metrics are waited for; undefined: as long as it takes. */
export function decodeGetMetrics(bytes: Uint8Array): Result<number | undefined> {
  const problem = findProblem("GetMetrics", bytes);
  if (problem !== undefined) return refuseArgument(problem);
  const { timeout } = Call_GetMetrics.decode(bytes);
  const rule = findDurationProblem("get_metrics.timeout", timeout);
  if (rule !== undefined) return refuseArgument(rule);
  return succeed(timeout === undefined ? undefined : Math.min(readDurationMs(timeout), timeoutMaxMs));
}

/** `durationMaxMs`: the longest that is taken. */
export function decodeSetLoggingLevel(bytes: Uint8Array, durationMaxMs: number): Result<LoggingLevelRequest> {
  const problem = findProblem("SetLoggingLevel", bytes);
  if (problem !== undefined) return refuseArgument(problem);
  const { level, duration } = Call_SetLoggingLevel.decode(bytes);
  if (duration === undefined) return refuseArgument("set_logging_level.duration must be set");
  const path = "set_logging_level.duration";
  const rule = findDurationProblem(path, duration);
  if (rule !== undefined) return refuseArgument(rule);
  const durationMs = readDurationMs(duration);
  if (durationMs <= durationMaxMs) return succeed({ level, durationMs });
  return refuseArgument(`${path}.nanoseconds must be at most ${BigInt(durationMaxMs) * 1_000_000n}, is ${duration.nanoseconds}`);
}

/** Nobody waits for an answer that long, and timers do not count much further. */
const timeoutMaxMs = 86_400_000;

function findProblem(name: string, bytes: Uint8Array): string | undefined {
  return checkMessage(schema, `mesos.v1.master.Call.${name}`, bytes, callLimits);
}
