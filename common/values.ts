/**
 * The arithmetic of one resource value: scalars in thousandths, ranges and sets as unions and differences.
 * Ranges are kept sorted, disjoint and not adjacent; items are kept sorted and unique. Mirrors Mesos's common/values.cpp.
 */

export interface Range {
  readonly begin: number;
  /** Inclusive. */
  readonly end: number;
}

export type Value =
  | { readonly kind: "scalar"; readonly milli: number }
  | { readonly kind: "ranges"; readonly ranges: readonly Range[] }
  | { readonly kind: "set"; readonly items: readonly string[] };

/** Thousandths of `amount`, rounded half away from zero, as Mesos does before it compares. */
export function toMilli(amount: number): number {
  // `|| 0` turns the negative zero of tiny negative amounts into zero.
  return (amount < 0 ? -Math.round(-amount * 1000) : Math.round(amount * 1000)) || 0;
}

/** The double nearest to `milli` thousandths. */
export function fromMilli(milli: number): number {
  return milli / 1000;
}

/** Orders strings by UTF-16 code unit: total, and the same everywhere. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether the value holds nothing; a scalar of zero or less does. */
export function isEmptyValue(value: Value): boolean {
  switch (value.kind) {
    case "scalar":
      return value.milli <= 0;
    case "ranges":
      return value.ranges.length === 0;
    case "set":
      return value.items.length === 0;
  }
}

/** The canonical form of a value. */
export function normalizeValue(value: Value): Value {
  switch (value.kind) {
    case "scalar":
      return value;
    case "ranges":
      return { kind: "ranges", ranges: uniteRanges(value.ranges, []) };
    case "set":
      return { kind: "set", items: [...new Set(value.items)].sort(compareText) };
  }
}

/** Both together. Values of different kinds do not add up: the left one is returned. */
export function addValues(left: Value, right: Value): Value {
  if (left.kind === "scalar" && right.kind === "scalar") return { kind: "scalar", milli: left.milli + right.milli };
  if (left.kind === "ranges" && right.kind === "ranges") return { kind: "ranges", ranges: uniteRanges(left.ranges, right.ranges) };
  if (left.kind === "set" && right.kind === "set") return normalizeValue({ kind: "set", items: [...left.items, ...right.items] });
  return left;
}

/** What is left of `left` without `right`; a scalar may come out negative, which counts as empty. */
export function subtractValues(left: Value, right: Value): Value {
  if (left.kind === "scalar" && right.kind === "scalar") return { kind: "scalar", milli: left.milli - right.milli };
  if (left.kind === "ranges" && right.kind === "ranges") return { kind: "ranges", ranges: subtractRanges(left.ranges, right.ranges) };
  if (left.kind === "set" && right.kind === "set") {
    const taken = new Set(right.items);
    return { kind: "set", items: left.items.filter((item) => !taken.has(item)) };
  }
  return left;
}

/** Whether `right` is within `left`. */
export function containsValue(left: Value, right: Value): boolean {
  if (left.kind === "scalar" && right.kind === "scalar") return left.milli >= right.milli;
  if (left.kind === "ranges" && right.kind === "ranges") return containsRanges(left.ranges, right.ranges);
  if (left.kind === "set" && right.kind === "set") {
    const present = new Set(left.items);
    return right.items.every((item) => present.has(item));
  }
  return false;
}

/** The text form: `1.5`, `[1-3,8-9]` or `{a,b}`. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case "scalar":
      return String(fromMilli(value.milli));
    case "ranges":
      return `[${value.ranges.map((range) => `${range.begin}-${range.end}`).join(",")}]`;
    case "set":
      return `{${value.items.join(",")}}`;
  }
}

/** The union, sorted, with overlapping and adjacent ranges made one. Takes any order. */
function uniteRanges(left: readonly Range[], right: readonly Range[]): readonly Range[] {
  const sorted = [...left, ...right].sort((a, b) => a.begin - b.begin || a.end - b.end);
  const united: Range[] = [];
  for (const range of sorted) {
    const last = united.at(-1);
    if (last !== undefined && range.begin <= last.end + 1) {
      if (range.end > last.end) united[united.length - 1] = { begin: last.begin, end: range.end };
    } else {
      united.push({ begin: range.begin, end: range.end });
    }
  }
  return united;
}

/** The difference of two canonical lists, in one pass over both. */
function subtractRanges(left: readonly Range[], right: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let rightIndex = 0;
  for (const range of left) {
    let begin = range.begin;
    for (let taken = right[rightIndex]; taken !== undefined && taken.begin <= range.end; taken = right[rightIndex]) {
      if (taken.begin > begin) rest.push({ begin, end: taken.begin - 1 });
      begin = Math.max(begin, taken.end + 1);
      // A range that reaches beyond this one takes from the next one, too.
      if (taken.end > range.end) break;
      rightIndex++;
    }
    if (begin <= range.end) rest.push({ begin, end: range.end });
  }
  return rest;
}

/** Whether each range of `right` lies within one of `left`; both are canonical. */
function containsRanges(left: readonly Range[], right: readonly Range[]): boolean {
  let leftIndex = 0;
  for (const range of right) {
    let outer = left[leftIndex];
    while (outer !== undefined && outer.end < range.begin) outer = left[++leftIndex];
    if (outer === undefined || outer.begin > range.begin || outer.end < range.end) return false;
  }
  return true;
}
