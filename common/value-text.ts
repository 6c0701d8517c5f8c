/** The text form of values, for flags: `1.5`, `[1-3,8-9]`, `{a,b}`. */

import { type Result, refuse, succeed } from "./result.ts";
import { itemsProblem, rangesProblem, scalarProblem } from "./value-rules.ts";
import { type Range, toMilli, type Value } from "./values.ts";

/** Longest excerpt of a wrong text that a message repeats. */
const excerptMax = 100;

/** Splits `name:value` pairs at semicolons; empty pieces, such as after the last semicolon, are skipped. */
export function splitPairs(text: string): Result<readonly { readonly name: string; readonly value: string }[]> {
  const pairs: { name: string; value: string }[] = [];
  for (const piece of text.split(";")) {
    const trimmed = piece.trim();
    if (trimmed.length === 0) continue;
    const colon = trimmed.indexOf(":");
    const name = trimmed.slice(0, Math.max(0, colon)).trim();
    if (name.length === 0) return refuse("INVALID_ARGUMENT", `must be "name:value" pairs, has "${trimmed.slice(0, excerptMax)}"`);
    pairs.push({ name, value: trimmed.slice(colon + 1).trim() });
  }
  return succeed(pairs);
}

/** Reads a value; undefined when the text is none of the three forms. `name` decides on rules of its own, such as whole gpus. */
export function parseValue(name: string, text: string): Result<Value> | undefined {
  const inner = text.slice(1, -1).trim();
  if (text.startsWith("[") && text.endsWith("]")) return parseRanges(name, inner);
  if (text.startsWith("{") && text.endsWith("}")) return parseSet(name, inner);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const amount = Number(text);
  const problem = scalarProblem(name, amount);
  return problem === undefined ? succeed({ kind: "scalar", milli: toMilli(amount) }) : refuse("INVALID_ARGUMENT", `${name} ${problem}`);
}

function parseRanges(name: string, inner: string): Result<Value> {
  const ranges: Range[] = [];
  for (const part of inner.length === 0 ? [] : inner.split(",")) {
    const [, begin, end] = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(part) ?? [];
    if (begin === undefined)
      return refuse("INVALID_ARGUMENT", `${name} must be ranges such as [1-3,8-9], has "${part.slice(0, excerptMax)}"`);
    ranges.push({ begin: Number(begin), end: Number(end) });
  }
  const problem = rangesProblem(ranges);
  return problem === undefined ? succeed({ kind: "ranges", ranges }) : refuse("INVALID_ARGUMENT", `${name} ${problem}`);
}

function parseSet(name: string, inner: string): Result<Value> {
  const items = inner.length === 0 ? [] : inner.split(",").map((item) => item.trim());
  const problem = items.includes("") ? "must not have an empty item" : itemsProblem(items);
  return problem === undefined ? succeed({ kind: "set", items }) : refuse("INVALID_ARGUMENT", `${name} ${problem}`);
}
