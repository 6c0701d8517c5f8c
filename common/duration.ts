/** Lengths of time as people write them: `500ms`, `1m30s`, and Mesos's own `15secs`, `2weeks`. */

import { type Result, refuse, succeed } from "./result.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["ms", 1],
  ["s", second],
  ["sec", second],
  ["secs", second],
  ["m", minute],
  ["min", minute],
  ["mins", minute],
  ["h", hour],
  ["hr", hour],
  ["hrs", hour],
  ["d", day],
  ["day", day],
  ["days", day],
  ["week", 7 * day],
  ["weeks", 7 * day],
]);

/** Timers and the wire's nanoseconds cannot hold more than 292 years. */
const durationMaxMs = Number(2n ** 63n / 1_000_000n);

/** Milliseconds of a text; the refusal says what a duration looks like. `0` needs no unit. */
export function parseDuration(text: string): Result<number> {
  if (text === "0") return succeed(0);
  const form = `must be a duration such as "10s", "500ms" or "1m30s", is "${text.slice(0, 100)}"`;
  if (!/^(\d+(\.\d+)?[a-z]+)+$/.test(text)) return refuse("INVALID_ARGUMENT", form);
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    const unitMs = unitsMs.get(unit ?? "");
    if (unitMs === undefined)
      return refuse("INVALID_ARGUMENT", `must have one of the units ${[...unitsMs.keys()].join(", ")}, has "${unit}"`);
    totalMs += Number(amount) * unitMs;
  }
  return totalMs <= durationMaxMs ? succeed(totalMs) : refuse("INVALID_ARGUMENT", `must be at most 292 years, is "${text.slice(0, 100)}"`);
}
