/** Rules of form that several calls share. Each answers "path rule, value", or undefined when there is nothing wrong. */

import { idProblem, type Uuid, uuidFromBytes } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { roleProblem } from "../../common/roles.ts";
import type { DurationInfo, Filters, KillPolicy } from "../../protos/gen/mesos/v1/mesos.ts";

interface IdMessage {
  readonly value: string;
}

export function findIdProblem(path: string, id: IdMessage | undefined): string | undefined {
  if (id === undefined) return `${path} must be set`;
  const rule = idProblem(id.value);
  return rule === undefined ? undefined : `${path}.value ${rule}`;
}

export function findOptionalIdProblem(path: string, id: IdMessage | undefined): string | undefined {
  return id === undefined ? undefined : findIdProblem(path, id);
}

export function findIdListProblem(path: string, ids: readonly IdMessage[], max: number): string | undefined {
  if (ids.length > max) return `${path} must have at most ${max} entries, has ${ids.length}`;
  for (const [index, id] of ids.entries()) {
    const problem = findIdProblem(`${path}[${index}]`, id);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A list of role names, each valid and none twice. */
export function findRolesProblem(path: string, roles: readonly string[], max: number): string | undefined {
  if (roles.length > max) return `${path} must have at most ${max} entries, has ${roles.length}`;
  const seen = new Set<string>();
  for (const [index, role] of roles.entries()) {
    const rule = roleProblem(role);
    if (rule !== undefined) return `${path}[${index}] ${rule}`;
    if (seen.has(role)) return `${path}[${index}] must not repeat a role, has "${role}" twice`;
    seen.add(role);
  }
  return undefined;
}

export function findGraceProblem(path: string, policy: KillPolicy | undefined): string | undefined {
  return findDurationProblem(`${path}.grace_period`, policy?.gracePeriod);
}

export function findDurationProblem(path: string, duration: DurationInfo | undefined): string | undefined {
  if (duration === undefined || duration.nanoseconds >= 0n) return undefined;
  return `${path}.nanoseconds must not be negative, is ${duration.nanoseconds}`;
}

/** Whole milliseconds, rounded up so that a short time does not become none. */
export function readDurationMs(duration: DurationInfo): number {
  return Math.ceil(Number(duration.nanoseconds) / 1e6);
}

const refuseDefaultMs = 5_000;
const refuseMaxMs = 365 * 24 * 60 * 60 * 1000;

/** Mesos holds lengths of time as 64 bits of nanoseconds. */
export const durationMaxSeconds = 9_223_372_036;

/** Mesos takes NaN for an absent value; it is a mistake of whoever computed it, and says so here. */
export function findFiltersProblem(path: string, filters: Filters | undefined): string | undefined {
  return Number.isNaN(filters?.refuseSeconds) ? `${path}.refuse_seconds must be a number, is NaN` : undefined;
}

/**
 * How long the refused resources are kept from the framework. What is absent, negative or too long for a duration becomes 5 s and
 * what is longer than a year becomes a year, as in Mesos's HierarchicalAllocatorProcess::updateFilters.
 */
export function readRefuseMs(filters: Filters | undefined): number {
  const seconds = filters?.refuseSeconds;
  if (seconds === undefined || !(seconds >= 0 && seconds <= durationMaxSeconds)) return refuseDefaultMs;
  return Math.min(Math.ceil(seconds * 1000), refuseMaxMs);
}

const uuidBytes = 16;

/** Undefined when it is absent. */
export function readUuid(bytes: Uint8Array | undefined, path: string): Result<Uuid | undefined> {
  if (bytes === undefined) return succeed(undefined);
  return bytes.length === uuidBytes
    ? succeed(uuidFromBytes(bytes))
    : refuseArgument(`${path} must have ${uuidBytes} bytes, has ${bytes.length}`);
}

export function refuseArgument(message: string): ReturnType<typeof refuse> {
  return refuse("INVALID_ARGUMENT", message);
}

export function refuseUnsupported(what: string): ReturnType<typeof refuse> {
  return refuse("UNIMPLEMENTED", `${what} is not supported yet`);
}
