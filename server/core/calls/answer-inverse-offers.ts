/**
 * ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS. An answer is a hint about what the framework will do, and one that comes too late
 * is skipped: a RESCIND may have crossed it. No inverse offers are made before there is maintenance, so each of them is too late.
 */

import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

type Answer = Extract<SchedulerCall, { kind: "answerInverseOffers" }>;

export function answerInverseOffers(turn: Turn, { frameworkId }: Framework, { accepts, inverseOfferIds }: Answer): void {
  const fields = { frameworkId, answer: accepts ? "accept" : "decline", inverseOffers: inverseOfferIds.length };
  turn.emit({ kind: "log", level: "debug", message: "skipped an answer to inverse offers that are not outstanding", fields });
}
