/**
 * What a top-level role consumes of its quota: everything that is reserved for it or a role below it, used or not, and what its
 * frameworks hold or are offered of the rest. Thousandths. Source: Mesos, consumed quota.
 */

import { topRole } from "../../../common/roles.ts";
import { countOpenQuantities } from "../allocator/share.ts";
import type { MasterState } from "../state.ts";
import type { Quota } from "./quota.ts";

export function consumedMilli({ allocation }: MasterState, role: string, name: string): number {
  return (allocation.reserved.get(role)?.get(name) ?? 0) + (allocation.openUse.get(role)?.get(name) ?? 0);
}

/** How much is missing of what the role is guaranteed; 0 when nothing is. */
export function unmetMilli(state: MasterState, role: string, name: string): number {
  const guarantee = state.quotas.current.get(role)?.guarantees.get(name);
  return guarantee === undefined ? 0 : Math.max(0, guarantee - consumedMilli(state, role, name));
}

/** How much more the role may have; undefined when it is not limited. */
export function leftToLimitMilli(state: MasterState, role: string, name: string): number | undefined {
  const limit = state.quotas.current.get(role)?.limits.get(name);
  return limit === undefined ? undefined : Math.max(0, limit - consumedMilli(state, role, name));
}

/** What is missing of all guarantees, by name. */
export function sumUnmet(state: MasterState): Map<string, number> {
  const sum = new Map<string, number>();
  for (const [role, { guarantees }] of state.quotas.current) {
    for (const name of guarantees.keys()) sum.set(name, (sum.get(name) ?? 0) + unmetMilli(state, role, name));
  }
  return sum;
}

/** The names of which the role consumes more than it may. */
export function namesOverLimit(state: MasterState, role: string, { limits }: Quota): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, milli] of limits) if (consumedMilli(state, role, name) > milli) names.add(name);
  return names;
}

/** What the role consumes without its offers, which can be taken back; by name. */
export function usedBy(state: MasterState, role: string): ReadonlyMap<string, number> {
  const sum = new Map(state.allocation.reserved.get(role));
  for (const [name, milli] of state.allocation.openUse.get(role) ?? []) sum.set(name, (sum.get(name) ?? 0) + milli);
  for (const offer of state.offers.values()) if (topRole(offer.role) === role) countOpenQuantities(sum, offer.resources, -1);
  return sum;
}
