/** Lengths of time and instants as people say them: "2h 5m", "3m ago". */

import type { TimeInfo } from "../protos/gen/mesos/v1/mesos.ts";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The largest units that say something, two of them if not told otherwise: "2h 5m". */
export function lengthText(ms: number, unitsMax = 2): string {
  let restMs = Math.round(ms / 1_000) * 1_000;
  const parts: string[] = [];
  for (const [unit, unitMs] of units) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? "0s" : parts.slice(0, unitsMax).join(" ");
}

/** "3m ago", "in 2h"; nothing for an instant that is not told. `nowMs`: Unix time. */
export function distanceText(time: TimeInfo | undefined, nowMs: number): string {
  if (time === undefined) return "";
  const aheadMs = Number(time.nanoseconds) / 1e6 - nowMs;
  return aheadMs >= 500 ? `in ${lengthText(aheadMs, 1)}` : `${lengthText(Math.max(0, -aheadMs), 1)} ago`;
}

/** "2030-01-31 18:30:05Z, 3m ago". `nowMs`: Unix time. */
export function instantText(time: TimeInfo | undefined, nowMs: number): string {
  if (time === undefined) return "";
  const date = new Date(Number(time.nanoseconds) / 1e6);
  if (Number.isNaN(date.getTime())) return "far away";
  return `${date.toISOString().slice(0, 19).replace("T", " ")}Z, ${distanceText(time, nowMs)}`;
}
