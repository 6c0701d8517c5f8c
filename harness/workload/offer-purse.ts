/** What is left of an offer while the operations and tasks of one ACCEPT are made up. */

import type { ResourceJson } from "../history/resource-json.ts";
import { kindOf } from "../history/resource-json.ts";

export class OfferPurse {
  #entries: readonly ResourceJson[];

  constructor(resources: readonly ResourceJson[]) {
    this.#entries = resources;
  }

  get entries(): readonly ResourceJson[] {
    return this.#entries;
  }

  /** How much there is of a scalar; volumes are not divided. */
  milli(name: string): number {
    return this.#divisible(name).reduce((sum, entry) => sum + (entry.milli ?? 0), 0);
  }

  /** Takes an amount, of what is reserved first. What is missing is asked for all the same, unreserved. */
  take(name: string, milli: number, role: string): ResourceJson[] {
    const taken: ResourceJson[] = [];
    let missing = milli;
    const entries = [...this.#divisible(name)].sort((left, right) => (right.reservations?.length ?? 0) - (left.reservations?.length ?? 0));
    for (const entry of entries) {
      if (missing === 0) break;
      const part = { ...entry, milli: Math.min(missing, entry.milli ?? 0) };
      missing -= part.milli;
      taken.push(part);
      this.change([part], []);
    }
    if (missing > 0) taken.push({ name, milli: missing, ...(role === "" ? {} : { role }) });
    return joined(taken);
  }

  /** An operation takes some and gives others. */
  change(consumed: readonly ResourceJson[], converted: readonly ResourceJson[]): void {
    // Of several of one kind the first counts.
    const consumedByKind = new Map(consumed.map((one) => [kindOf(one), one] as const).reverse());
    const rest = this.#entries.flatMap((entry) => {
      const taken = consumedByKind.get(kindOf(entry));
      if (taken === undefined || entry.milli === undefined) return [entry];
      const milli = entry.milli - (taken.milli ?? 0);
      return milli <= 0 ? [] : [{ ...entry, milli }];
    });
    this.#entries = joined([...rest, ...converted]);
  }

  #divisible(name: string): readonly ResourceJson[] {
    return this.#entries.filter((entry) => entry.name === name && entry.milli !== undefined && entry.volume === undefined);
  }
}

/** Scalars of one kind as one entry. */
function joined(entries: readonly ResourceJson[]): ResourceJson[] {
  const byKind = new Map<string, ResourceJson>();
  const others: ResourceJson[] = [];
  for (const entry of entries) {
    if (entry.milli === undefined) {
      others.push(entry);
      continue;
    }
    const kind = kindOf(entry);
    const known = byKind.get(kind);
    byKind.set(kind, known === undefined ? entry : { ...known, milli: (known.milli ?? 0) + entry.milli });
  }
  return [...byKind.values(), ...others];
}
