/** How much an offer must hold to be worth making: the master's own rule, or what the framework asks for its role. */

import { isEmptyResources, type Resources, scalarMilli } from "../../../common/resources.ts";

/** Amounts in thousandths by name of the scalar, at least one. An offer must hold all of an entry. */
export type OfferQuantities = ReadonlyMap<string, number>;

/** An offer must hold one of the entries; without entries anything will do. */
export type OfferMinimum = readonly OfferQuantities[];

/** Less than both is not worth an offer. Source: Mesos MIN_CPUS and MIN_MEM. */
const usualMinimum: OfferMinimum = [new Map([["cpus", 10]]), new Map([["mem", 32_000]])];

/** `own`: the framework's minimum for the role; undefined is the master's rule. */
export function isWorthOffering(resources: Resources, own?: OfferMinimum): boolean {
  const minimum = own ?? usualMinimum;
  if (minimum.length === 0) return !isEmptyResources(resources);
  return minimum.some((quantities) => holds(resources, quantities)) && !isEmptyResources(resources);
}

/** Whether an offer with at most so much of each name can be worth one. */
export function canBeWorthOffering(milliOf: (name: string) => number): boolean {
  return usualMinimum.some((quantities) => [...quantities].every(([name, milli]) => milliOf(name) >= milli));
}

function holds(resources: Resources, quantities: OfferQuantities): boolean {
  for (const [name, milli] of quantities) if (scalarMilli(resources, name) < milli) return false;
  return true;
}
