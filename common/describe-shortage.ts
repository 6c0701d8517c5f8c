/** Which resource is short when something does not fit, for the messages that refuse it. */

import { excerpt } from "./excerpt.ts";
import { compareIdentity, type Resource } from "./resource.ts";
import { coversResources, describeResources, type Resources, withSharedOnce } from "./resources.ts";
import { describeValue } from "./values.ts";

/** The value types as peers write them. */
const typeNames = { scalar: "SCALAR", ranges: "RANGES", set: "SET" } as const satisfies Record<Resource["value"]["kind"], string>;

/**
 * The first entry of `needed` that `left` does not cover: "cpus: 400 asked, 4 left"; undefined when it covers them all. `left` is what
 * is left of offers of resources that were parts of `total`.
 */
export function describeShortage(needed: Resources, { left, total }: { left: Resources; total: Resources }): string | undefined {
  const entry = withSharedOnce(needed).find((one) => !coversResources(left, [one]));
  if (entry === undefined) return undefined;
  const name = excerpt(entry.name);
  const known = total.find((other) => other.name === entry.name);
  if (known === undefined) return `${name}: not in the offers`;
  if (known.value.kind !== entry.value.kind) return `${name}: must be ${typeNames[known.value.kind]}, is ${typeNames[entry.value.kind]}`;
  const alike = left.find((other) => compareIdentity(other, entry) === 0);
  const asked = `${name}: ${excerpt(describeValue(entry.value))} asked`;
  if (alike !== undefined) return `${asked}, ${excerpt(describeValue(alike.value))} left`;
  const others = left.filter((other) => other.name === entry.name);
  return others.length === 0 ? `${asked}, none left` : `${asked}, what is left is not alike: ${excerpt(describeResources(others))}`;
}
