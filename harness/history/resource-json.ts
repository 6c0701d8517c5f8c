/** Resources as the history writes them: by name, with what tells them apart. */

import type { Resource_DiskInfo as DiskInfo, Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import { Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";

export interface ReservationJson {
  readonly role: string;
  /** By an operation, and not by the flags of the agent. */
  readonly dynamic: boolean;
}

export interface ResourceJson {
  readonly name: string;
  /** Scalars in thousandths. */
  readonly milli?: number | undefined;
  readonly ranges?: readonly (readonly [begin: number, end: number])[] | undefined;
  readonly items?: readonly string[] | undefined;
  readonly role?: string | undefined;
  /** From the least to the most refined; absent when unreserved. */
  readonly reservations?: readonly ReservationJson[] | undefined;
  /** A disk of its own, as "PATH /data" or "MOUNT /mnt/1". */
  readonly source?: string | undefined;
  /** The id of a persistent volume. */
  readonly volume?: string | undefined;
  /** Several tasks may hold the volume at once. */
  readonly shared?: true | undefined;
}

export function toResourceJson(resource: Resource): ResourceJson {
  const { name, scalar, ranges, set, allocationInfo, reservations, disk, shared } = resource;
  const role = allocationInfo?.role ?? "";
  // A history has very many of these: absent parts are there and undefined, since objects of one form are read much faster.
  return {
    name,
    milli: scalar === undefined ? undefined : Math.round(scalar.value * 1000),
    ranges: ranges === undefined ? undefined : ranges.range.map((range) => [Number(range.begin), Number(range.end)] as const),
    items: set === undefined ? undefined : set.item,
    role: role === "" ? undefined : role,
    reservations: reservations.length === 0 ? undefined : reservations.map(toReservationJson),
    source: disk === undefined ? undefined : toSource(disk),
    volume: disk?.persistence?.id,
    shared: shared === undefined ? undefined : true,
  };
}

function toReservationJson({ role, type }: Resource["reservations"][number]): ReservationJson {
  return { role: role ?? "", dynamic: type === 2 };
}

/** The message; a volume is seen by tasks at a path of its id. */
export function fromResourceJson(json: ResourceJson): Resource {
  return {
    providerId: undefined,
    name: json.name,
    ...toValue(json),
    role: undefined,
    allocationInfo: json.role === undefined ? undefined : { role: json.role },
    reservation: undefined,
    reservations: (json.reservations ?? []).map(({ role, dynamic }) => ({ type: dynamic ? 2 : 1, role })),
    disk: toDisk(json),
    revocable: undefined,
    shared: json.shared === true ? {} : undefined,
  };
}

/** Names what an entry is, apart from how much of it and for whom. A volume is given as a whole, so its size belongs to it. */
export function kindOf({ name, milli, reservations = [], source, volume, shared }: ResourceJson): string {
  if (reservations.length === 0 && source === undefined && volume === undefined) return name;
  const owners = reservations.map(({ role, dynamic }) => `${dynamic ? "dynamic" : "static"} ${role}`);
  const size = volume === undefined ? [] : [`${shared === true ? "shared " : ""}volume ${volume} of ${milli} thousandths`];
  return [name, ...owners, ...(source === undefined ? [] : [source]), ...size].join(", ");
}

/** Whether it is given as a whole or not at all. */
export function isWhole({ source, volume }: ResourceJson): boolean {
  return volume !== undefined || source?.startsWith("MOUNT ") === true;
}

function toSource({ source }: DiskInfo): string | undefined {
  const { path, mount } = source ?? {};
  if (path?.root !== undefined) return `PATH ${path.root}`;
  return mount?.root === undefined ? undefined : `MOUNT ${mount.root}`;
}

function toDisk({ source, volume }: ResourceJson): DiskInfo | undefined {
  if (source === undefined && volume === undefined) return undefined;
  const [type, root] = source?.split(" ") ?? [];
  return {
    ...(volume === undefined ? {} : { persistence: { id: volume }, volume: { mode: 1, containerPath: `volume-${volume}` } }),
    ...(type === "PATH" ? { source: { type: 1, path: { root } } } : {}),
    ...(type === "MOUNT" ? { source: { type: 2, mount: { root } } } : {}),
  };
}

function toValue({ milli, ranges, items }: ResourceJson): Pick<Resource, "type" | "scalar" | "ranges" | "set"> {
  const type = milli !== undefined ? Value_Type.SCALAR : ranges !== undefined ? Value_Type.RANGES : Value_Type.SET;
  return {
    type,
    scalar: type === Value_Type.SCALAR ? { value: (milli ?? 0) / 1_000 } : undefined,
    ranges: type === Value_Type.RANGES ? { range: (ranges ?? []).map(toRange) } : undefined,
    set: type === Value_Type.SET ? { item: [...(items ?? [])] } : undefined,
  };
}

function toRange([begin, end]: readonly [number, number]): { begin: bigint; end: bigint } {
  return { begin: BigInt(begin), end: BigInt(end) };
}
