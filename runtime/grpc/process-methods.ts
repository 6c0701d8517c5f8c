/** The operator calls that every node answers of its own process, in every state of the node; its files, once it has recovered. */

import {
  decodeGetMetrics,
  decodeListFiles,
  decodeReadFile,
  decodeSetLoggingLevel,
  encodeFlags,
  encodeHealth,
  encodeListFiles,
  encodeLoggingLevel,
  encodeMetrics,
  encodeReadFile,
  encodeVersion,
  findEmptyProblem,
  type ProcessOwner,
} from "../../common/process-calls.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { version } from "../../common/version.ts";
import type { Flag } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ExposedFiles } from "../exposed-files.ts";
import type { LoggingLevel } from "../logging-level.ts";
import type { Metrics } from "../metrics.ts";
import type { Method } from "./server.ts";
import { toStatus } from "./status.ts";

export interface ProcessDescription {
  readonly owner: ProcessOwner;
  /** With their defaults. None of them is a secret: those would have to be left out. */
  readonly flags: readonly Flag[];
  readonly metrics: Pick<Metrics, "read">;
  readonly loggingLevel: LoggingLevel;
  /** Absent for a node that shows none; answers undefined while the node recovers. */
  readonly files?: () => ExposedFiles | undefined;
}

type Answer = Result<Uint8Array> | Promise<Result<Uint8Array>>;

/** By name of the RPC. */
export function createProcessMethods({ owner, flags, metrics, loggingLevel, files }: ProcessDescription): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ["GetHealth", tell(encodeHealth)],
    ["GetVersion", tell(() => encodeVersion(version))],
    ["GetFlags", tell(() => encodeFlags(flags))],
    ["GetLoggingLevel", tell(() => encodeLoggingLevel(loggingLevel.read()))],
    [
      "SetLoggingLevel",
      take((bytes) =>
        map(decodeSetLoggingLevel(owner, bytes), ({ level, durationMs }) =>
          map(loggingLevel.set(level, durationMs), () => succeed(new Uint8Array())),
        ),
      ),
    ],
    [
      "GetMetrics",
      take(async (bytes) => {
        const timeoutMs = decodeGetMetrics(owner, bytes);
        return timeoutMs.ok ? succeed(encodeMetrics(await metrics.read(timeoutMs.value))) : timeoutMs;
      }),
    ],
    ...(files === undefined ? [] : fileMethods(owner, files)),
  ]);
}

function fileMethods(owner: ProcessOwner, files: () => ExposedFiles | undefined): readonly (readonly [string, Method])[] {
  return [
    [
      "ListFiles",
      take(async (bytes) => {
        const path = decodeListFiles(owner, bytes);
        if (!path.ok) return path;
        const listed = (await files()?.list(path.value)) ?? recovers;
        return map(listed, (found) => succeed(encodeListFiles(found)));
      }),
    ],
    [
      "ReadFile",
      take(async (bytes) => {
        const wanted = decodeReadFile(owner, bytes);
        if (!wanted.ok) return wanted;
        const part = (await files()?.read(wanted.value)) ?? recovers;
        return map(part, (found) => succeed(encodeReadFile(found)));
      }),
    ],
  ];
}

const recovers = refuse("UNAVAILABLE", "the node recovers");

function map<From, To>(result: Result<From>, use: (value: From) => Result<To>): Result<To> {
  return result.ok ? use(result.value) : result;
}

/** A call of google.protobuf.Empty. */
function tell(answer: () => Uint8Array): Method {
  return take((bytes) => {
    const refusal = findEmptyProblem(bytes);
    return refusal === undefined ? succeed(answer()) : { ok: false, refusal };
  });
}

/** What rejects is a bug and ends the process. */
function take(answer: (bytes: Uint8Array) => Answer): Method {
  return {
    kind: "unary",
    handle: ({ request }, settle) => {
      const settled = (result: Result<Uint8Array>): void => {
        if (result.ok) settle(null, result.value);
        else settle(toStatus(result.refusal));
      };
      const result = answer(request);
      if (result instanceof Promise) void result.then(settled);
      else settled(result);
    },
  };
}
