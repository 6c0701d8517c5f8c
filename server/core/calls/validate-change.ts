/**
 * The rules that an operation on offered resources must keep; what breaks one becomes OPERATION_ERROR with the rule as its message.
 * Source: Mesos master/validation.cpp, operation::validate.
 */

import { describeShortage } from "../../../common/describe-shortage.ts";
import { excerpt } from "../../../common/excerpt.ts";
import { idProblem } from "../../../common/ids.ts";
import type { Resource } from "../../../common/resource.ts";
import { conversionOf, isPersistentVolume, type ResourceOperation, topReservation } from "../../../common/resource-operations.ts";
import { allocateResources, containsResources, describeResources, type Resources } from "../../../common/resources.ts";
import { defaultRole } from "../../../common/roles.ts";
import { hasCapability } from "../capabilities.ts";
import { operationsPerFrameworkMax } from "../limits.ts";
import { firstProblem, newVolumeProblem, type Reservation, ruleProblem } from "../resource-rules.ts";
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

/** The operation's field in the protocol. */
const fieldNames = {
  reserve: "reserve",
  unreserve: "unreserve",
  create: "create",
  destroy: "destroy",
  growVolume: "grow_volume",
  shrinkVolume: "shrink_volume",
} as const satisfies Record<ResourceOperation["kind"], string>;

function problemOfKind(operation: ResourceOperation, context: ChangeContext): string | undefined {
  const path = `operation.${fieldNames[operation.kind]}`;
  const reserve = ({ source, resources }: Reservation): string | undefined =>
    source.length > 0
      ? `${path}.source must be empty`
      : firstProblem(`${path}.resources`, resources, (entry) => reserveProblem(entry, context));
  return ruleProblem(operation, context.offer.agent, { path, reserve, create: (entry) => createProblem(entry, context) });
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

function createProblem(entry: Resource, { framework }: ChangeContext): string | undefined {
  const problem = newVolumeProblem(entry);
  if (problem !== undefined) return problem;
  if (entry.shared === true && !hasCapability(framework.description, "sharedResources"))
    return " must not be shared without SHARED_RESOURCES";
  const { principal } = framework.description;
  const owner = entry.disk?.persistence?.principal;
  if (principal === undefined || owner === principal) return undefined;
  return `.disk.persistence.principal must be "${principal}", the framework's own, is "${excerpt(owner ?? "")}"`;
}
