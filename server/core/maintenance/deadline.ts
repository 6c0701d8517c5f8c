/**
 * The start of a maintenance window, with --maintenance=enforce: what frameworks have not returned by then is taken from them. The agents
 * of the machine drain, each task with a grace that is bounded; what outlives that goes with its agent. That a machine is being emptied
 * is durable before an agent hears of it, and every later leader goes on with it.
 */

import type { MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { proposeSchedule } from "./change-schedule.ts";
import { type Machine, type Revocation, startWallMs } from "./schedule.ts";

/** Beyond the grace: for executors to be shut down, and for updates that were lost to be sent again. */
export const revocationSlackMs = 10_000;

/** Wall clocks are set now and then; a window is looked at this often at least. */
const lookAgainMs = 60_000;

/** When what is left on a machine goes with its agents; Unix time in milliseconds. */
export function removalWallMs({ startedWallMs, graceMs }: Revocation): number {
  return startedWallMs + graceMs + revocationSlackMs;
}

/** Sets when `windowsDue` is due next. Call after every change of the schedule. */
export function watchWindows({ state, config, nowMs, wallMs }: Turn): void {
  let next: number | undefined;
  for (const { mode, unavailability, revocation } of state.maintenance.machines.values()) {
    if (mode === "down" || (revocation === undefined && config.maintenance === "operator")) continue;
    const inMs = (revocation === undefined ? startWallMs(unavailability) : removalWallMs(revocation)) - wallMs;
    if (revocation !== undefined && inMs <= 0) continue;
    const atMs = nowMs + Math.min(Math.max(inMs, 0), lookAgainMs);
    if (next === undefined || atMs < next) next = atMs;
  }
  state.deadlines.nextWindowAtMs = next;
}

/** Begins to empty machines whose window has begun, and has a look at those that should be empty by now. */
export function windowsDue(turn: Turn): void {
  const { state, wallMs } = turn;
  if (turn.config.maintenance === "enforce") beginRevocations(turn);
  const isOver = ({ revocation }: Machine): boolean => revocation !== undefined && removalWallMs(revocation) <= wallMs;
  if ([...state.maintenance.machines.values()].some(isOver)) checkAgents(state);
  watchWindows(turn);
  // Those that have begun wait for the registry, which looks again when it is done.
  if (state.deadlines.nextWindowAtMs === turn.nowMs) state.deadlines.nextWindowAtMs = turn.nowMs + turn.config.allocationIntervalMs;
}

function beginRevocations(turn: Turn): void {
  const { state, config, wallMs } = turn;
  const isDue = ({ mode, revocation }: Machine, startMs: number): boolean =>
    mode === "draining" && revocation === undefined && startMs <= wallMs;
  const { proposed } = state.maintenance;
  if (!proposed.some(({ unavailability, machines }) => machines.some((one) => isDue(one, startWallMs(unavailability))))) return;
  const revocation: Revocation = { startedWallMs: wallMs, graceMs: config.revocationGraceMs };
  const schedule = proposed.map(({ unavailability, machines }) => {
    const startMs = startWallMs(unavailability);
    return { unavailability, machines: machines.map((one): Machine => (isDue(one, startMs) ? { ...one, revocation } : one)) };
  });
  proposeSchedule(turn, schedule, undefined);
}

function checkAgents({ agents, unreachableAgents, maintenance }: MasterState): void {
  for (const ids of [agents, unreachableAgents]) for (const agentId of ids.keys()) maintenance.checks.add(agentId);
}
