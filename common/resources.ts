/**
 * Resources and their algebra. Scalars are whole thousandths, as Mesos compares them (common/values.cpp), so sums do
 * not drift. A `Resources` value is canonical: entries that can be merged are merged, empty ones are gone, and
 * entries are sorted by identity, so equal contents have equal form. Sums and differences are one merge of two sorted lists.
 */

import {
  addValues,
  compareText,
  containsValue,
  describeValue,
  isEmptyValue,
  normalizeValue,
  subtractValues,
  type Value,
} from "./values.ts";

export type { Range, Value } from "./values.ts";

export interface Reservation {
  readonly type: "STATIC" | "DYNAMIC";
  readonly role: string;
  readonly principal?: string | undefined;
}

export interface Resource {
  readonly name: string;
  readonly value: Value;
  /** From the least to the most refined; empty when unreserved. */
  readonly reservations: readonly Reservation[];
  /** The role to which the resource is offered or allocated. */
  readonly allocationRole?: string | undefined;
}

/** Canonical; build it with `toResources` only. */
export type Resources = readonly Resource[];

/** The canonical form of any list: overlapping ranges and repeated items unite, scalars add up. */
export function toResources(list: readonly Resource[]): Resources {
  const sorted: Resource[] = [];
  for (const entry of list) {
    const reservations = entry.reservations.length === 0 ? noReservations : entry.reservations.map(canonicalReservation);
    const resource = createEntry({ ...entry, reservations }, normalizeValue(entry.value), entry.allocationRole);
    if (!isEmptyValue(resource.value)) sorted.push(resource);
  }
  return mergeSorted(sorted.sort(compareIdentity));
}

/** Both together. */
export function addResources(left: Resources, right: Resources): Resources {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const sum: Resource[] = [];
  let leftIndex = 0;
  let rightIndex = 0;
  for (;;) {
    const leftEntry = left[leftIndex];
    const rightEntry = right[rightIndex];
    if (leftEntry === undefined && rightEntry === undefined) return sum;
    const order = leftEntry === undefined ? 1 : rightEntry === undefined ? -1 : compareIdentity(leftEntry, rightEntry);
    if (order <= 0) leftIndex++;
    if (order >= 0) rightIndex++;
    if (leftEntry !== undefined && order < 0) sum.push(leftEntry);
    else if (rightEntry !== undefined && order > 0) sum.push(rightEntry);
    else if (leftEntry !== undefined && rightEntry !== undefined) {
      sum.push(withValue(leftEntry, addValues(leftEntry.value, rightEntry.value)));
    }
  }
}

/** What is left of `left` without `right`. Never negative: what `right` has beyond `left` is dropped. */
export function subtractResources(left: Resources, right: Resources): Resources {
  if (left.length === 0 || right.length === 0) return left;
  const rest: Resource[] = [];
  let rightIndex = 0;
  for (const entry of left) {
    let taken = right[rightIndex];
    while (taken !== undefined && compareIdentity(taken, entry) < 0) taken = right[++rightIndex];
    if (taken === undefined || compareIdentity(taken, entry) !== 0) {
      rest.push(entry);
      continue;
    }
    const value = subtractValues(entry.value, taken.value);
    if (!isEmptyValue(value)) rest.push(withValue(entry, value));
  }
  return rest;
}

/** Whether every entry of `inner` is covered by the entry of `outer` with the same identity. */
export function containsResources(outer: Resources, inner: Resources): boolean {
  let outerIndex = 0;
  for (const entry of inner) {
    let cover = outer[outerIndex];
    while (cover !== undefined && compareIdentity(cover, entry) < 0) cover = outer[++outerIndex];
    if (cover === undefined || compareIdentity(cover, entry) !== 0 || !containsValue(cover.value, entry.value)) return false;
  }
  return true;
}

export function isEmptyResources(resources: Resources): boolean {
  return resources.length === 0;
}

/** The same resources, all allocated to `role`. */
export function allocateResources(resources: Resources, role: string): Resources {
  return mergeSorted(resources.map((entry) => createEntry(entry, entry.value, role)));
}

/** The same resources, allocated to nobody. */
export function unallocateResources(resources: Resources): Resources {
  return mergeSorted(resources.map((entry) => createEntry(entry, entry.value, undefined)));
}

export function sumResources(list: Iterable<Resources>): Resources {
  let sum: Resources = [];
  for (const resources of list) sum = addResources(sum, resources);
  return sum;
}

/** Thousandths of the scalar `name`, over all reservations and allocations; 0 when there is none. */
export function scalarMilli(resources: Resources, name: string): number {
  let milli = 0;
  for (const entry of resources) {
    if (entry.name === name && entry.value.kind === "scalar") milli += entry.value.milli;
  }
  return milli;
}

/** Thousandths of each scalar by name, over all reservations and allocations, in order of name. */
export function scalarQuantities(resources: Resources): ReadonlyMap<string, number> {
  const quantities = new Map<string, number>();
  for (const { name, value } of resources) {
    if (value.kind === "scalar") quantities.set(name, (quantities.get(name) ?? 0) + value.milli);
  }
  return quantities;
}

/**
 * The text form `cpus:1.5;mem:128;ports:[1-3]`, with a statically reserved entry as `cpus(role):4`; `{}` for nothing.
 * Allocations and reservations that flags cannot write are spelled out in brackets.
 */
export function describeResources(resources: Resources): string {
  if (resources.length === 0) return "{}";
  return resources.map((entry) => `${entry.name}${describeOwners(entry)}:${describeValue(entry.value)}`).join(";");
}

/** Two entries with the same identity are one entry. The allocation role is last, so that (un)allocating keeps the order. */
function compareIdentity(left: Resource, right: Resource): number {
  return (
    compareText(left.name, right.name) ||
    compareText(left.value.kind, right.value.kind) ||
    compareReservations(left.reservations, right.reservations) ||
    compareOptional(left.allocationRole, right.allocationRole)
  );
}

function compareReservations(left: readonly Reservation[], right: readonly Reservation[]): number {
  if (left.length !== right.length) return left.length - right.length;
  for (const [index, reservation] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order =
      compareText(reservation.type, other.type) ||
      compareText(reservation.role, other.role) ||
      compareOptional(reservation.principal, other.principal);
    if (order !== 0) return order;
  }
  return 0;
}

/** An absent text comes before every present one. */
function compareOptional(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
  return compareText(left, right);
}

/** Makes one of neighbours with the same identity. */
function mergeSorted(sorted: readonly Resource[]): Resources {
  const merged: Resource[] = [];
  for (const entry of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && compareIdentity(last, entry) === 0) {
      merged[merged.length - 1] = withValue(last, addValues(last.value, entry.value));
    } else {
      merged.push(entry);
    }
  }
  return merged;
}

function withValue(entry: Resource, value: Value): Resource {
  return createEntry(entry, value, entry.allocationRole);
}

/** Absent properties are left out instead of being undefined, so that equal contents are deeply equal. */
function createEntry({ name, reservations }: Resource, value: Value, allocationRole: string | undefined): Resource {
  return allocationRole === undefined ? { name, value, reservations } : { name, value, reservations, allocationRole };
}

const noReservations: readonly Reservation[] = [];

function canonicalReservation({ type, role, principal }: Reservation): Reservation {
  return principal === undefined ? { type, role } : { type, role, principal };
}

function describeOwners({ reservations, allocationRole }: Resource): string {
  const allocated = allocationRole === undefined ? "" : `(allocated: ${allocationRole})`;
  const first = reservations[0];
  if (first === undefined) return allocated;
  if (reservations.length === 1 && first.type === "STATIC" && first.principal === undefined) return `${allocated}(${first.role})`;
  const parts = reservations.map(({ type, role, principal }) => `(${type},${role}${principal === undefined ? "" : `,${principal}`})`);
  return `${allocated}(reservations: [${parts.join(",")}])`;
}
