/**
 * The operator calls that every node answers of its own process: health, version, flags, metrics, log, files. The messages that
 * mesos.v1.master and mesos.v1.agent nest for them are the same but for their names (a test compares them), so one codec serves both.
 */

import {
  Call_GetMetrics,
  Call_ListFiles,
  Call_ReadFile,
  Call_SetLoggingLevel,
  Response_GetFlags,
  Response_GetHealth,
  Response_GetLoggingLevel,
  Response_GetMetrics,
  Response_GetVersion,
  Response_ListFiles,
  Response_ReadFile,
} from "../protos/gen/mesos/v1/agent/agent.ts";
import type { Flag, Metric } from "../protos/gen/mesos/v1/mesos.ts";
import { schema } from "./contract-schema.ts";
import { type Refusal, type Result, refuse, succeed } from "./result.ts";
import { toTimeInfo } from "./time-info.ts";
import { checkMessage, type WireLimits } from "./wire-check.ts";

/** Whose messages they are. */
export type ProcessOwner = "master" | "agent";

/** These calls have a path and some numbers. */
const processCallLimits: WireLimits = { maxBytes: 64 * 1024, maxDepth: 8, subject: "the call" };

/** PATH_MAX of Linux. */
export const pathMaxBytes = 4_096;

/** A log that is verbose for longer than this was forgotten. */
export const verboseMaxMs = 7 * 86_400_000;

/** Nobody waits for an answer that long, and timers do not count much further. */
const timeoutMaxMs = 86_400_000;

export interface FilePartWanted {
  readonly path: string;
  readonly offset: bigint;
  /** Undefined: as much as an answer holds. */
  readonly length: bigint | undefined;
}

export interface FilePart {
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly data: Uint8Array;
}

export interface ListedFile {
  readonly path: string;
  readonly nlink: number;
  readonly sizeBytes: number;
  readonly modifiedWallMs: number;
  /** As stat(2) has it. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface VerbosityWanted {
  readonly level: number;
  readonly durationMs: number;
}

/** What is wrong with the bytes of a call that takes google.protobuf.Empty. */
export function findEmptyProblem(bytes: Uint8Array): Refusal | undefined {
  const problem = checkMessage(schema, "google.protobuf.Empty", bytes, processCallLimits);
  return problem === undefined ? undefined : { code: "INVALID_ARGUMENT", message: problem };
}

/** The path to list. */
export function decodeListFiles(owner: ProcessOwner, bytes: Uint8Array): Result<string> {
  return checked({ owner, name: "ListFiles", bytes }, () => {
    const { path } = Call_ListFiles.decode(bytes);
    return findPathProblem("list_files.path", path) ?? succeed(path);
  });
}

export function decodeReadFile(owner: ProcessOwner, bytes: Uint8Array): Result<FilePartWanted> {
  return checked({ owner, name: "ReadFile", bytes }, () => {
    const { path, offset, length } = Call_ReadFile.decode(bytes);
    return findPathProblem("read_file.path", path) ?? succeed({ path, offset, length });
  });
}

export function decodeSetLoggingLevel(owner: ProcessOwner, bytes: Uint8Array): Result<VerbosityWanted> {
  return checked({ owner, name: "SetLoggingLevel", bytes }, () => {
    const { level, duration } = Call_SetLoggingLevel.decode(bytes);
    const durationMs = readDurationMs("set_logging_level.duration", duration?.nanoseconds ?? 0n);
    if (!durationMs.ok) return durationMs;
    if (durationMs.value <= verboseMaxMs) return succeed({ level, durationMs: durationMs.value });
    const maxNs = BigInt(verboseMaxMs) * 1_000_000n;
    return refuse("INVALID_ARGUMENT", `set_logging_level.duration.nanoseconds must be at most ${maxNs}, is ${duration?.nanoseconds}`);
  });
}

/** How long slow metrics are waited for; undefined: as long as it takes. */
export function decodeGetMetrics(owner: ProcessOwner, bytes: Uint8Array): Result<number | undefined> {
  return checked({ owner, name: "GetMetrics", bytes }, () => {
    const { timeout } = Call_GetMetrics.decode(bytes);
    if (timeout === undefined) return succeed(undefined);
    const timeoutMs = readDurationMs("get_metrics.timeout", timeout.nanoseconds);
    return timeoutMs.ok ? succeed(Math.min(timeoutMs.value, timeoutMaxMs)) : timeoutMs;
  });
}

export function encodeHealth(): Uint8Array {
  return Response_GetHealth.encode({ healthy: true }).finish();
}

export function encodeVersion(version: string): Uint8Array {
  return Response_GetVersion.encode({ versionInfo: { version } }).finish();
}

export function encodeFlags(flags: readonly Flag[]): Uint8Array {
  return Response_GetFlags.encode({ flags: [...flags] }).finish();
}

export function encodeMetrics(metrics: readonly Metric[]): Uint8Array {
  return Response_GetMetrics.encode({ metrics: [...metrics] }).finish();
}

export function encodeLoggingLevel(level: number): Uint8Array {
  return Response_GetLoggingLevel.encode({ level }).finish();
}

/** Users and groups are numbers: their names are the machine's, and may be others tomorrow. */
export function encodeListFiles(files: readonly ListedFile[]): Uint8Array {
  const fileInfos = files.map(({ path, nlink, sizeBytes, modifiedWallMs, mode, uid, gid }) => ({
    path,
    nlink,
    size: BigInt(sizeBytes),
    mtime: toTimeInfo(modifiedWallMs),
    mode,
    uid: String(uid),
    gid: String(gid),
  }));
  return Response_ListFiles.encode({ fileInfos }).finish();
}

export function encodeReadFile({ sizeBytes, data }: FilePart): Uint8Array {
  return Response_ReadFile.encode({ size: BigInt(sizeBytes), data }).finish();
}

interface Call {
  readonly owner: ProcessOwner;
  readonly name: string;
  readonly bytes: Uint8Array;
}

function checked<T>({ owner, name, bytes }: Call, decode: () => Result<T>): Result<T> {
  const problem = checkMessage(schema, `mesos.v1.${owner}.Call.${name}`, bytes, processCallLimits);
  return problem === undefined ? decode() : refuse("INVALID_ARGUMENT", problem);
}

function findPathProblem(field: string, path: string): { readonly ok: false; readonly refusal: Refusal } | undefined {
  if (!path.startsWith("/")) return refuse("INVALID_ARGUMENT", `${field} must begin with "/", is "${path.slice(0, pathMaxBytes)}"`);
  if (path.includes("\0")) return refuse("INVALID_ARGUMENT", `${field} must not have a zero byte`);
  if (path.split("/").includes("..")) return refuse("INVALID_ARGUMENT", `${field} must not have "..", is "${path.slice(0, pathMaxBytes)}"`);
  if (path.length > pathMaxBytes) return refuse("INVALID_ARGUMENT", `${field} must have at most ${pathMaxBytes} bytes, has ${path.length}`);
  return undefined;
}

/** Whole milliseconds, rounded up so that a short time does not become none. */
function readDurationMs(path: string, nanoseconds: bigint): Result<number> {
  if (nanoseconds < 0n) return refuse("INVALID_ARGUMENT", `${path}.nanoseconds must not be negative, is ${nanoseconds}`);
  return succeed(Math.ceil(Number(nanoseconds) / 1e6));
}
