/** Offers that quotas need back. What runs is never taken: only what is offered. The newest offers go first. */

import { topRole } from "../../../common/roles.ts";
import { freeResources } from "../allocator/accounting.ts";
import { isOfferable } from "../allocator/offerable.ts";
import { countOpenQuantities } from "../allocator/share.ts";
import { rescindOffer } from "../offers.ts";
import type { MasterState, Offer } from "../state.ts";
import type { Turn } from "../turn.ts";
import { consumedMilli, namesOverLimit, sumUnmet } from "./consumption.ts";
import type { Quota } from "./quota.ts";

/** At the end of a step: a role that came to have more than its limit, by tasks that are back or by reservations, loses offers. */
export function enforceLimits(turn: Turn): void {
  const { allocation, quotas } = turn.state;
  if (!allocation.useGrew) return;
  allocation.useGrew = false;
  for (const [role, quota] of quotas.current) rescindOverLimit(turn, role, quota);
}

function rescindOverLimit(turn: Turn, role: string, quota: Quota): void {
  const { state } = turn;
  let over = namesOverLimit(state, role, quota);
  if (over.size === 0) return;
  for (const offer of newestFirst(state)) {
    if (topRole(offer.role) !== role || !hasOneOf(openQuantities(offer), over)) continue;
    rescindOffer(turn, offer);
    over = namesOverLimit(state, role, quota);
    if (over.size === 0) return;
  }
}

/** Takes offers back until what is free is enough for every guarantee, but none that a guarantee is met by. */
export function rescindForGuarantees(turn: Turn): void {
  const { state } = turn;
  const short = sumUnmet(state);
  for (const agent of state.agents.values()) if (isOfferable(state, agent)) countOpenQuantities(short, freeResources(agent), -1);
  for (const offer of newestFirst(state)) {
    if (![...short.values()].some((milli) => milli > 0)) return;
    const quantities = openQuantities(offer);
    const helps = [...quantities.keys()].some((name) => (short.get(name) ?? 0) > 0);
    if (!helps || !isOfferable(state, offer.agent) || meetsGuarantee(state, offer, quantities)) continue;
    rescindOffer(turn, offer);
    for (const [name, milli] of quantities) short.set(name, (short.get(name) ?? 0) - milli);
  }
}

/** Whether the offer's role would lack something of its own guarantee without it. */
function meetsGuarantee(state: MasterState, offer: Offer, quantities: ReadonlyMap<string, number>): boolean {
  const role = topRole(offer.role);
  const guarantees = state.quotas.current.get(role)?.guarantees;
  if (guarantees === undefined) return false;
  for (const [name, milli] of quantities) if (consumedMilli(state, role, name) - milli < (guarantees.get(name) ?? 0)) return true;
  return false;
}

function openQuantities({ resources }: Offer): ReadonlyMap<string, number> {
  const quantities = new Map<string, number>();
  countOpenQuantities(quantities, resources, 1);
  return quantities;
}

function hasOneOf(quantities: ReadonlyMap<string, number>, names: ReadonlySet<string>): boolean {
  for (const name of quantities.keys()) if (names.has(name)) return true;
  return false;
}

function newestFirst({ offers }: MasterState): readonly Offer[] {
  return [...offers.values()].reverse();
}
