/** What a handler of one step works with: the state, the time, and the way to say what should be done. */

import type { AgentEffect } from "./effect.ts";
import type { AgentState } from "./state.ts";

export interface Turn {
  readonly state: AgentState;
  readonly nowMs: number;
  readonly wallMs: number;
  /** Effects are done in the order in which they are emitted. */
  emit(effect: AgentEffect): void;
}

type LogEffect = Extract<AgentEffect, { readonly kind: "log" }>;

export function log(turn: Turn, level: LogEffect["level"], message: string, fields: LogEffect["fields"] = {}): void {
  turn.emit({ kind: "log", level, message, fields });
}

/** Ends the process; nothing is done after it. */
export function exit(turn: Turn, code: number, reason: string): void {
  turn.state.connection = { kind: "exited" };
  turn.state.pingByMs = undefined;
  turn.emit({ kind: "exit", code, reason });
}
