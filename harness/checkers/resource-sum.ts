/** Sums of resources as the history writes them, by name: enough to tell whether a whole holds its parts. */

import { kindOf, type ResourceJson } from "../history/resource-json.ts";

export class ResourceSum {
  readonly #keyOf: (resource: ResourceJson) => string;
  readonly #milli = new Map<string, number>();
  /** Ranges and items, which nobody may hold twice. */
  readonly #ranges = new Map<string, (readonly [number, number])[]>();
  readonly #items = new Map<string, string[]>();
  /** What several may hold at once counts once. */
  readonly #shared = new Set<string>();

  /** `exact`: reservations and volumes are told apart. Otherwise only names are, as operations turn one into the other. */
  constructor(by: "name" | "exact" = "name") {
    this.#keyOf = by === "exact" ? kindOf : ({ name }) => name;
  }

  static exact(...parts: readonly (readonly ResourceJson[])[]): ResourceSum {
    const sum = new ResourceSum("exact");
    for (const part of parts) sum.add(part);
    return sum;
  }

  static of(...parts: readonly (readonly ResourceJson[])[]): ResourceSum {
    const sum = new ResourceSum();
    for (const part of parts) sum.add(part);
    return sum;
  }

  add(resources: readonly ResourceJson[]): void {
    for (const resource of resources) {
      if (resource.shared === true) {
        const kind = kindOf(resource);
        if (this.#shared.has(kind)) continue;
        this.#shared.add(kind);
      }
      const { milli, ranges, items } = resource;
      const name = this.#keyOf(resource);
      if (milli !== undefined) this.#milli.set(name, this.milli(name) + milli);
      if (ranges !== undefined) this.#ranges.set(name, [...(this.#ranges.get(name) ?? []), ...ranges]);
      if (items !== undefined) this.#items.set(name, [...(this.#items.get(name) ?? []), ...items]);
    }
  }

  /** The sum of a scalar in thousandths; 0 when there is none. */
  milli(name: string): number {
    return this.#milli.get(name) ?? 0;
  }

  /** Why `parts` do not fit into this whole, or undefined when they do. */
  excess(parts: ResourceSum): string | undefined {
    for (const [name, milli] of parts.#milli) {
      if (milli > this.milli(name)) return `${name} ${milli} of ${this.milli(name)} thousandths`;
    }
    for (const [name, ranges] of parts.#ranges) {
      const problem = rangesProblem(ranges, this.#ranges.get(name) ?? []);
      if (problem !== undefined) return `${name} ${problem}`;
    }
    for (const [name, items] of parts.#items) {
      const whole = new Set(this.#items.get(name) ?? []);
      const held = items.find((item, index) => !whole.has(item) || items.indexOf(item) !== index);
      if (held !== undefined) return `${name} ${held}`;
    }
    return undefined;
  }
}

/** The first scalar below zero, if any. */
export function negativeOf(resources: readonly ResourceJson[]): string | undefined {
  const bad = resources.find((resource) => (resource.milli ?? 0) < 0);
  return bad === undefined ? undefined : `${bad.name} ${bad.milli} thousandths`;
}

type Pair = readonly [begin: number, end: number];

function byBegin(ranges: readonly Pair[]): Pair[] {
  return [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function joined(ranges: readonly Pair[]): Pair[] {
  const result: [number, number][] = [];
  for (const [begin, end] of byBegin(ranges)) {
    const last = result.at(-1);
    if (last !== undefined && begin <= last[1] + 1) last[1] = Math.max(last[1], end);
    else result.push([begin, end]);
  }
  return result;
}

function rangesProblem(parts: readonly Pair[], whole: readonly Pair[]): string | undefined {
  let previousEnd = Number.NEGATIVE_INFINITY;
  const wholes = joined(whole);
  for (const [begin, end] of byBegin(parts)) {
    if (begin <= previousEnd) return `${begin} twice`;
    if (!wholes.some((range) => range[0] <= begin && end <= range[1])) return `${begin}-${end} outside`;
    previousEnd = end;
  }
  return undefined;
}
