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
  const waiting = new Map<CallId, Settle<Answer>>();
  return {
    add: (settle) => {
      const callId = nextCallId();
      waiting.set(callId, settle);
      return callId;
    },
    settle: (callId, outcome) => {
      const settle = waiting.get(callId);
      waiting.delete(callId);
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
