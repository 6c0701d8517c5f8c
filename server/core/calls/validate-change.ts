/**
 * The rules that an operation on offered resources must keep; what breaks one becomes OPERATION_ERROR with the rule as its message.
 * Source: Mesos master/validation.cpp, operation::validate.
 */

import { describeShortage } from "../../../common/describe-shortage.ts";
import { excerpt } from "../../../common/excerpt.ts";
import { idProblem } from "../../../common/ids.ts";
import type { Resource } from "../../../common/resource.ts";
import { conversionOf, isPersistentVolume, type ResourceOperation, topReservation } from "../../../common/resource-operations.ts";
import { allocateResources, containsResources, describeResources, type Resources, unallocateResources } from "../../../common/resources.ts";
import { defaultRole } from "../../../common/roles.ts";
import { hasCapability } from "../capabilities.ts";
import { operationsPerFrameworkMax } from "../limits.ts";
import type { Framework, Offer } from "../state.ts";
import type { ChangeDescription } from "./call.ts";

export interface ChangeContext {
  readonly framework: Framework;
  readonly offer: Offer;
  /** What earlier operations of the call left of the offers, with their role. */
  readonly usable: Resources;
}

/** The first rule that the operation breaks. */
export function changeProblem({ operationId, operation }: ChangeDescription, context: ChangeContext): string | undefined {
  if (operation === undefined) return "the operation must be set";
  const { framework, offer, usable } = context;
  const idRule = operationId === undefined ? undefined : operationIdProblem(framework, operationId);
  if (idRule !== undefined) return `id ${idRule}`;
  const { consumed, converted } = conversionOf(operation);
  const foreign = [...consumed, ...converted].find(({ allocationRole }) => allocationRole !== undefined && allocationRole !== offer.role);
  if (foreign !== undefined) {
    return `resources must be allocated to role "${offer.role}", ${excerpt(foreign.name)} is to "${excerpt(foreign.allocationRole ?? "")}"`;
  }
  const problem = problemOfKind(operation, context);
  if (problem !== undefined) return problem;
  const needed = allocateResources(consumed, offer.role);
  if (containsResources(usable, needed)) return undefined;
  // Of shared volumes one covers several, but not when they are to go.
  const shortage = describeShortage(needed, { left: usable, total: offer.agent.total });
  const amounts = `left are ${describeResources(usable)}; asked are ${describeResources(needed)}`;
  return `resources must be in what is left of the offers: ${shortage === undefined ? "" : `${shortage}; `}${amounts}`;
}

function operationIdProblem(framework: Framework, operationId: string): string | undefined {
  if (framework.operations.size >= operationsPerFrameworkMax) {
    return `must not be set while ${operationsPerFrameworkMax} operations of the framework wait for their acknowledgement`;
  }
  const isUsed = [...framework.operations.values()].some(({ key }) => key.operationId === operationId);
  return isUsed ? `must not be in use, ${operationId} is an operation of this framework` : idProblem(operationId);
}

function problemOfKind(operation: ResourceOperation, context: ChangeContext): string | undefined {
  switch (operation.kind) {
    case "reserve":
      return operation.source.length > 0
        ? "operation.reserve.source must be empty"
        : firstProblem("operation.reserve.resources", operation.resources, (entry) => reserveProblem(entry, context));
    case "unreserve":
      return firstProblem("operation.unreserve.resources", operation.resources, unreserveProblem);
    case "create":
      return (
        firstProblem("operation.create.volumes", operation.volumes, (entry) => createProblem(entry, context)) ??
        volumeIdProblem(operation.volumes, context.offer)
      );
    case "destroy":
      return (
        firstProblem("operation.destroy.volumes", operation.volumes, existingVolumeProblem) ??
        volumeInUseProblem(operation.volumes, context.offer)
      );
    case "growVolume":
      return inField("operation.grow_volume", resizeProblem(operation.volume) ?? additionProblem(operation.volume, operation.addition));
    case "shrinkVolume":
      return inField(
        "operation.shrink_volume",
        resizeProblem(operation.volume) ?? subtractProblem(operation.volume, operation.subtractMilli),
      );
  }
}

/** What follows the path of an entry: " must not be shared", ".disk.volume must be set". */
type EntryRule = (entry: Resource) => string | undefined;

/** Entries are sorted and merged by now, so that only that of a list of one has its place in the message. */
function firstProblem(path: string, resources: Resources, rule: EntryRule): string | undefined {
  for (const entry of resources) {
    const problem = rule(entry);
    if (problem !== undefined) return `${path}${resources.length === 1 ? "[0]" : ` (${excerpt(entry.name)})`}${problem}`;
  }
  return undefined;
}

function inField(path: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${path}.${problem}`;
}

function reserveProblem(entry: Resource, { framework, offer }: ChangeContext): string | undefined {
  const { description } = framework;
  const top = topReservation(entry);
  if (offer.role === defaultRole) return ' must not be of offers to role "*": subscribe with a role of your own';
  if (top?.type !== "DYNAMIC") {
    const found = top === undefined ? "none" : `one of type ${top.type}`;
    return ` must carry a reservation of type DYNAMIC for role "${offer.role}", has ${found}`;
  }
  if (entry.revocable === true) return " must not be revocable";
  if (isPersistentVolume(entry)) return " must not be a persistent volume";
  if (top.role !== offer.role) return ` must be reserved for role "${offer.role}", the role of the offers, is for "${excerpt(top.role)}"`;
  const { principal } = description;
  if (principal !== undefined && top.principal !== principal) {
    return ` must be reserved by principal "${principal}", the framework's own, is by "${excerpt(top.principal ?? "")}"`;
  }
  const isRefining = hasCapability(description, "reservationRefinement");
  return entry.reservations.length > 1 && !isRefining ? " must not refine a reservation without RESERVATION_REFINEMENT" : undefined;
}

function unreserveProblem(entry: Resource): string | undefined {
  if (topReservation(entry)?.type !== "DYNAMIC") return " must carry a reservation of type DYNAMIC, which is what UNRESERVE takes away";
  return isPersistentVolume(entry) ? " must not be a persistent volume: DESTROY comes first" : undefined;
}

function createProblem(entry: Resource, { framework }: ChangeContext): string | undefined {
  const { disk } = entry;
  if (disk?.persistence === undefined) return ".disk.persistence must be set: an id of your own";
  if (disk.volume === undefined) return ".disk.volume must be set: mode RW and a relative container_path";
  if (disk.volume.mode !== "RW") return `.disk.volume.mode must be RW, is ${disk.volume.mode}`;
  if (entry.shared === true && !hasCapability(framework.description, "sharedResources"))
    return " must not be shared without SHARED_RESOURCES";
  const { principal } = framework.description;
  if (principal === undefined || disk.persistence.principal === principal) return undefined;
  return `.disk.persistence.principal must be "${principal}", the framework's own, is "${excerpt(disk.persistence.principal ?? "")}"`;
}

/** An id names one volume of its role on its agent. */
function volumeIdProblem(volumes: Resources, { agent }: Offer): string | undefined {
  const used = new Set(agent.total.filter(isPersistentVolume).map(volumeName));
  for (const volume of volumes) {
    const name = volumeName(volume);
    if (used.has(name) || volume.copies !== undefined) {
      return `operation.create.volumes: disk.persistence.id must be new for its role on the agent, is ${volume.disk?.persistence?.id}`;
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
function volumeInUseProblem(volumes: Resources, { agent }: Offer): string | undefined {
  const wanted = unallocateResources(volumes).filter(({ shared }) => shared === true);
  if (wanted.length === 0) return undefined;
  for (const { taskId, resources, holdsResources } of agent.tasks) {
    if (!holdsResources || !isAnyHeld(wanted, resources)) continue;
    return `operation.destroy.volumes must not be in use, task ${taskId} of agent ${agent.agentId} uses it`;
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
