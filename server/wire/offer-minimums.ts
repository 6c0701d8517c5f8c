/** FrameworkInfo.offer_filters: how much an offer must hold at least, by role. Source: Mesos, validateOfferFilters. */

import { type Result, succeed } from "../../common/result.ts";
import { roleProblem } from "../../common/roles.ts";
import { scalarProblem } from "../../common/value-rules.ts";
import { toMilli } from "../../common/values.ts";
import type { FrameworkInfo, OfferFilters_ResourceQuantities } from "../../protos/gen/mesos/v1/mesos.ts";
import type { OfferMinimum, OfferQuantities } from "../core/allocator/offer-minimum.ts";
import { offerQuantitiesMax, rolesMax } from "./limits.ts";
import { refuseArgument } from "./rules.ts";

/** Smallest number that a double holds with full precision. */
const normalMin = 2 ** -1022;

/** Reads the filters; `path` names them in the refusal. A role that the framework is not in does no harm. */
export function readOfferMinimums({ offerFilters }: FrameworkInfo, path: string): Result<ReadonlyMap<string, OfferMinimum>> {
  const entries = Object.entries(offerFilters);
  if (entries.length > rolesMax) return refuseArgument(`${path} must have at most ${rolesMax} entries, has ${entries.length}`);
  const minimums = new Map<string, OfferMinimum>();
  for (const [role, { minAllocatableResources }] of entries) {
    const rule = roleProblem(role);
    if (rule !== undefined) return refuseArgument(`${path}, role ${rule}`);
    if (minAllocatableResources === undefined) continue;
    const { quantities } = minAllocatableResources;
    const at = `${path}["${role}"].min_allocatable_resources.quantities`;
    if (quantities.length > offerQuantitiesMax) {
      return refuseArgument(`${at} must have at most ${offerQuantitiesMax} entries, has ${quantities.length}`);
    }
    const minimum: OfferQuantities[] = [];
    for (const [index, one] of quantities.entries()) {
      const read = readQuantities(one, `${at}[${index}].quantities`);
      if (!read.ok) return read;
      minimum.push(read.value);
    }
    minimums.set(role, minimum);
  }
  return succeed(minimums);
}

function readQuantities({ quantities }: OfferFilters_ResourceQuantities, path: string): Result<OfferQuantities> {
  const amounts = new Map<string, number>();
  for (const [name, { value }] of Object.entries(quantities)) {
    // Too small to count at all is no mistake here: every offer holds it.
    const isSubnormal = value !== 0 && Math.abs(value) < normalMin;
    const rule = isSubnormal ? `must not be subnormal, is ${value}` : scalarProblem("", toMilli(value) === 0 && value > 0 ? 0 : value);
    if (rule !== undefined) return refuseArgument(`${path}["${name}"].value ${rule}`);
    amounts.set(name, toMilli(value));
  }
  return amounts.size === 0 ? refuseArgument(`${path} must not be empty`) : succeed(amounts);
}
