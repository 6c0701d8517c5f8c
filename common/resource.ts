/**
 * One resource, and when two of them are the same kind of thing. Entries of one identity add up; a persistent volume, a mounted disk
 * and what is shared cannot be divided, so its size is part of its identity and equal ones are counted. Source: Mesos common/resources.cpp.
 */

import { compareText, type Value } from "./values.ts";

export interface Label {
  readonly key: string;
  readonly value?: string | undefined;
}

export interface Reservation {
  readonly type: "STATIC" | "DYNAMIC";
  readonly role: string;
  readonly principal?: string | undefined;
  readonly labels?: readonly Label[] | undefined;
}

/** Where a task sees a volume. It does not count for identity: each task may say it anew. */
export interface VolumePlace {
  readonly containerPath: string;
  readonly mode: "RW" | "RO";
}

export interface Disk {
  /** Makes it a persistent volume; the id is unique for its role on its agent. */
  readonly persistence?: { readonly id: string; readonly principal?: string | undefined } | undefined;
  readonly volume?: VolumePlace | undefined;
  /** A disk of its own. A MOUNT is given as a whole. */
  readonly source?: { readonly type: "PATH" | "MOUNT"; readonly root?: string | undefined } | undefined;
}

export interface Resource {
  readonly name: string;
  readonly value: Value;
  /** From the least to the most refined; empty when unreserved. */
  readonly reservations: readonly Reservation[];
  readonly disk?: Disk | undefined;
  /** May be taken back at any time. */
  readonly revocable?: true | undefined;
  /** Several tasks may hold it at once. */
  readonly shared?: true | undefined;
  readonly providerId?: string | undefined;
  /** How many equal ones; absent for one. Only of what cannot be divided. */
  readonly copies?: number | undefined;
  /** The role to which the resource is offered or allocated. */
  readonly allocationRole?: string | undefined;
}

/** Whether the entry is given as a whole or not at all. */
export function isIndivisible({ disk, shared }: Resource): boolean {
  return shared === true || (disk !== undefined && (disk.persistence !== undefined || disk.source?.type === "MOUNT"));
}

/** Two entries with the same identity are one entry. The allocation role is last, so that (un)allocating keeps the order. */
export function compareIdentity(left: Resource, right: Resource): number {
  if (left === right) return 0;
  return (
    compareText(left.name, right.name) ||
    compareText(left.value.kind, right.value.kind) ||
    compareReservations(left.reservations, right.reservations) ||
    compareSpecial(left, right) ||
    compareOptional(left.allocationRole, right.allocationRole)
  );
}

/** Labels in one order, absent parts left out. */
export function canonicalReservation({ type, role, principal, labels }: Reservation): Reservation {
  return {
    type,
    role,
    ...(principal === undefined ? {} : { principal }),
    ...(labels === undefined || labels.length === 0 ? {} : { labels: labels.map(canonicalLabel).sort(compareLabels) }),
  };
}

function canonicalLabel({ key, value }: Label): Label {
  return value === undefined ? { key } : { key, value };
}

/** Everything that an ordinary resource does not have. */
function compareSpecial(left: Resource, right: Resource): number {
  if (left.disk === undefined && right.disk === undefined && isPlain(left) && isPlain(right)) return 0;
  const [from, to] = [left.disk ?? noDisk, right.disk ?? noDisk];
  return (
    compareOptional(from.source?.type, to.source?.type) ||
    compareOptional(from.source?.root, to.source?.root) ||
    compareOptional(from.persistence?.id, to.persistence?.id) ||
    compareOptional(from.persistence?.principal, to.persistence?.principal) ||
    compareFlags(left.revocable, right.revocable) ||
    compareFlags(left.shared, right.shared) ||
    compareOptional(left.providerId, right.providerId) ||
    (isIndivisible(left) ? compareSizes(left.value, right.value) : 0)
  );
}

const noDisk: Disk = {};

function isPlain({ revocable, shared, providerId }: Resource): boolean {
  return revocable === undefined && shared === undefined && providerId === undefined;
}

function compareSizes(left: Value, right: Value): number {
  if (left.kind === "scalar" && right.kind === "scalar") return left.milli - right.milli;
  return compareText(JSON.stringify(left), JSON.stringify(right));
}

function compareReservations(left: readonly Reservation[], right: readonly Reservation[]): number {
  if (left === right) return 0;
  if (left.length !== right.length) return left.length - right.length;
  for (let index = 0; index < left.length; index++) {
    const [reservation, other] = [left[index], right[index]];
    if (reservation === undefined || other === undefined) return 1;
    const order =
      compareText(reservation.type, other.type) ||
      compareText(reservation.role, other.role) ||
      compareOptional(reservation.principal, other.principal) ||
      compareLabelLists(reservation.labels ?? [], other.labels ?? []);
    if (order !== 0) return order;
  }
  return 0;
}

function compareLabelLists(left: readonly Label[], right: readonly Label[]): number {
  if (left.length !== right.length) return left.length - right.length;
  for (const [index, label] of left.entries()) {
    const other = right[index];
    const order = other === undefined ? 1 : compareLabels(label, other);
    if (order !== 0) return order;
  }
  return 0;
}

function compareLabels(left: Label, right: Label): number {
  return compareText(left.key, right.key) || compareOptional(left.value, right.value);
}

function compareFlags(left: true | undefined, right: true | undefined): number {
  return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
}

/** An absent text comes before every present one. */
function compareOptional(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
  return compareText(left, right);
}
