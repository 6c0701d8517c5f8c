/**
 * What a framework or a role holds of the cluster, offers and tasks together, and how often it was served. Decides the order
 * of dominant resource fairness.
 */

import { quantityMilli, type Resource, type Resources } from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";

/** Thousandths by name of scalar; a name that is missing is none. */
export type Quantities = ReadonlyMap<string, number>;

export interface Share {
  /** Thousandths by name of scalar. */
  readonly quantities: Map<string, number>;
  /** Allocations so far; breaks ties towards who was served less often. */
  allocationCount: number;
}

export function createShare(): Share {
  return { quantities: new Map(), allocationCount: 0 };
}

/** Adds the scalars of `resources`, or takes them off with sign -1. */
export function countQuantities(quantities: Map<string, number>, resources: Resources, sign: 1 | -1): void {
  for (const entry of resources) if (entry.value.kind === "scalar") countEntry(quantities, entry, sign);
}

/** What quotas divide: scalars that nobody has reserved, and that may be kept. */
export function isOpen({ value, reservations, revocable }: Resource): boolean {
  return value.kind === "scalar" && reservations.length === 0 && revocable !== true;
}

/** Adds the open ones of `resources`, or takes them off with sign -1. */
export function countOpenQuantities(quantities: Map<string, number>, resources: Resources, sign: 1 | -1): void {
  for (const entry of resources) if (isOpen(entry)) countEntry(quantities, entry, sign);
}

/** Adds the reserved scalars of `resources` by top-level role, or takes them off with sign -1. */
export function countReservedQuantities(roles: Map<string, Map<string, number>>, resources: Resources, sign: 1 | -1): void {
  for (const entry of resources) {
    const role = entry.reservations.at(-1)?.role;
    if (role !== undefined && entry.value.kind === "scalar") countEntry(quantitiesOf(roles, topRole(role)), entry, sign);
  }
}

/** Those of the key, which are none at first. */
export function quantitiesOf(map: Map<string, Map<string, number>>, key: string): Map<string, number> {
  let quantities = map.get(key);
  if (quantities === undefined) {
    quantities = new Map();
    map.set(key, quantities);
  }
  return quantities;
}

function countEntry(quantities: Map<string, number>, entry: Resource, sign: 1 | -1): void {
  const milli = (quantities.get(entry.name) ?? 0) + sign * quantityMilli(entry);
  if (milli === 0) quantities.delete(entry.name);
  else quantities.set(entry.name, milli);
}

/** The largest fraction of any scalar of the cluster, 0 to 1. */
export function dominantShare(share: Share, totals: Quantities): number {
  let dominant = 0;
  for (const [name, milli] of share.quantities) {
    const total = totals.get(name) ?? 0;
    if (total > 0) dominant = Math.max(dominant, milli / total);
  }
  return dominant;
}

export function equalQuantities(left: Quantities, right: Quantities): boolean {
  if (left.size !== right.size) return false;
  for (const [name, milli] of left) if (right.get(name) !== milli) return false;
  return true;
}

export function describeQuantities(quantities: Quantities): string {
  const names = [...quantities.keys()].sort();
  return names.length === 0 ? "nothing" : names.map((name) => `${name}:${quantities.get(name)}`).join(";");
}
