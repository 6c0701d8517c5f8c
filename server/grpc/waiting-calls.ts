/** Calls that the core has not answered yet, by the number that the shell gave them. Scheduler and operator calls share the numbers. */

import type { CallRefusal } from "../core/effect.ts";
import type { CallId } from "../core/input.ts";

/** `answer` undefined: the call was taken and has nothing to say. */
export type Settle<Answer> = (
  outcome: { readonly refusal: CallRefusal } | { readonly refusal: undefined; readonly answer: Answer },
) => void;

export interface WaitingCalls<Answer> {
  /** The settling function is called once, unless the caller forgets the call. */
  add(settle: Settle<Answer>): CallId;
  /** Calls that were forgotten, because their client has gone, are settled by nobody. */
  settle(callId: CallId, ...outcome: Parameters<Settle<Answer>>): void;
  forget(callId: CallId): void;
  refuseAll(refusal: CallRefusal): void;
}

export function createWaitingCalls<Answer>(nextCallId: () => CallId): WaitingCalls<Answer> {
  /**
   * A new one whenever it is empty. A map grows and shrinks by new tables, and each table keeps the next one alive: once a long-lived
   * map has a table in the old generation, all that follow stay until the next full collection, with the calls that were in them.
   * That made every pause for young garbage ten times as long.
   */
  let waiting = new Map<CallId, Settle<Answer>>();
  return {
    add: (settle) => {
      const callId = nextCallId();
      waiting.set(callId, settle);
      return callId;
    },
    settle: (callId, outcome) => {
      const settle = waiting.get(callId);
      waiting.delete(callId);
      if (waiting.size === 0) waiting = new Map();
      settle?.(outcome);
    },
    forget: (callId) => {
      waiting.delete(callId);
    },
    refuseAll: (refusal) => {
      const all = [...waiting.values()];
      waiting.clear();
      for (const settle of all) settle({ refusal });
    },
  };
}
