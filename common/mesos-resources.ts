/**
 * Between mesos.v1.Resource and `Resources`. Both forms of reservations are read: the stack (`reservations`), and the older `role`
 * with `reservation`. An entry that several hold at once is written once for each.
 */

import type { Labels, Resource as MesosResource, Resource_ReservationInfo, Value_Range, Value_Type } from "../protos/gen/mesos/v1/mesos.ts";
import { readDisk, writeDisk } from "./mesos-disk.ts";
import { canonicalReservation, type Label, type Reservation, type Resource } from "./resource.ts";
import { type Resources, toResources } from "./resources.ts";
import { type Result, refuse, succeed } from "./result.ts";
import { defaultRole, isSubRole, roleProblem } from "./roles.ts";
import { itemsProblem, rangesProblem, scalarProblem } from "./value-rules.ts";
import { fromMilli, type Range, toMilli, type Value } from "./values.ts";

/** Entries of one list; a machine has a handful. */
export const resourcesMax = 1_000;

/** Depth of the hierarchy of roles that a reservation can refine. */
export const reservationsMax = 32;

/** Labels of one reservation; they are compared with those of every other. */
export const labelsMax = 100;

/** How reservations are written: `single` for peers that do not know refined reservations. A stack of two or more is always a stack. */
export type ReservationForm = "single" | "stack";

/** Reads a list; `path` names it in the refusal: `resources[1].scalar.value must not be negative, is -1`. */
export function readResources(list: readonly MesosResource[], path: string): Result<Resources> {
  if (list.length > resourcesMax) return invalid(path, `must have at most ${resourcesMax} entries, has ${list.length}`);
  const entries: Resource[] = [];
  for (const [index, message] of list.entries()) {
    const entry = readResource(message, `${path}[${index}]`);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return succeed(toResources(entries));
}

/** Writes a list, with the allocation role of each entry if it has one. */
export function writeResources(resources: Resources, form: ReservationForm): MesosResource[] {
  const messages: MesosResource[] = [];
  for (const entry of resources) {
    const message = writeResource(entry, form);
    for (let copy = 0; copy < (entry.copies ?? 1); copy++) messages.push(message);
  }
  return messages;
}

/** Writes one entry, as if there were no copies of it. */
export function writeResource(entry: Resource, form: ReservationForm): MesosResource {
  const { name, value, reservations, disk, revocable, shared, providerId, allocationRole } = entry;
  const { type, scalar, ranges, set } = writeValue(value);
  // Every field is there, undefined or not: messages of one form are encoded much faster than those of many.
  const message: MesosResource = {
    providerId: providerId === undefined ? undefined : { value: providerId },
    name,
    type,
    scalar,
    ranges,
    set,
    role: undefined,
    allocationInfo: allocationRole === undefined ? undefined : { role: allocationRole },
    reservation: undefined,
    reservations: [],
    disk: disk === undefined ? undefined : writeDisk(disk),
    revocable: revocable === true ? {} : undefined,
    shared: shared === true ? {} : undefined,
  };
  writeReservations(message, reservations, form);
  return message;
}

type MesosValue = Pick<MesosResource, "type" | "scalar" | "ranges" | "set">;

/** The value of a resource or an attribute; `name` decides on rules of its own, such as whole gpus. */
export function readValue(message: MesosValue, name: string, path: string): Result<Value> {
  const { type, scalar, ranges, set } = message;
  const expected = type === 0 ? scalar : type === 1 ? ranges : type === 2 ? set : undefined;
  if (expected === undefined) return invalid(path, `must have the value of its type, ${typeNames[type] ?? type}`);
  if (scalar !== undefined && type !== 0) return invalid(`${path}.scalar`, `must not be set beside ${fieldNames[type]}`);
  if (ranges !== undefined && type !== 1) return invalid(`${path}.ranges`, `must not be set beside ${fieldNames[type]}`);
  if (set !== undefined && type !== 2) return invalid(`${path}.set`, `must not be set beside ${fieldNames[type]}`);
  if (scalar !== undefined) {
    const problem = scalarProblem(name, scalar.value);
    return problem === undefined ? succeed({ kind: "scalar", milli: toMilli(scalar.value) }) : invalid(`${path}.scalar.value`, problem);
  }
  if (ranges !== undefined) {
    // A number beyond 2^53 is not exact here; the rules below refuse it.
    const plain = ranges.range.map(({ begin, end }) => ({ begin: Number(begin), end: Number(end) }));
    const problem = rangesProblem(plain);
    return problem === undefined ? succeed({ kind: "ranges", ranges: plain }) : invalid(`${path}.ranges`, problem);
  }
  const items = set?.item ?? [];
  const problem = itemsProblem(items);
  return problem === undefined ? succeed({ kind: "set", items }) : invalid(`${path}.set`, problem);
}

/** The numbers of mesos.v1.Value.Type. */
const typeNames = ["SCALAR", "RANGES", "SET", "TEXT"];
const fieldNames = ["scalar", "ranges", "set"];

export function writeValue(value: Value): MesosValue {
  switch (value.kind) {
    case "scalar":
      return { type: 0 satisfies Value_Type, scalar: { value: fromMilli(value.milli) }, ranges: undefined, set: undefined };
    case "ranges":
      return { type: 1, scalar: undefined, ranges: { range: value.ranges.map(toRangeMessage) }, set: undefined };
    case "set":
      return { type: 2, scalar: undefined, ranges: undefined, set: { item: [...value.items] } };
  }
}

function toRangeMessage({ begin, end }: Range): Value_Range {
  return { begin: BigInt(begin), end: BigInt(end) };
}

/** Reads one entry. */
export function readResource(message: MesosResource, path: string): Result<Resource> {
  if (message.name.length === 0) return invalid(`${path}.name`, "must not be empty");
  const value = readValue(message, message.name, path);
  if (!value.ok) return value;
  const reservations = readReservations(message, path);
  if (!reservations.ok) return reservations;
  const allocationRole = message.allocationInfo?.role;
  if (allocationRole !== undefined) {
    const problem = roleProblem(allocationRole);
    if (problem !== undefined) return invalid(`${path}.allocation_info.role`, problem);
  }
  const disk = message.disk === undefined ? undefined : readDisk(message.disk, `${path}.disk`);
  if (disk !== undefined && !disk.ok) return disk;
  const resource: Resource = {
    name: message.name,
    value: value.value,
    reservations: reservations.value,
    disk: disk?.value,
    revocable: message.revocable === undefined ? undefined : true,
    shared: message.shared === undefined ? undefined : true,
    providerId: message.providerId?.value,
    allocationRole,
  };
  const problem = findSpecialProblem(resource);
  return problem === undefined ? succeed(resource) : invalid(`${path}.${problem[0]}`, problem[1]);
}

/** The field and the rule that the parts of an entry break together. */
function findSpecialProblem(resource: Resource): readonly [field: string, rule: string] | undefined {
  const { name, value, disk, reservations, revocable, shared, providerId } = resource;
  if (providerId !== undefined) return ["provider_id", "must not be set: resource providers are not supported"];
  if (disk !== undefined && (name !== "disk" || value.kind !== "scalar")) return ["disk", `must not be set for ${name}`];
  const isVolume = disk?.persistence !== undefined;
  if (isVolume && reservations.length === 0) return ["disk.persistence", "must not be set without a reservation"];
  if (isVolume && revocable === true) return ["revocable", "must not be set for a persistent volume"];
  if (shared === true && !isVolume) return ["shared", "must not be set but for a persistent volume"];
  const isDynamic = reservations.some(({ type }) => type === "DYNAMIC");
  return revocable === true && isDynamic ? ["revocable", "must not be set beside a dynamic reservation"] : undefined;
}

function readReservations(message: MesosResource, path: string): Result<readonly Reservation[]> {
  const { role, reservation, reservations } = message;
  if (reservations.length > 0) {
    if (role !== undefined) return invalid(`${path}.role`, "must not be set beside reservations");
    if (reservation !== undefined) return invalid(`${path}.reservation`, "must not be set beside reservations");
    return readStack(reservations, `${path}.reservations`);
  }
  const isReserved = role !== undefined && role !== defaultRole;
  if (reservation === undefined && !isReserved) return succeed([]);
  if (!isReserved) return invalid(`${path}.role`, 'must be set and not be "*" beside reservation');
  const problem = roleProblem(role);
  if (problem !== undefined) return invalid(`${path}.role`, problem);
  const labels = readLabels(reservation?.labels, `${path}.reservation.labels`);
  if (!labels.ok) return labels;
  const type = reservation === undefined ? "STATIC" : "DYNAMIC";
  return succeed([canonicalReservation({ type, role, principal: reservation?.principal, labels: labels.value })]);
}

function readStack(stack: readonly Resource_ReservationInfo[], path: string): Result<readonly Reservation[]> {
  if (stack.length > reservationsMax) return invalid(path, `must have at most ${reservationsMax} entries, has ${stack.length}`);
  const reservations: Reservation[] = [];
  for (const [index, { type, role, principal, labels }] of stack.entries()) {
    const at = `${path}[${index}]`;
    const below = reservations.at(-1);
    if (type !== 1 && type !== 2) return invalid(`${at}.type`, "must be STATIC or DYNAMIC");
    if (type === 1 && below !== undefined) return invalid(`${at}.type`, "must be DYNAMIC above another reservation, is STATIC");
    const problem = role === undefined ? "must be set" : role === defaultRole ? 'must not be "*"' : roleProblem(role);
    if (problem !== undefined || role === undefined) return invalid(`${at}.role`, problem ?? "must be set");
    if (below !== undefined && !isSubRole(role, below.role)) return invalid(`${at}.role`, `must be below "${below.role}", is "${role}"`);
    const read = readLabels(labels, `${at}.labels`);
    if (!read.ok) return read;
    reservations.push(canonicalReservation({ type: type === 1 ? "STATIC" : "DYNAMIC", role, principal, labels: read.value }));
  }
  return succeed(reservations);
}

function readLabels(message: Labels | undefined, path: string): Result<readonly Label[] | undefined> {
  if (message === undefined || message.labels.length === 0) return succeed(undefined);
  const { labels } = message;
  return labels.length <= labelsMax ? succeed(labels) : invalid(path, `must have at most ${labelsMax} entries, has ${labels.length}`);
}

function writeReservations(message: MesosResource, reservations: readonly Reservation[], form: ReservationForm): void {
  const only = reservations.length === 1 ? reservations[0] : undefined;
  if (reservations.length === 0) return;
  if (form === "stack" || reservations.length > 1) {
    message.reservations = reservations.map(({ type, role, principal, labels }) => ({
      type: type === "STATIC" ? 1 : 2,
      role,
      principal,
      labels: writeLabels(labels),
    }));
  } else if (only !== undefined) {
    message.role = only.role;
    if (only.type === "DYNAMIC") message.reservation = { principal: only.principal, labels: writeLabels(only.labels) };
  }
}

function writeLabels(labels: readonly Label[] | undefined): Labels | undefined {
  return labels === undefined ? undefined : { labels: labels.map(({ key, value }) => ({ key, value })) };
}

function invalid(path: string, rule: string): ReturnType<typeof refuse> {
  return refuse("INVALID_ARGUMENT", `${path} ${rule}`);
}
