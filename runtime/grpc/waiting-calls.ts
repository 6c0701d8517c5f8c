/** Calls that the core has not answered yet, by the number that the shell gave them. Services of one core can share the numbers. */

import type { Refusal } from "../../common/result.ts";

/** `answer` undefined: the call was taken and has nothing to say. */
export type Settle<Answer, R extends Refusal> = (
  outcome: { readonly refusal: R } | { readonly refusal: undefined; readonly answer: Answer },
) => void;

export interface WaitingCalls<Answer, R extends Refusal> {
  /** The settling function is called once, unless the caller forgets the call. */
  add(settle: Settle<Answer, R>): number;
  /** Calls that were forgotten, because their client has gone, are settled by nobody. */
  settle(callId: number, ...outcome: Parameters<Settle<Answer, R>>): void;
  forget(callId: number): void;
  refuseAll(refusal: R): void;
}

export function createWaitingCalls<Answer, R extends Refusal>(nextCallId: () => number): WaitingCalls<Answer, R> {
  /**
   * A new one whenever it is empty. A map grows and shrinks by new tables, and each table keeps the next one alive: once a long-lived
   * map has a table in the old generation, all that follow stay until the next full collection, with the calls that were in them.
   * That made every pause for young garbage ten times as long.
   */
  let waiting = new Map<number, Settle<Answer, R>>();
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
