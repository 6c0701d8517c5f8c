/**
 * Resources and their algebra. Scalars are whole thousandths, as Mesos compares them (common/values.cpp), so sums do
 * not drift. A `Resources` value is canonical: entries that can be merged are merged, empty ones are gone, and
 * entries are sorted by identity, so equal contents have equal form. Sums and differences are one merge of two sorted lists.
 * What cannot be divided (persistent volumes, whole disks) is never merged into something larger: equal ones are counted.
 */

import { canonicalReservation, compareIdentity, isIndivisible, type Reservation, type Resource } from "./resource.ts";
import { addValues, containsValue, describeValue, isEmptyValue, normalizeValue, subtractValues, type Value } from "./values.ts";

export type { Reservation, Resource } from "./resource.ts";
export type { Range, Value } from "./values.ts";

/** Canonical; build it with `toResources` only. */
export type Resources = readonly Resource[];

/** The canonical form of any list: overlapping ranges and repeated items unite, scalars add up. */
export function toResources(list: readonly Resource[]): Resources {
  const sorted: Resource[] = [];
  for (const entry of list) {
    const reservations = entry.reservations.length === 0 ? noReservations : entry.reservations.map(canonicalReservation);
    const value = normalizeValue(entry.value);
    if (!isEmptyValue(value)) sorted.push(createEntry({ ...entry, reservations }, value, entry.allocationRole));
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
      sum.push(joinEntries(leftEntry, rightEntry));
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
    let order = 1;
    for (; taken !== undefined; taken = right[++rightIndex]) {
      order = compareIdentity(taken, entry);
      if (order >= 0) break;
    }
    if (taken === undefined || order !== 0) {
      rest.push(entry);
      continue;
    }
    const left = takeEntry(entry, taken);
    if (left !== undefined) rest.push(left);
  }
  return rest;
}

/** Whether every entry of `inner` is covered by the entry of `outer` with the same identity. */
export function containsResources(outer: Resources, inner: Resources): boolean {
  let outerIndex = 0;
  for (const entry of inner) {
    let cover = outer[outerIndex];
    let order = 1;
    for (; cover !== undefined; cover = outer[++outerIndex]) {
      order = compareIdentity(cover, entry);
      if (order >= 0) break;
    }
    if (cover === undefined || order !== 0 || !coversEntry(cover, entry)) return false;
  }
  return true;
}

/** Whether both hold the same; where tasks see a volume does not count. */
export function equalResources(left: Resources, right: Resources): boolean {
  return left === right || (left.length === right.length && containsResources(left, right) && containsResources(right, left));
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
  for (const entry of resources) if (entry.name === name) milli += quantityMilli(entry);
  return milli;
}

/** Thousandths of one entry; what is shared counts for each who holds it, so that sums stay sums. 0 for what is no scalar. */
export function quantityMilli({ value, copies }: Resource): number {
  return value.kind === "scalar" ? value.milli * (copies ?? 1) : 0;
}

/** What only one may hold at a time. */
export function exclusiveResources(resources: Resources): Resources {
  return resources.some(isShared) ? resources.filter((entry) => !isShared(entry)) : resources;
}

/** What several may hold at once, each counted once. */
export function sharedResources(resources: Resources): Resources {
  return resources.filter(isShared).map(once);
}

/** The same, with what is shared counted once. */
export function withSharedOnce(resources: Resources): Resources {
  return resources.some(isShared) ? resources.map((entry) => (isShared(entry) ? once(entry) : entry)) : resources;
}

/** Whether `inner` can be held of `outer`: as `containsResources`, but of what is shared one is enough for any number. */
export function coversResources(outer: Resources, inner: Resources): boolean {
  return containsResources(outer, withSharedOnce(inner));
}

/**
 * The text form `cpus:1.5;mem:128;ports:[1-3]`, with a statically reserved entry as `cpus(role):4`; `{}` for nothing.
 * Allocations and reservations that flags cannot write are spelled out in brackets.
 */
export function describeResources(resources: Resources): string {
  if (resources.length === 0) return "{}";
  return resources.map((entry) => `${entry.name}${describeOwners(entry)}${describeKind(entry)}:${describeValue(entry.value)}`).join(";");
}

/** Makes one of neighbours with the same identity. */
function mergeSorted(sorted: readonly Resource[]): Resources {
  const merged: Resource[] = [];
  for (const entry of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && compareIdentity(last, entry) === 0) {
      merged[merged.length - 1] = joinEntries(last, entry);
    } else {
      merged.push(entry);
    }
  }
  return merged;
}

/** Two entries of one identity as one. */
function joinEntries(left: Resource, right: Resource): Resource {
  if (!isIndivisible(left)) return createEntry(left, addValues(left.value, right.value), left.allocationRole);
  return createEntry({ ...left, copies: (left.copies ?? 1) + (right.copies ?? 1) }, left.value, left.allocationRole);
}

/** What is left of an entry, or undefined when nothing is. */
function takeEntry(entry: Resource, taken: Resource): Resource | undefined {
  if (!isIndivisible(entry)) {
    const value = subtractValues(entry.value, taken.value);
    return isEmptyValue(value) ? undefined : createEntry(entry, value, entry.allocationRole);
  }
  const copies = (entry.copies ?? 1) - (taken.copies ?? 1);
  return copies <= 0 ? undefined : createEntry({ ...entry, copies }, entry.value, entry.allocationRole);
}

function coversEntry(cover: Resource, entry: Resource): boolean {
  return isIndivisible(cover) ? (cover.copies ?? 1) >= (entry.copies ?? 1) : containsValue(cover.value, entry.value);
}

function isShared({ shared }: Resource): boolean {
  return shared === true;
}

function once(entry: Resource): Resource {
  return { ...entry, copies: undefined };
}

/** Absent properties are there and undefined: entries that all have one form are read much faster than entries of many forms. */
function createEntry({ name, reservations, disk, revocable, shared, providerId, copies }: Resource, value: Value, role?: string): Resource {
  return {
    name,
    value,
    reservations,
    disk,
    revocable,
    shared,
    providerId,
    copies: copies === 1 ? undefined : copies,
    allocationRole: role,
  };
}

const noReservations: readonly Reservation[] = [];

function describeOwners({ reservations, allocationRole }: Resource): string {
  const allocated = allocationRole === undefined ? "" : `(allocated: ${allocationRole})`;
  const first = reservations[0];
  if (first === undefined) return allocated;
  if (reservations.length === 1 && first.type === "STATIC" && first.principal === undefined && first.labels === undefined)
    return `${allocated}(${first.role})`;
  const parts = reservations.map(describeReservation);
  return `${allocated}(reservations: [${parts.join(",")}])`;
}

function describeReservation({ type, role, principal, labels = [] }: Reservation): string {
  const texts = labels.map(({ key, value }) => (value === undefined ? key : `${key}: ${value}`));
  const owner = principal === undefined ? [] : [principal];
  const marks = texts.length === 0 ? [] : [`{${texts.join(", ")}}`];
  return `(${[type, role, ...owner, ...marks].join(",")})`;
}

/** Volume, source, revocable and shared, as `[id:path]`, `[MOUNT:/mnt/1]`, `{REV}` and `<SHARED>`; the number of equal ones. */
function describeKind({ disk, revocable, shared, providerId, copies }: Resource): string {
  const { persistence, source } = disk ?? {};
  const parts = [
    source === undefined ? "" : `[${source.type}:${source.root ?? ""}]`,
    persistence === undefined ? "" : `[${persistence.id}:${disk?.volume?.containerPath ?? ""}]`,
    revocable === true ? "{REV}" : "",
    shared === true ? "<SHARED>" : "",
    providerId === undefined ? "" : `(provider: ${providerId})`,
    copies === undefined ? "" : `x${copies}`,
  ];
  return parts.join("");
}
