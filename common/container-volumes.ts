/**
 * The volumes of a ContainerInfo: what the protocol asks of them, and which of them an agent can show a task. Tasks are plain processes in
 * their sandbox, so a volume is a link there, and one for reading is mounted for its container alone. A problem names the field from the
 * ContainerInfo on, the rule and the value.
 */

import {
  type Volume,
  Volume_Mode,
  type Volume_Source,
  Volume_Source_SandboxPath_Type,
  Volume_Source_Type,
} from "../protos/gen/mesos/v1/mesos.ts";
import { excerpt } from "./excerpt.ts";

/** Each is a link that the agent makes while others wait for their launch. */
export const containerVolumesMax = 100;

/** PATH_MAX of Linux, with room for the sandbox in front. */
const pathLengthMax = 2_048;

/** What the agent makes in a sandbox itself: a volume would take its place. */
const takenNames: readonly string[] = ["stdout", "stderr", ".tepui-environment", "containers"];

/** Where a volume leads. */
export type VolumeTarget =
  /** Of the agent's machine; absolute. */
  | { readonly kind: "host"; readonly path: string }
  /** Within the task's own sandbox. */
  | { readonly kind: "own"; readonly path: string }
  /** A folder of this name beside the sandboxes of the tasks of one default executor. */
  | { readonly kind: "shared"; readonly name: string };

/** The form that the reference checks of each volume, whoever is to run the task. */
export function findVolumesFormProblem(volumes: readonly Volume[]): string | undefined {
  for (const [index, volume] of volumes.entries()) {
    const path = `volumes[${index}]`;
    const kinds = (["hostPath", "image", "source"] as const).filter((name) => volume[name] !== undefined).map(toFieldName);
    if (kinds.length !== 1) {
      return `${path} must have exactly one of host_path, image and source, has ${kinds.length === 0 ? "none" : kinds.join(" and ")}`;
    }
    const problem = volume.source && findSourceFormProblem(volume.source);
    if (problem !== undefined) return `${path}.source.${problem}`;
  }
  return undefined;
}

/** What of volumes of a good form no agent can do. `isGroupMember`: the task is one of a default executor. */
export function findVolumesProblem(volumes: readonly Volume[], isGroupMember: boolean): string | undefined {
  if (volumes.length > containerVolumesMax) return `volumes must have at most ${containerVolumesMax} entries, has ${volumes.length}`;
  for (const [index, volume] of volumes.entries()) {
    const problem = findVolumeProblem(volume, isGroupMember);
    if (problem !== undefined) return `volumes[${index}].${problem}`;
  }
  return findOverlap(volumes) ?? findModeConflict(volumes);
}

/** Of a volume without a problem. */
export function volumeTarget({ hostPath, source }: Volume): VolumeTarget {
  if (source?.sandboxPath !== undefined) {
    const { type, path } = source.sandboxPath;
    return type === Volume_Source_SandboxPath_Type.PARENT ? { kind: "shared", name: path } : { kind: "own", path };
  }
  const path = source?.hostPath?.path ?? hostPath ?? "";
  // The older way to name a folder of the sandbox.
  return path.startsWith("/") ? { kind: "host", path } : { kind: "own", path };
}

type SourceField = Exclude<keyof Volume_Source, "type">;

const sourceFields: ReadonlyMap<number, readonly [name: string, field: SourceField]> = new Map([
  [Volume_Source_Type.DOCKER_VOLUME, ["DOCKER_VOLUME", "dockerVolume"]],
  [Volume_Source_Type.HOST_PATH, ["HOST_PATH", "hostPath"]],
  [Volume_Source_Type.SANDBOX_PATH, ["SANDBOX_PATH", "sandboxPath"]],
  [Volume_Source_Type.SECRET, ["SECRET", "secret"]],
  [Volume_Source_Type.CSI_VOLUME, ["CSI_VOLUME", "csiVolume"]],
]);

function findSourceFormProblem(source: Volume_Source): string | undefined {
  const known = sourceFields.get(source.type ?? Volume_Source_Type.UNKNOWN);
  if (known === undefined) return "type must be HOST_PATH, SANDBOX_PATH, DOCKER_VOLUME, SECRET or CSI_VOLUME, is not set";
  const [name, field] = known;
  return source[field] === undefined ? `${toFieldName(field)} must be set for the type ${name}` : undefined;
}

function findVolumeProblem(volume: Volume, isGroupMember: boolean): string | undefined {
  const rule = pathProblem(volume.containerPath) ?? takenProblem(volume.containerPath);
  if (rule !== undefined) return `container_path ${rule}`;
  if (volume.image !== undefined) return "image must be absent: no agent has images";
  if (volume.source !== undefined) {
    const problem = findSourceProblem(volume.source, isGroupMember);
    return problem === undefined ? undefined : `source.${problem}`;
  }
  const hostPath = volume.hostPath ?? "";
  const problem = hostPath.startsWith("/") ? hostPathProblem(hostPath) : pathProblem(hostPath);
  return problem === undefined ? undefined : `host_path ${problem}`;
}

function findSourceProblem({ type, hostPath, sandboxPath }: Volume_Source, isGroupMember: boolean): string | undefined {
  if (type === Volume_Source_Type.HOST_PATH && hostPath !== undefined) {
    if (hostPath.mountPropagation !== undefined) return "host_path.mount_propagation must be absent: volumes are links and no mounts";
    const problem = hostPathProblem(hostPath.path);
    return problem === undefined ? undefined : `host_path.path ${problem}`;
  }
  if (type !== Volume_Source_Type.SANDBOX_PATH || sandboxPath === undefined) {
    return `type must be HOST_PATH or SANDBOX_PATH, is ${sourceFields.get(type ?? 0)?.[0] ?? "not set"}`;
  }
  const { type: place, path } = sandboxPath;
  if (place !== Volume_Source_SandboxPath_Type.SELF && place !== Volume_Source_SandboxPath_Type.PARENT)
    return "sandbox_path.type must be SELF or PARENT, is not set";
  const isParent = place === Volume_Source_SandboxPath_Type.PARENT;
  if (isParent && !isGroupMember) return "sandbox_path.type must be SELF for a task that is in no group of a default executor, is PARENT";
  const problem = pathProblem(path) ?? takenProblem(path) ?? (isParent ? nameProblem(path) : undefined);
  return problem === undefined ? undefined : `sandbox_path.path ${problem}`;
}

/** Of a path within a sandbox. */
function pathProblem(path: string): string | undefined {
  const problem = lengthProblem(path);
  if (problem !== undefined) return problem;
  if (path.startsWith("/")) return `must be relative to the sandbox, is "${excerpt(path)}"`;
  const isBad = path.split("/").some((part) => part === "" || part === "." || part === "..");
  return isBad ? `must not have empty, "." or ".." parts, is "${excerpt(path)}"` : undefined;
}

function hostPathProblem(path: string): string | undefined {
  return lengthProblem(path) ?? (path.startsWith("/") ? undefined : `must be absolute, is "${excerpt(path)}"`);
}

function lengthProblem(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path.includes("\0")) return "must not contain U+0000";
  return path.length > pathLengthMax ? `must have at most ${pathLengthMax} characters, has ${path.length}` : undefined;
}

function takenProblem(path: string): string | undefined {
  const [first = ""] = path.split("/");
  return takenNames.includes(first) ? `must not begin with one of ${takenNames.join(", ")}, is "${excerpt(path)}"` : undefined;
}

/** Only the agent can write there, so nobody can put a link in the way; deeper down the tasks can. */
function nameProblem(path: string): string | undefined {
  return path.includes("/") ? `must be one name for the type PARENT, is "${excerpt(path)}"` : undefined;
}

/** Links that lead through each other, or to themselves. */
function findOverlap(volumes: readonly Volume[]): string | undefined {
  for (const [index, { containerPath }] of volumes.entries()) {
    const path = `volumes[${index}].container_path`;
    const is = `is "${excerpt(containerPath)}"`;
    if (volumes.some((other, place) => place < index && overlaps(other.containerPath, containerPath))) {
      return `${path} must not be, hold or lie within that of another volume, ${is}`;
    }
    const isSource = volumes.map(volumeTarget).some((target) => target.kind === "own" && overlaps(target.path, containerPath));
    if (isSource) return `${path} must not be, hold or lie within a folder of the sandbox that is a volume, ${is}`;
  }
  return undefined;
}

/** What is for reading is so by every way to it. */
function findModeConflict(volumes: readonly Volume[]): string | undefined {
  const targets = volumes.map((volume) => ({ ...volumeTarget(volume), mode: volume.mode }));
  for (const [index, one] of targets.entries()) {
    const other = targets.findIndex((each) => each.mode !== one.mode && each.kind === one.kind && overlaps(placeOf(each), placeOf(one)));
    if (other >= 0 && one.mode === Volume_Mode.RO)
      return `volumes[${index}].mode must be that of volumes[${other}], which leads there, too, is RO`;
  }
  return undefined;
}

function placeOf(target: VolumeTarget): string {
  return target.kind === "shared" ? target.name : target.path;
}

function overlaps(left: string, right: string): boolean {
  return `${left}/`.startsWith(`${right}/`) || `${right}/`.startsWith(`${left}/`);
}

function toFieldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
