/** How tasks of the workload are looked at, and what is found: short times and few failures, so that all of it happens in a run. */

import fc from "fast-check";
import type { TaskPlan } from "../cluster.ts";
import type { LookOutcome, WatchJson } from "../history/event.ts";

export interface TaskWatch {
  readonly kind: WatchJson["kind"];
  readonly delayMs: number;
  readonly intervalMs: number;
  readonly gracePeriodMs: number;
  readonly failuresMax: number;
  /** Null: for as long as it likes. */
  readonly maxCompletionMs: number | null;
  /** The checks that it has, with what they find. */
  readonly looks: NonNullable<TaskPlan["looks"]>;
}

/** Shorter than every interval, so that a look that hangs is over before the next. */
const timeoutMs = 500;

const outcomes = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<LookOutcome>("pass") },
    { weight: 3, arbitrary: fc.constant<LookOutcome>("fail") },
    { weight: 1, arbitrary: fc.constantFrom<LookOutcome[]>("hang", "error") },
  ),
  { minLength: 1, maxLength: 8 },
);

export const taskWatch: fc.Arbitrary<TaskWatch> = fc.record({
  kind: fc.constantFrom<WatchJson["kind"][]>("command", "http", "tcp"),
  delayMs: fc.constantFrom(0, 200, 2_000),
  intervalMs: fc.constantFrom(1_000, 3_000),
  gracePeriodMs: fc.constantFrom(0, 2_500),
  failuresMax: fc.constantFrom(1, 2, 3),
  maxCompletionMs: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(1_000, 8_000) }),
  looks: fc.oneof(
    { weight: 3, arbitrary: fc.record({ health: outcomes }) },
    { weight: 1, arbitrary: fc.record({ check: outcomes }) },
    { weight: 2, arbitrary: fc.record({ health: outcomes, check: outcomes }) },
    { weight: 1, arbitrary: fc.constant({}) },
  ),
});

export function toWatchJson({ kind, delayMs, intervalMs, gracePeriodMs, failuresMax, maxCompletionMs, looks }: TaskWatch): WatchJson {
  const { check, health } = looks;
  return {
    kind,
    delayMs,
    intervalMs,
    timeoutMs,
    purposes: [...(check === undefined ? [] : (["check"] as const)), ...(health === undefined ? [] : (["health"] as const))],
    gracePeriodMs,
    failuresMax,
    ...(maxCompletionMs === null ? {} : { maxCompletionMs }),
  };
}
