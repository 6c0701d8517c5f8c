/** What a handler of a leading master works with during one step. */

import type { MasterConfig } from "./config.ts";
import type { MasterEffect } from "./effect.ts";
import type { MasterState } from "./state.ts";

export interface Turn {
  readonly config: MasterConfig;
  readonly state: MasterState;
  /** Monotonic; decides. */
  readonly nowMs: number;
  /** Unix time; stamps messages and records. */
  readonly wallMs: number;
  /** Effects are done in the order in which they are emitted. */
  emit(effect: MasterEffect): void;
}

type LogFields = Extract<MasterEffect, { readonly kind: "log" }>["fields"];

/** What an operator wants to read later: arrivals, departures and ends, not every call. */
export function log(turn: Turn, message: string, fields: LogFields): void {
  turn.emit({ kind: "log", level: "info", message, fields });
}
