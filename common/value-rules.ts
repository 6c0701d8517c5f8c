/** What a peer's or an operator's values must look like before they become resources. Each function answers the first broken rule. */

import { type Range, toMilli } from "./values.ts";

/** 10 PB in MB, or ten thousand million CPUs: nobody has more, and 900 such amounts still add up exactly in thousandths. */
export const scalarMax = 1e10;

/** Ports of a machine, each alone; what has more ranges is an attack or a mistake. */
export const rangesMax = 65_536;

export const itemsMax = 10_000;

/** A scalar of exactly 0 is valid and holds nothing; one that only rounds to 0 is not. */
export function scalarProblem(name: string, amount: number): string | undefined {
  if (Number.isNaN(amount)) return "must be a number, is NaN";
  if (amount < 0) return `must not be negative, is ${amount}`;
  if (amount > scalarMax) return `must be at most ${scalarMax}, is ${amount}`;
  if (amount !== 0 && toMilli(amount) === 0) return `must be 0 or at least 0.0005, is ${amount}`;
  if (name === "gpus" && toMilli(amount) % 1000 !== 0) return `must be whole, is ${amount}`;
  return undefined;
}

/** Ranges may come in any order, but must not overlap. */
export function rangesProblem(ranges: readonly Range[]): string | undefined {
  if (ranges.length > rangesMax) return `must have at most ${rangesMax} ranges, has ${ranges.length}`;
  for (const { begin, end } of ranges) {
    if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) return `must be whole numbers up to 2^53 - 1, has ${begin}-${end}`;
    if (begin > end) return `must not begin after they end, has ${begin}-${end}`;
  }
  const sorted = [...ranges].sort((left, right) => left.begin - right.begin);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && next.begin <= range.end)
      return `must not overlap, has ${range.begin}-${range.end} and ${next.begin}-${next.end}`;
  }
  return undefined;
}

export function itemsProblem(items: readonly string[]): string | undefined {
  if (items.length > itemsMax) return `must have at most ${itemsMax} items, has ${items.length}`;
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item)) return `must not repeat an item, has "${item}" twice`;
    seen.add(item);
  }
  return undefined;
}
