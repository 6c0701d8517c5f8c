/**
 * Quotas: what a top-level role, with all roles below it, gets in any case (its guarantees) and what it may have at most (its limits).
 * They count quantities of scalars, wherever in the cluster these are.
 */

import type { Quantities } from "../allocator/share.ts";

export interface Quota {
  /** A name that is missing is not guaranteed. Nothing is guaranteed beyond its limit. */
  readonly guarantees: Quantities;
  /** A name that is missing is not limited. */
  readonly limits: Quantities;
}

/** By top-level role; those that guarantee or limit something. */
export type Quotas = ReadonlyMap<string, Quota>;

/** What UPDATE_QUOTA and SET_QUOTA ask for. */
export interface QuotaChanges {
  /** By top-level role; an empty quota ends that of the role. */
  readonly quotas: Quotas;
  /** Whether to set what the cluster cannot keep. */
  readonly force: boolean;
}

export function isEmptyQuota({ guarantees, limits }: Quota): boolean {
  return guarantees.size === 0 && limits.size === 0;
}

/** Everything that is guaranteed. */
export function sumGuarantees(quotas: Quotas): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { guarantees } of quotas.values()) {
    for (const [name, milli] of guarantees) sum.set(name, (sum.get(name) ?? 0) + milli);
  }
  return sum;
}
