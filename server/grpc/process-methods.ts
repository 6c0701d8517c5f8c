/** The calls of the MasterOperator service that are about this process: leaders and others answer them alike, and nobody asks the core. */

import { type Result, succeed } from "../../common/result.ts";
import { version } from "../../common/version.ts";
import {
  Response_GetFlags,
  Response_GetHealth,
  Response_GetLoggingLevel,
  Response_GetMaster,
  Response_GetMetrics,
  Response_GetVersion,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { Flag } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Method } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import { type LoggingLevel, loggingDurationMaxMs } from "../../runtime/logging-level.ts";
import type { Metrics } from "../../runtime/metrics.ts";
import type { MasterAddress } from "../core/event.ts";
import { emptyRefusal, toMasterInfo } from "../wire/operator.ts";
import { decodeGetMetrics, decodeSetLoggingLevel } from "../wire/process-requests.ts";

/** What a master says of itself. */
export interface MasterDescription {
  readonly address: MasterAddress;
  /** With their defaults. None of them is a secret: those would have to be left out. */
  readonly flags: readonly Flag[];
  /** Unix time in milliseconds. */
  readonly startedWallMs: number;
  /** Unix time in milliseconds; undefined while this master does not lead. */
  readonly electedWallMs: number | undefined;
}

export interface MasterProcess {
  readonly describe: () => MasterDescription;
  readonly metrics: Pick<Metrics, "read">;
  readonly loggingLevel: LoggingLevel;
}

type Answer = Result<Uint8Array> | Promise<Result<Uint8Array>>;

export function createProcessMethods({ describe, metrics, loggingLevel }: MasterProcess): readonly (readonly [string, Method])[] {
  const tell = (bytes: () => Uint8Array): Method =>
    method((request) => {
      const refusal = emptyRefusal(request);
      return refusal === undefined ? succeed(bytes()) : { ok: false, refusal };
    });
  const getMetrics = async (request: Uint8Array): Promise<Result<Uint8Array>> => {
    const timeoutMs = decodeGetMetrics(request);
    if (!timeoutMs.ok) return timeoutMs;
    return succeed(Response_GetMetrics.encode({ metrics: [...(await metrics.read(timeoutMs.value))] }).finish());
  };
  const setLoggingLevel = (request: Uint8Array): Result<Uint8Array> => {
    const wanted = decodeSetLoggingLevel(request, loggingDurationMaxMs);
    if (!wanted.ok) return wanted;
    const set = loggingLevel.set(wanted.value.level, wanted.value.durationMs);
    return set.ok ? succeed(new Uint8Array()) : set;
  };
  return [
    ["GetHealth", tell(() => Response_GetHealth.encode({ healthy: true }).finish())],
    ["GetVersion", tell(() => Response_GetVersion.encode({ versionInfo: { version } }).finish())],
    ["GetFlags", tell(() => Response_GetFlags.encode({ flags: [...describe().flags] }).finish())],
    ["GetMaster", tell(() => encodeGetMaster(describe()))],
    ["GetMetrics", method(getMetrics)],
    ["GetLoggingLevel", tell(() => Response_GetLoggingLevel.encode({ level: loggingLevel.read() }).finish())],
    ["SetLoggingLevel", method(setLoggingLevel)],
  ];
}

/** A call that is answered from its request alone. */
function method(answerOf: (request: Uint8Array) => Answer): Method {
  return {
    kind: "unary",
    handle: ({ request }, answer) => {
      const settle = (result: Result<Uint8Array>): void => {
        if (result.ok) answer(null, result.value);
        else answer(toStatus(result.refusal));
      };
      Promise.resolve(answerOf(request)).then(settle, (error: unknown) => {
        settle({ ok: false, refusal: { code: "UNAVAILABLE", message: `it cannot be read now: ${String(error)}` } });
      });
    },
  };
}

function encodeGetMaster({ address, startedWallMs, electedWallMs }: MasterDescription): Uint8Array {
  return Response_GetMaster.encode({
    masterInfo: toMasterInfo(address),
    startTime: startedWallMs / 1_000,
    ...(electedWallMs === undefined ? {} : { electedTime: electedWallMs / 1_000 }),
  }).finish();
}
