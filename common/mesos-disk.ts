/** Between mesos.v1.Resource.DiskInfo and `Disk`. What only resource providers have (BLOCK, RAW, vendors, profiles) is refused by name. */

import type { Resource_DiskInfo, Resource_DiskInfo_Source, Volume } from "../protos/gen/mesos/v1/mesos.ts";
import { idProblem } from "./ids.ts";
import type { Disk, VolumePlace } from "./resource.ts";
import { type Result, refuse, succeed } from "./result.ts";

/** Longest path of a file system. */
const pathMaxLength = 4_096;

/** Reads the description of a disk resource; undefined when it says nothing. */
export function readDisk(message: Resource_DiskInfo, path: string): Result<Disk | undefined> {
  const { persistence, volume, source } = message;
  if (persistence === undefined && volume === undefined && source === undefined) return succeed(undefined);
  if (volume !== undefined && persistence === undefined) return invalid(`${path}.volume`, "must not be set without persistence");
  if (persistence !== undefined) {
    const problem = idProblem(persistence.id);
    if (problem !== undefined) return invalid(`${path}.persistence.id`, problem);
  }
  const place = volume === undefined ? undefined : readPlace(volume, `${path}.volume`);
  if (place !== undefined && !place.ok) return place;
  const from = source === undefined ? undefined : readSource(source, `${path}.source`);
  if (from !== undefined && !from.ok) return from;
  const owner = persistence?.principal === undefined ? {} : { principal: persistence.principal };
  return succeed({
    ...(persistence === undefined ? {} : { persistence: { id: persistence.id, ...owner } }),
    ...(place === undefined ? {} : { volume: place.value }),
    ...(from === undefined ? {} : { source: from.value }),
  });
}

export function writeDisk({ persistence, volume, source }: Disk): Resource_DiskInfo {
  const root = source?.root === undefined ? {} : { root: source.root };
  return {
    persistence: persistence === undefined ? undefined : { id: persistence.id, principal: persistence.principal },
    volume: volume === undefined ? undefined : { mode: volume.mode === "RW" ? 1 : 2, containerPath: volume.containerPath },
    source:
      source === undefined
        ? undefined
        : { type: source.type === "PATH" ? 1 : 2, ...(source.type === "PATH" ? { path: root } : { mount: root }) },
  };
}

function readPlace({ mode, containerPath, hostPath, image, source }: Volume, path: string): Result<VolumePlace> {
  if (hostPath !== undefined) return invalid(`${path}.host_path`, "must not be set for a persistent volume");
  if (image !== undefined) return invalid(`${path}.image`, "must not be set for a persistent volume");
  if (source !== undefined) return invalid(`${path}.source`, "must not be set for a persistent volume");
  if (mode !== 1 && mode !== 2) return invalid(`${path}.mode`, "must be RW or RO");
  const problem = pathProblem(containerPath);
  if (problem !== undefined) return invalid(`${path}.container_path`, problem);
  return succeed({ containerPath, mode: mode === 1 ? "RW" : "RO" });
}

/** Tasks are plain processes in their sandbox: a volume can be shown to them in there and nowhere else. */
function pathProblem(containerPath: string): string | undefined {
  if (containerPath.length === 0) return "must not be empty";
  if (containerPath.length > pathMaxLength) return `must have at most ${pathMaxLength} characters, has ${containerPath.length}`;
  if (containerPath.includes("\0")) return "must not contain U+0000";
  if (containerPath.startsWith("/")) return `must be relative to the sandbox, is "${containerPath}"`;
  const parts = containerPath.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return `must not have empty, "." or ".." parts, is "${containerPath}"`;
  return undefined;
}

function readSource(source: Resource_DiskInfo_Source, path: string): Result<NonNullable<Disk["source"]>> {
  const { type, path: pathDisk, mount } = source;
  if (type !== 1 && type !== 2)
    return invalid(`${path}.type`, "must be PATH or MOUNT: other disks come from resource providers, which are not supported");
  if (type === 1 && mount !== undefined) return invalid(`${path}.mount`, "must not be set for a PATH disk");
  if (type === 2 && pathDisk !== undefined) return invalid(`${path}.path`, "must not be set for a MOUNT disk");
  const foreign = foreignField(source);
  if (foreign !== undefined) return invalid(`${path}.${foreign}`, "is for disks of resource providers, which are not supported");
  const root = type === 1 ? pathDisk?.root : mount?.root;
  if (root === undefined || root === "") return invalid(`${path}.${type === 1 ? "path" : "mount"}.root`, "must be set");
  return succeed({ type: type === 1 ? "PATH" : "MOUNT", root });
}

/** The first field that only disks of resource providers have. */
function foreignField({ vendor, id, metadata, profile }: Resource_DiskInfo_Source): string | undefined {
  if (vendor !== undefined) return "vendor";
  if (id !== undefined) return "id";
  if (metadata !== undefined) return "metadata";
  return profile === undefined ? undefined : "profile";
}

function invalid(path: string, rule: string): ReturnType<typeof refuse> {
  return refuse("INVALID_ARGUMENT", `${path} ${rule}`);
}
