/**
 * After a failover nothing is offered while there are quotas and too few agents are back: nobody knows yet what the roles use, so a role
 * would be offered beyond its limit, or what is guaranteed to another. Source: Mesos, allocator_agent_recovery_factor.
 */

import { log, type Turn } from "../turn.ts";

/** The part of the agents that need not be back. */
const missingPart = 0.2;

const pauseMaxMs = 600_000;

/** For a master that begins to lead. */
export function pauseForQuotas({ state, nowMs }: Turn): void {
  if (state.quotas.current.size === 0 || state.recoveredAgents.size === 0) return;
  state.allocation.pause = { awaitedMax: state.recoveredAgents.size * missingPart, untilMs: nowMs + pauseMaxMs };
}

export function isAllocationPaused(turn: Turn): boolean {
  const { allocation, recoveredAgents } = turn.state;
  const { pause } = allocation;
  if (pause === undefined) return false;
  if (recoveredAgents.size > pause.awaitedMax && turn.nowMs < pause.untilMs) return true;
  allocation.pause = undefined;
  allocation.wanted = "all";
  log(turn, "allocation begins", { awaitedAgents: recoveredAgents.size });
  return false;
}
