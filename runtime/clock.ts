/** The only place where production code reads the time. Cores get instants from here with each input. */

import { performance } from "node:perf_hooks";

import type { Instant } from "../common/core.ts";

export interface Clock {
  now(): Instant;
}

/** Whole milliseconds, because instants end up in integer protobuf fields. */
export const systemClock: Clock = {
  now: () => ({ nowMs: Math.floor(performance.now()), wallMs: Date.now() }),
};
