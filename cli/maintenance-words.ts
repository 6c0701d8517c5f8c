/**
 * Machines and windows as people write them at the command line: `a.example 10.0.0.2 in 2h for 30m`. Machines come first, by hostname, by
 * address, or by both with a slash between; then when their window begins, and how long it lasts if that is known.
 */

import { isIP } from "node:net";
import { InvalidArgumentError } from "commander";

import { canonicalIp } from "../common/ip-address.ts";
import type { MachineID, Unavailability } from "../protos/gen/mesos/v1/mesos.ts";
import { durationFlag } from "../runtime/flags.ts";
import { lengthText } from "./time-words.ts";

export interface Planned {
  readonly machines: readonly MachineID[];
  /** Unix time. */
  readonly startMs: number;
  readonly durationMs: number | undefined;
}

const example = 'like "host-1 host-2 in 2h for 30m"';
const duration = durationFlag({ description: "", fallback: undefined });

/** Throws InvalidArgumentError with what is missing or wrong. `nowMs`: Unix time. */
export function parsePlan(words: readonly string[], nowMs: number): Planned {
  const at = words.findIndex((word) => word === "now" || word === "in" || word === "at");
  if (at === -1) throw new InvalidArgumentError(`When the window begins must be given as now, in or at, ${example}.`);
  const machines = words.slice(0, at).map(parseMachine);
  if (machines.length === 0) throw new InvalidArgumentError(`Machines must be named before the time, ${example}.`);
  const [kind = "", ...rest] = words.slice(at);
  const startWords = kind === "now" ? 0 : 1;
  const startMs = kind === "now" ? nowMs : parseStart(kind, rest[0], nowMs);
  const [preposition, length, ...others] = rest.slice(startWords);
  if (preposition === undefined) return { machines, startMs, durationMs: undefined };
  if (preposition !== "for" || length === undefined || others.length > 0) {
    throw new InvalidArgumentError(`After the start must come nothing or "for" and a duration, ${example}.`);
  }
  return { machines, startMs, durationMs: duration.parse(length) };
}

function parseStart(kind: string, text: string | undefined, nowMs: number): number {
  if (text === undefined)
    throw new InvalidArgumentError(`After "${kind}" must come ${kind === "in" ? "a duration" : "a time"}, ${example}.`);
  if (kind === "in") return nowMs + (duration.parse(text) ?? 0);
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock !== null) return nextClock({ hours: Number(clock[1]), minutes: Number(clock[2]) }, nowMs);
  const startMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(startMs)) throw new InvalidArgumentError(`A time must be like "18:30" or "2030-01-31T18:30Z", is "${text}".`);
  return startMs;
}

/** The next time that a clock here shows this. */
function nextClock({ hours, minutes }: { hours: number; minutes: number }, nowMs: number): number {
  const date = new Date(nowMs);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= nowMs) date.setDate(date.getDate() + 1);
  return date.getTime();
}

/** "host", "10.0.0.1", "::1" or "host/10.0.0.1". */
export function parseMachine(text: string): MachineID {
  if (isIP(text) !== 0) return { ip: text };
  const [hostname = "", ip, ...others] = text.split("/");
  const isWellFormed = hostname !== "" && others.length === 0 && (ip === undefined || isIP(ip) !== 0);
  if (!isWellFormed)
    throw new InvalidArgumentError(`A machine must be a hostname, an address, or both like "host/10.0.0.1", is "${text}".`);
  return ip === undefined ? { hostname } : { hostname, ip };
}

/** The same for both spellings of a machine. */
export function machineText({ hostname = "", ip = "" }: MachineID): string {
  const address = canonicalIp(ip) ?? ip;
  const name = hostname.toLowerCase();
  return name !== "" && address !== "" ? `${name}/${address}` : name || address;
}

export function toUnavailability({ startMs, durationMs }: Planned): Unavailability {
  return {
    start: { nanoseconds: toNanoseconds(startMs) },
    duration: durationMs === undefined ? undefined : { nanoseconds: toNanoseconds(durationMs) },
  };
}

function toNanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}

/** "2030-01-31 18:30Z, in 2h for 30m". `nowMs`: Unix time. */
export function unavailabilityText(unavailability: Unavailability, nowMs: number): string {
  return `${minuteText(startMsOf(unavailability))}, ${remainingText(unavailability, nowMs)}`;
}

/** "in 2h for 30m". `nowMs`: Unix time. */
export function remainingText(unavailability: Unavailability, nowMs: number): string {
  const startMs = startMsOf(unavailability);
  const length = unavailability.duration;
  const distance = startMs > nowMs ? `in ${lengthText(startMs - nowMs)}` : `${lengthText(nowMs - startMs)} ago`;
  return `${distance}${length === undefined ? "" : ` for ${lengthText(Number(length.nanoseconds) / 1e6)}`}`;
}

function startMsOf({ start }: Unavailability): number {
  return Number(start?.nanoseconds ?? 0n) / 1e6;
}

/** "2030-01-31 18:30Z". `wallMs`: Unix time. */
export function minuteText(wallMs: number): string {
  const date = new Date(wallMs);
  if (Number.isNaN(date.getTime())) return "far away";
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\.\d+Z$/, "Z");
}
