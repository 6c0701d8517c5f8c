/** The rules of an operator's order about resources; its refusal names field, rule and value. */

import { excerpt } from "../../../common/excerpt.ts";
import type { Resource } from "../../../common/resource.ts";
import { flaggedForCreated, isPersistentVolume, type ResourceOperation, topReservation } from "../../../common/resource-operations.ts";
import { describeResources, equalResources, type Resources } from "../../../common/resources.ts";
import { defaultRole } from "../../../common/roles.ts";
import { firstProblem, newVolumeProblem, type Reservation, ruleProblem } from "../resource-rules.ts";
import type { Agent } from "../state.ts";

/** The first rule that the order breaks. `call` is the message's name in the protocol. */
export function resourceOrderProblem(call: string, operation: ResourceOperation, agent: Agent): string | undefined {
  const reserve = (reservation: Reservation): string | undefined =>
    firstProblem(`${call}.resources`, reservation.resources, reserveProblem) ?? sourceProblem(call, reservation);
  return ruleProblem(operation, agent, { path: call, reserve, create: createProblem });
}

function reserveProblem(entry: Resource): string | undefined {
  const top = topReservation(entry);
  if (top?.type !== "DYNAMIC") {
    return ` must carry a reservation of type DYNAMIC, has ${top === undefined ? "none" : `one of type ${top.type}`}`;
  }
  if (top.role === defaultRole) return ' must not be reserved for role "*"';
  if (entry.revocable === true) return " must not be revocable";
  return isPersistentVolume(entry) ? " must not be a persistent volume" : undefined;
}

/** What is reserved anew: the same resources, with reservations of an operator or a framework in place of others. */
function sourceProblem(call: string, { source, resources }: Reservation): string | undefined {
  if (source.length === 0) return undefined;
  const problem = firstProblem(`${call}.source`, source, (entry) =>
    isPersistentVolume(entry) ? " must not be a persistent volume" : undefined,
  );
  if (problem !== undefined) return problem;
  const [before, after]: Resources[] = [flaggedForCreated(source), flaggedForCreated(resources)];
  if (before !== undefined && after !== undefined && equalResources(before, after)) return undefined;
  const [has, wants] = [source, resources].map((list) => excerpt(describeResources(list)));
  return `${call}.source must be what ${call}.resources are without dynamic reservations, is ${has} for ${wants}`;
}

function createProblem(entry: Resource): string | undefined {
  const problem = newVolumeProblem(entry);
  if (problem !== undefined) return problem;
  return topReservation(entry) === undefined ? " must be reserved: a volume is of a role" : undefined;
}
