/** Changes of resources that fit what there is: the operations of a framework's ACCEPT, and the orders of an operator. */

import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { OperationJson } from "../history/event.ts";
import { isWhole, type ResourceJson } from "../history/resource-json.ts";
import { at } from "./world.ts";

export type OperationKind = ResourceOperation["kind"];

export interface Change {
  /** The wanted one last; those before make what it needs. */
  readonly operations: readonly Omit<OperationJson, "id">[];
  readonly consumed: readonly ResourceJson[];
  readonly converted: readonly ResourceJson[];
}

/** What there is of one agent, and what is wanted of it. */
export interface Choice {
  readonly resources: readonly ResourceJson[];
  /** Whom it is to be reserved for. */
  readonly role: string;
  /** Which of the resources that it can be done to. */
  readonly resource: number;
  readonly milli: number;
  /** Whether a volume that is made is for several tasks at once. */
  readonly isShared: boolean;
  readonly volumeId: string;
}

/** An operation that the resources allow; undefined when it can be done to none. A new operation does not compile without. */
export const changeBuilders = { reserve, unreserve, create, destroy, growVolume, shrinkVolume } as const satisfies Record<
  OperationKind,
  (choice: Choice) => Change | undefined
>;

function pick(entries: readonly ResourceJson[], { resource }: Choice): ResourceJson | undefined {
  return entries.length === 0 ? undefined : at(entries, resource);
}

function isDynamic({ reservations = [] }: ResourceJson): boolean {
  return reservations.at(-1)?.dynamic === true;
}

function part(entry: ResourceJson, milli: number): ResourceJson {
  return isWhole(entry) ? entry : { ...entry, milli: Math.min(milli, entry.milli ?? 0) };
}

/** What is not reserved, or reserved for a role above, is reserved for the offer's role. */
function reserve(choice: Choice): Change | undefined {
  const { resources, role } = choice;
  const candidates = resources.filter(
    ({ milli, volume, reservations = [] }) => milli !== undefined && volume === undefined && reservations.at(-1)?.role !== role,
  );
  const entry = role === "" || role === "*" ? undefined : pick(candidates, choice);
  if (entry === undefined) return undefined;
  const consumed = part(entry, choice.milli);
  const reserved = { ...consumed, reservations: [...(entry.reservations ?? []), { role, dynamic: true }] };
  return { operations: [{ kind: "reserve", resources: [reserved] }], consumed: [consumed], converted: [reserved] };
}

function unreserve(choice: Choice): Change | undefined {
  const entry = pick(
    choice.resources.filter((one) => one.milli !== undefined && one.volume === undefined && isDynamic(one)),
    choice,
  );
  if (entry === undefined) return undefined;
  const { reservations = [], ...rest } = entry;
  const below = reservations.slice(0, -1);
  const free = below.length === 0 ? rest : { ...rest, reservations: below };
  return { operations: [{ kind: "unreserve", resources: [entry] }], consumed: [entry], converted: [free] };
}

/** Reserved disk; where there is none, disk that the same call reserves first. */
function findDisk(choice: Choice): Change | undefined {
  const { resources, role, milli } = choice;
  const disks = resources.filter(({ name, volume }) => name === "disk" && volume === undefined);
  const reserved = pick(
    disks.filter(({ reservations }) => reservations !== undefined),
    choice,
  );
  if (reserved !== undefined) return { operations: [], consumed: [part(reserved, milli)], converted: [part(reserved, milli)] };
  const plain = role === "" || role === "*" ? undefined : pick(disks, choice);
  if (plain === undefined) return undefined;
  const consumed = part(plain, milli);
  const converted = { ...consumed, reservations: [{ role, dynamic: true }] };
  return { operations: [{ kind: "reserve", resources: [converted] }], consumed: [consumed], converted: [converted] };
}

function volumesOf({ resources }: Choice): ResourceJson[] {
  return resources.filter(({ volume }) => volume !== undefined);
}

function create(choice: Choice): Change | undefined {
  const disk = findDisk(choice);
  if (disk === undefined) return undefined;
  const kind = choice.isShared ? ({ shared: true } as const) : {};
  const created = disk.converted.map((entry) => ({ ...entry, volume: choice.volumeId, ...kind }));
  return { operations: [...disk.operations, { kind: "create", resources: created }], consumed: disk.consumed, converted: created };
}

function destroy(choice: Choice): Change | undefined {
  const entry = pick(volumesOf(choice), choice);
  if (entry === undefined) return undefined;
  const { volume: _volume, shared: _shared, ...disk } = entry;
  return { operations: [{ kind: "destroy", resources: [entry] }], consumed: [entry], converted: [disk] };
}

/** What it makes cannot be used by the same call, so nothing is put back into the purse. */
function growVolume(choice: Choice): Change | undefined {
  const volume = pick(volumesOf(choice), choice);
  const disk = findDisk(choice);
  const addition = disk?.converted[0];
  if (volume === undefined || disk === undefined || addition === undefined) return undefined;
  const operations = [...disk.operations, { kind: "growVolume", resources: [volume], addition } as const];
  return { operations, consumed: [volume, ...disk.consumed], converted: [] };
}

function shrinkVolume(choice: Choice): Change | undefined {
  const volume = pick(
    volumesOf(choice).filter(({ milli = 0 }) => milli > 1),
    choice,
  );
  if (volume === undefined) return undefined;
  const subtractMilli = Math.floor((volume.milli ?? 0) / 2);
  return { operations: [{ kind: "shrinkVolume", resources: [volume], subtractMilli }], consumed: [volume], converted: [] };
}
