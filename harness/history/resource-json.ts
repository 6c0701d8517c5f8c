/** Resources as the history writes them: by name, with what tells them apart. */

import type { Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import { Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";

export interface ReservationJson {
  readonly role: string;
  /** By an operation, and not by the flags of the agent. */
  readonly dynamic: boolean;
}

export interface ResourceJson {
  readonly name: string;
  /** Scalars in thousandths. */
  readonly milli?: number;
  readonly ranges?: readonly (readonly [begin: number, end: number])[];
  readonly items?: readonly string[];
  readonly role?: string;
  /** From the least to the most refined; absent when unreserved. */
  readonly reservations?: readonly ReservationJson[];
  /** A disk of its own, as "PATH /data" or "MOUNT /mnt/1". */
  readonly source?: string;
  /** The id of a persistent volume. */
  readonly volume?: string;
  /** Several tasks may hold the volume at once. */
  readonly shared?: true;
}

export function toResourceJson(resource: Resource): ResourceJson {
  const role = resource.allocationInfo?.role ?? "";
  const volume = resource.disk?.persistence?.id;
  const reservations = resource.reservations.map((one) => ({ role: one.role ?? "", dynamic: one.type === 2 }));
  return {
    name: resource.name,
    ...(resource.scalar === undefined ? {} : { milli: Math.round(resource.scalar.value * 1000) }),
    ...(resource.ranges === undefined
      ? {}
      : { ranges: resource.ranges.range.map((range) => [Number(range.begin), Number(range.end)] as const) }),
    ...(resource.set === undefined ? {} : { items: resource.set.item }),
    ...(role === "" ? {} : { role }),
    ...(reservations.length === 0 ? {} : { reservations }),
    ...toSourceJson(resource),
    ...(volume === undefined ? {} : { volume }),
    ...(resource.shared === undefined ? {} : { shared: true }),
  };
}

/** The message; a volume is seen by tasks at a path of its id. */
export function fromResourceJson(json: ResourceJson): Resource {
  return {
    name: json.name,
    ...toValue(json),
    ...(json.role === undefined ? {} : { allocationInfo: { role: json.role } }),
    reservations: (json.reservations ?? []).map(({ role, dynamic }) => ({ type: dynamic ? 2 : 1, role })),
    ...toDisk(json),
    ...(json.shared === true ? { shared: {} } : {}),
  };
}

/** Names what an entry is, apart from how much of it and for whom. A volume is given as a whole, so its size belongs to it. */
export function kindOf({ name, milli, reservations = [], source, volume, shared }: ResourceJson): string {
  const owners = reservations.map(({ role, dynamic }) => `${dynamic ? "dynamic" : "static"} ${role}`);
  const size = volume === undefined ? [] : [`${shared === true ? "shared " : ""}volume ${volume} of ${milli} thousandths`];
  return [name, ...owners, ...(source === undefined ? [] : [source]), ...size].join(", ");
}

/** Whether it is given as a whole or not at all. */
export function isWhole({ source, volume }: ResourceJson): boolean {
  return volume !== undefined || source?.startsWith("MOUNT ") === true;
}

function toSourceJson({ disk }: Resource): Pick<ResourceJson, "source"> {
  const { path, mount } = disk?.source ?? {};
  if (path?.root !== undefined) return { source: `PATH ${path.root}` };
  return mount?.root === undefined ? {} : { source: `MOUNT ${mount.root}` };
}

function toDisk({ source, volume }: ResourceJson): Pick<Resource, "disk"> {
  if (source === undefined && volume === undefined) return {};
  const [type, root] = source?.split(" ") ?? [];
  return {
    disk: {
      ...(volume === undefined ? {} : { persistence: { id: volume }, volume: { mode: 1, containerPath: `volume-${volume}` } }),
      ...(type === "PATH" ? { source: { type: 1, path: { root } } } : {}),
      ...(type === "MOUNT" ? { source: { type: 2, mount: { root } } } : {}),
    },
  };
}

function toValue(json: ResourceJson): Pick<Resource, "type" | "scalar" | "ranges" | "set"> {
  if (json.milli !== undefined) return { type: Value_Type.SCALAR, scalar: { value: json.milli / 1_000 } };
  if (json.ranges !== undefined) {
    return { type: Value_Type.RANGES, ranges: { range: json.ranges.map(([begin, end]) => ({ begin: BigInt(begin), end: BigInt(end) })) } };
  }
  return { type: Value_Type.SET, set: { item: [...(json.items ?? [])] } };
}
