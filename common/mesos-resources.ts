/**
 * Between mesos.v1.Resource and `Resources`. Both forms of reservations are read: the stack (`reservations`), and the older `role`
 * with `reservation`. What tepui has no algebra for yet (volumes, revocable, shared, resource providers) is refused by name.
 */

import type { Resource as MesosResource, Resource_ReservationInfo, Value_Type } from "../protos/gen/mesos/v1/mesos.ts";
import { type Reservation, type Resource, type Resources, toResources } from "./resources.ts";
import { type Result, refuse, succeed } from "./result.ts";
import { defaultRole, isSubRole, roleProblem } from "./roles.ts";
import { itemsProblem, rangesProblem, scalarProblem } from "./value-rules.ts";
import { fromMilli, toMilli, type Value } from "./values.ts";

/** Entries of one list; a machine has a handful. */
export const resourcesMax = 1_000;

/** Depth of the hierarchy of roles that a reservation can refine. */
export const reservationsMax = 32;

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
  return resources.map((entry) => {
    const message: MesosResource = { name: entry.name, ...writeValue(entry.value), reservations: [] };
    writeReservations(message, entry.reservations, form);
    if (entry.allocationRole !== undefined) message.allocationInfo = { role: entry.allocationRole };
    return message;
  });
}

type MesosValue = Pick<MesosResource, "type" | "scalar" | "ranges" | "set">;

/** The value of a resource or an attribute; `name` decides on rules of its own, such as whole gpus. */
export function readValue(message: MesosValue, name: string, path: string): Result<Value> {
  const { type, scalar, ranges, set } = message;
  const given = [scalar === undefined ? "" : "scalar", ranges === undefined ? "" : "ranges", set === undefined ? "" : "set"];
  const expected = given[type] ?? "";
  if (expected === "") return invalid(path, `must have the value of its type, ${typeNames[type] ?? type}`);
  const extra = given.find((field, index) => field !== "" && index !== type);
  if (extra !== undefined) return invalid(`${path}.${extra}`, `must not be set beside ${expected}`);
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

export function writeValue(value: Value): MesosValue {
  switch (value.kind) {
    case "scalar":
      return { type: 0 satisfies Value_Type, scalar: { value: fromMilli(value.milli) } };
    case "ranges":
      return { type: 1, ranges: { range: value.ranges.map(({ begin, end }) => ({ begin: BigInt(begin), end: BigInt(end) })) } };
    case "set":
      return { type: 2, set: { item: [...value.items] } };
  }
}

function readResource(message: MesosResource, path: string): Result<Resource> {
  if (message.name.length === 0) return invalid(`${path}.name`, "must not be empty");
  const unsupported = findUnsupported(message);
  if (unsupported !== undefined) return invalid(`${path}.${unsupported}`, "is not supported yet");
  const value = readValue(message, message.name, path);
  if (!value.ok) return value;
  const reservations = readReservations(message, path);
  if (!reservations.ok) return reservations;
  const allocationRole = message.allocationInfo?.role;
  if (allocationRole !== undefined) {
    const problem = roleProblem(allocationRole);
    if (problem !== undefined) return invalid(`${path}.allocation_info.role`, problem);
  }
  return succeed({ name: message.name, value: value.value, reservations: reservations.value, allocationRole });
}

function findUnsupported(message: MesosResource): string | undefined {
  if (message.disk !== undefined) return "disk";
  if (message.revocable !== undefined) return "revocable";
  if (message.shared !== undefined) return "shared";
  return message.providerId === undefined ? undefined : "provider_id";
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
  if (reservation?.labels !== undefined) return invalid(`${path}.reservation.labels`, "is not supported yet");
  return succeed([{ type: reservation === undefined ? "STATIC" : "DYNAMIC", role, principal: reservation?.principal }]);
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
    if (labels !== undefined) return invalid(`${at}.labels`, "is not supported yet");
    reservations.push({ type: type === 1 ? "STATIC" : "DYNAMIC", role, principal });
  }
  return succeed(reservations);
}

function writeReservations(message: MesosResource, reservations: readonly Reservation[], form: ReservationForm): void {
  const only = reservations.length === 1 ? reservations[0] : undefined;
  if (form === "stack" || reservations.length > 1) {
    message.reservations = reservations.map(({ type, role, principal }) => ({ type: type === "STATIC" ? 1 : 2, role, principal }));
  } else if (only !== undefined) {
    message.role = only.role;
    if (only.type === "DYNAMIC") message.reservation = { principal: only.principal };
  }
}

function invalid(path: string, rule: string): ReturnType<typeof refuse> {
  return refuse("INVALID_ARGUMENT", `${path} ${rule}`);
}
