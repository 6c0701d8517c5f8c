/**
 * What the operations on offered resources do: each takes some resources away and puts others in their place. Master and agent
 * compute it with the same functions. Nothing here decides who may do it. Source: Mesos common/resources_utils.cpp.
 */

import { assertNever } from "./assert.ts";
import { type Disk, isIndivisible, type Reservation, type Resource } from "./resource.ts";
import { addResources, containsResources, type Resources, subtractResources, toResources } from "./resources.ts";

export type ResourceOperation =
  /** What it is to be, the new reservation on top; what it was, if that is more than one step below. */
  | { readonly kind: "reserve"; readonly source: Resources; readonly resources: Resources }
  | { readonly kind: "unreserve"; readonly resources: Resources }
  | { readonly kind: "create"; readonly volumes: Resources }
  | { readonly kind: "destroy"; readonly volumes: Resources }
  | { readonly kind: "growVolume"; readonly volume: Resource; readonly addition: Resource }
  | { readonly kind: "shrinkVolume"; readonly volume: Resource; readonly subtractMilli: number };

export interface Conversion {
  readonly consumed: Resources;
  readonly converted: Resources;
}

/** What the operation takes and what it gives, with the allocation roles of its resources. */
export function conversionOf(operation: ResourceOperation): Conversion {
  switch (operation.kind) {
    case "reserve": {
      const { source, resources } = operation;
      return { consumed: source.length > 0 ? source : popReservation(resources), converted: resources };
    }
    case "unreserve":
      return { consumed: operation.resources, converted: popReservation(operation.resources) };
    case "create":
      return { consumed: toResources(operation.volumes.map(withoutVolume)), converted: operation.volumes };
    case "destroy":
      return { consumed: operation.volumes, converted: toResources(operation.volumes.map(withoutVolume)) };
    case "growVolume": {
      const { volume, addition } = operation;
      return { consumed: toResources([volume, addition]), converted: toResources([resized(volume, milliOf(volume) + milliOf(addition))]) };
    }
    case "shrinkVolume": {
      const { volume, subtractMilli } = operation;
      const freed = resized(withoutVolume(volume), subtractMilli);
      return { consumed: toResources([volume]), converted: toResources([resized(volume, milliOf(volume) - subtractMilli), freed]) };
    }
    default:
      return assertNever(operation);
  }
}

/** `total` after the conversion, or undefined when it does not have what is consumed. */
export function applyConversion(total: Resources, { consumed, converted }: Conversion): Resources | undefined {
  return containsResources(total, consumed) ? addResources(subtractResources(total, consumed), converted) : undefined;
}

/** Those that exist because of an operation; an agent keeps them on disk, and everything else comes from its flags. */
export function createdByOperations(total: Resources): Resources {
  return total.filter(isCreatedByOperation);
}

/**
 * The agent's resources by its flags with what operations made of them, or undefined when the flags do not have enough any more.
 * The counterpart of `createdByOperations`.
 */
export function withCreated(flagged: Resources, created: Resources): Resources | undefined {
  return applyConversion(flagged, { consumed: flaggedForCreated(created), converted: created });
}

/** What the flags must have at least for all that operations made. */
export function flaggedForCreated(created: Resources): Resources {
  return toResources(created.map(asFlagged));
}

export function isPersistentVolume({ disk }: Resource): boolean {
  return disk?.persistence !== undefined;
}

/** What the newest reservation was made of. */
export function popReservation(resources: Resources): Resources {
  return toResources(resources.map((entry) => ({ ...entry, reservations: entry.reservations.slice(0, -1) })));
}

export function topReservation({ reservations }: Resource): Reservation | undefined {
  return reservations.at(-1);
}

function isCreatedByOperation(entry: Resource): boolean {
  return isPersistentVolume(entry) || entry.reservations.some(({ type }) => type === "DYNAMIC");
}

/** As it was before any operation. */
function asFlagged(entry: Resource): Resource {
  return { ...withoutVolume(entry), reservations: entry.reservations.filter(({ type }) => type === "STATIC") };
}

/** The disk that a volume was made of; its source stays. Several volumes that are alike were made of as much disk together. */
function withoutVolume({ disk, shared, copies, ...entry }: Resource): Resource {
  const plain: Disk | undefined = disk?.source === undefined ? undefined : { source: disk.source };
  const whole: Resource = { ...entry, disk: plain };
  if (isIndivisible(whole)) return { ...whole, copies };
  return copies === undefined || shared === true ? whole : resized(whole, milliOf(whole) * copies);
}

function resized(entry: Resource, milli: number): Resource {
  return { ...entry, value: { kind: "scalar", milli } };
}

function milliOf({ value }: Resource): number {
  return value.kind === "scalar" ? value.milli : 0;
}
