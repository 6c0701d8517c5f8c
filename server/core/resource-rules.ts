/**
 * Rules of operations on resources that hold for whoever asks: a framework with its offers, or an operator. They answer what follows the
 * path of the field. Source: Mesos master/validation.cpp, operation::validate.
 */

import { excerpt } from "../../common/excerpt.ts";
import type { Resource } from "../../common/resource.ts";
import { conversionOf, isPersistentVolume, type ResourceOperation, topReservation } from "../../common/resource-operations.ts";
import { containsResources, describeResources, type Resources, unallocateResources } from "../../common/resources.ts";
import type { Agent } from "./state.ts";

/** What an operation of a framework and an order of an operator do not have in common. */
export interface OperationRules {
  /** Where the operation is in its call. */
  readonly path: string;
  readonly reserve: (operation: Reservation) => string | undefined;
  readonly create: EntryRule;
}

export type Reservation = Extract<ResourceOperation, { kind: "reserve" }>;

/** The first rule that the operation breaks. */
export function ruleProblem(operation: ResourceOperation, agent: Agent, { path, reserve, create }: OperationRules): string | undefined {
  switch (operation.kind) {
    case "reserve":
      return reserve(operation);
    case "unreserve":
      return firstProblem(`${path}.resources`, operation.resources, unreserveProblem);
    case "create":
      return firstProblem(`${path}.volumes`, operation.volumes, create) ?? volumeIdProblem(`${path}.volumes`, operation.volumes, agent);
    case "destroy":
      return (
        firstProblem(`${path}.volumes`, operation.volumes, existingVolumeProblem) ??
        volumeInUseProblem(`${path}.volumes`, operation.volumes, agent)
      );
    case "growVolume":
      return inField(path, resizeProblem(operation.volume) ?? additionProblem(operation.volume, operation.addition));
    case "shrinkVolume":
      return inField(path, resizeProblem(operation.volume) ?? subtractProblem(operation.volume, operation.subtractMilli));
  }
}

/** What follows the path of an entry: " must not be shared", ".disk.volume must be set". */
export type EntryRule = (entry: Resource) => string | undefined;

/** Entries are sorted and merged by now, so that only that of a list of one has its place in the message. */
export function firstProblem(path: string, resources: Resources, rule: EntryRule): string | undefined {
  for (const entry of resources) {
    const problem = rule(entry);
    if (problem !== undefined) return `${path}${resources.length === 1 ? "[0]" : ` (${excerpt(entry.name)})`}${problem}`;
  }
  return undefined;
}

function inField(path: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${path}.${problem}`;
}

function unreserveProblem(entry: Resource): string | undefined {
  if (topReservation(entry)?.type !== "DYNAMIC") return " must carry a reservation of type DYNAMIC, which is what UNRESERVE takes away";
  return isPersistentVolume(entry) ? " must not be a persistent volume: DESTROY comes first" : undefined;
}

/** What a new volume must say of itself. */
export function newVolumeProblem({ disk }: Resource): string | undefined {
  if (disk?.persistence === undefined) return ".disk.persistence must be set: an id of your own";
  if (disk.volume === undefined) return ".disk.volume must be set: mode RW and a relative container_path";
  return disk.volume.mode === "RW" ? undefined : `.disk.volume.mode must be RW, is ${disk.volume.mode}`;
}

/** An id names one volume of its role on its agent. */
function volumeIdProblem(path: string, volumes: Resources, agent: Agent): string | undefined {
  const used = new Set(agent.total.filter(isPersistentVolume).map(volumeName));
  for (const volume of volumes) {
    const name = volumeName(volume);
    if (used.has(name) || volume.copies !== undefined) {
      return `${path}: disk.persistence.id must be new for its role on the agent, is ${volume.disk?.persistence?.id}`;
    }
    used.add(name);
  }
  return undefined;
}

function volumeName(entry: Resource): string | undefined {
  const id = entry.disk?.persistence?.id;
  return id === undefined ? undefined : `${topReservation(entry)?.role} ${id}`;
}

function existingVolumeProblem(entry: Resource): string | undefined {
  return isPersistentVolume(entry) ? undefined : " must be a persistent volume";
}

/** A volume that is shared is offered while tasks use it. */
function volumeInUseProblem(path: string, volumes: Resources, agent: Agent): string | undefined {
  const wanted = unallocateResources(volumes).filter(({ shared }) => shared === true);
  if (wanted.length === 0) return undefined;
  for (const { taskId, resources, holdsResources } of agent.tasks) {
    if (!holdsResources || !isAnyHeld(wanted, resources)) continue;
    return `${path} must not be in use, task ${taskId} of agent ${agent.agentId} uses it`;
  }
  return undefined;
}

function isAnyHeld(wanted: Resources, held: Resources): boolean {
  const unallocated = unallocateResources(held);
  return wanted.some((entry) => containsResources(unallocated, [entry]));
}

function resizeProblem(volume: Resource): string | undefined {
  if (!isPersistentVolume(volume)) return "volume must be a persistent volume";
  if (volume.shared === true) return "volume must not be shared";
  return volume.disk?.source?.type === "MOUNT" ? "volume must not be on a MOUNT disk" : undefined;
}

function additionProblem(volume: Resource, addition: Resource): string | undefined {
  if (isPersistentVolume(addition)) return "addition must not be a persistent volume";
  if (addition.value.kind !== "scalar" || addition.value.milli <= 0) return "addition must be more than 0";
  const asAddition = conversionOf({ kind: "destroy", volumes: [volume] }).converted;
  const sized = asAddition.map((entry) => ({ ...entry, value: addition.value }));
  if (containsResources(unallocateResources(sized), unallocateResources([addition]))) return undefined;
  return `addition must be of the kind that the volume is made of: ${describeResources(asAddition)}; is ${describeResources([addition])}`;
}

function subtractProblem({ value }: Resource, subtractMilli: number): string | undefined {
  if (subtractMilli <= 0) return "subtract must be more than 0";
  const size = value.kind === "scalar" ? value.milli : 0;
  return subtractMilli < size ? undefined : `subtract must be less than the volume's size, ${size / 1000}, is ${subtractMilli / 1000}`;
}
