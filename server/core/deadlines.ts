/** What waits for time: one queue for each kind, so that the next deadline is the smallest of a few numbers. */

import { DeadlineQueue } from "../../common/deadline-queue.ts";
import { pingDue, reregistrationDue } from "./agents/missing.ts";
import { allocateBatch } from "./allocator/allocator.ts";
import { proposeCompletion, sendHeartbeat } from "./frameworks.ts";
import { rescindInverseOffer } from "./inverse-offers.ts";
import { windowsDue } from "./maintenance/deadline.ts";
import { rescindOffer } from "./offers.ts";
import { sendOperatorHeartbeat } from "./operator/event-stream.ts";
import type { Deadlines } from "./state.ts";
import type { Turn } from "./turn.ts";

export function createDeadlines(nextAllocationAtMs: number): Deadlines {
  return {
    pings: new DeadlineQueue(),
    reregistrations: new DeadlineQueue(),
    heartbeats: new DeadlineQueue(),
    failovers: new DeadlineQueue(),
    offers: new DeadlineQueue(),
    inverseOffers: new DeadlineQueue(),
    operatorHeartbeats: new DeadlineQueue(),
    nextWindowAtMs: undefined,
    nextAllocationAtMs,
  };
}

export function nextDeadlineMs(deadlines: Deadlines): number {
  const { pings, reregistrations, heartbeats, failovers, offers, inverseOffers, operatorHeartbeats, nextAllocationAtMs, nextWindowAtMs } =
    deadlines;
  // Asked for at every step, so nothing is allocated here.
  return Math.min(
    nextAllocationAtMs,
    nextWindowAtMs ?? never,
    pings.nextAtMs() ?? never,
    reregistrations.nextAtMs() ?? never,
    heartbeats.nextAtMs() ?? never,
    failovers.nextAtMs() ?? never,
    offers.nextAtMs() ?? never,
    inverseOffers.nextAtMs() ?? never,
    operatorHeartbeats.nextAtMs() ?? never,
  );
}

const never = Number.POSITIVE_INFINITY;

/** Does everything whose time has come. */
export function runDue(turn: Turn): void {
  const { state, nowMs } = turn;
  const { deadlines } = state;
  if (nextDeadlineMs(deadlines) > nowMs) return;
  for (const frameworkId of deadlines.failovers.takeDue(nowMs)) {
    const framework = state.frameworks.get(frameworkId);
    if (framework !== undefined) proposeCompletion(turn, framework, undefined);
  }
  for (const agentId of deadlines.reregistrations.takeDue(nowMs)) reregistrationDue(turn, agentId);
  for (const agentId of deadlines.pings.takeDue(nowMs)) pingDue(turn, agentId);
  for (const frameworkId of deadlines.heartbeats.takeDue(nowMs)) {
    const framework = state.frameworks.get(frameworkId);
    if (framework !== undefined) sendHeartbeat(turn, framework);
  }
  for (const offerId of deadlines.offers.takeDue(nowMs)) {
    const offer = state.offers.get(offerId);
    if (offer !== undefined) rescindOffer(turn, offer);
  }
  for (const inverseOfferId of deadlines.inverseOffers.takeDue(nowMs)) {
    const inverseOffer = state.inverseOffers.get(inverseOfferId);
    if (inverseOffer !== undefined) rescindInverseOffer(turn, inverseOffer);
  }
  for (const streamId of deadlines.operatorHeartbeats.takeDue(nowMs)) sendOperatorHeartbeat(turn, streamId);
  if (deadlines.nextWindowAtMs !== undefined && deadlines.nextWindowAtMs <= nowMs) windowsDue(turn);
  if (deadlines.nextAllocationAtMs <= nowMs) allocateBatch(turn);
}
