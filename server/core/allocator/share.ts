/**
 * What a framework or a role holds of the cluster, offers and tasks together, and how often it was served. Decides the order
 * of dominant resource fairness.
 */

import { quantityMilli, type Resources } from "../../../common/resources.ts";

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
  for (const entry of resources) {
    if (entry.value.kind !== "scalar") continue;
    const { name } = entry;
    const milli = (quantities.get(name) ?? 0) + sign * quantityMilli(entry);
    if (milli === 0) quantities.delete(name);
    else quantities.set(name, milli);
  }
}

/** The largest fraction of any scalar of the cluster, 0 to 1. */
export function dominantShare(share: Share, totals: ReadonlyMap<string, number>): number {
  let dominant = 0;
  for (const [name, milli] of share.quantities) {
    const total = totals.get(name) ?? 0;
    if (total > 0) dominant = Math.max(dominant, milli / total);
  }
  return dominant;
}
