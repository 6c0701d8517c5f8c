/**
 * The operations of an ACCEPT that change what offered resources are reserved for, or the volumes on them. They take effect in the
 * master at once, so that later operations of the same call can build on them; the agent does the same when it hears of them.
 * Source: Mesos Master::accept.
 */

import type { OperationStatus } from "../../../common/operation-status.ts";
import { applyConversion, type Conversion, conversionOf, type ResourceOperation } from "../../../common/resource-operations.ts";
import { allocateResources, type Resources, toResources, unallocateResources } from "../../../common/resources.ts";
import { sendToAgent } from "../agents/connection.ts";
import { changeTotal, returnResources, takeResources } from "../allocator/accounting.ts";
import { offersOfShared, rescindOffer } from "../offers.ts";
import { addOperation, sendOperationStatus } from "../operations.ts";
import type { Framework, Offer } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { noteAgent } from "../watch.ts";
import type { ChangeDescription } from "./call.ts";
import { changeProblem } from "./validate-change.ts";

/** Answers what the operation made of the usable resources, with the role of the offers; undefined when it is refused. */
export function changeResources(
  turn: Turn,
  offer: Offer,
  { description, usable }: { description: ChangeDescription; usable: Resources },
): Conversion | undefined {
  const { framework, agent, role } = offer;
  const { operation } = description;
  const problem = description.problem ?? changeProblem(description, { framework, offer, usable });
  if (problem !== undefined || operation === undefined) {
    refuseChange(turn, framework, description, problem ?? "the operation must be set");
    return undefined;
  }
  const conversion = conversionOf(mapResources(operation, (resources) => allocateResources(resources, role)));
  const unallocated = conversionOf(mapResources(operation, unallocateResources));
  const total = applyConversion(agent.total, unallocated);
  if (total === undefined || applyConversion(usable, conversion) === undefined) {
    refuseChange(turn, framework, description, "the resources must be in what is left of the offers");
    return undefined;
  }
  if (operation.kind === "destroy") for (const other of offersOfShared(agent, unallocated.consumed)) rescindOffer(turn, other);
  // The quantities stay what they are; what they are reserved for does not.
  changeTotal(turn.state, agent, total);
  noteAgent(turn.state, agent.agentId);
  returnResources(turn.state, { framework, agent, role, resources: conversion.consumed });
  takeResources(turn.state, { framework, agent, role, resources: conversion.converted });
  sendChange(turn, offer, { description, operation: mapResources(operation, unallocateResources), converted: unallocated.converted });
  return conversion;
}

/** Tells who named the operation; one without a name is refused in silence, as in the reference. */
export function refuseChange(turn: Turn, framework: Framework, { operationId, name }: ChangeDescription, problem: string): void {
  const { frameworkId } = framework;
  log(turn, "operation refused", { frameworkId, operation: name, problem });
  if (operationId === undefined) return;
  sendOperationStatus(turn, framework, { operationId, agentId: undefined, state: "OPERATION_ERROR", message: `${name}: ${problem}` });
}

function sendChange(
  turn: Turn,
  { framework, agent }: Offer,
  { description, operation, converted }: { description: ChangeDescription; operation: ResourceOperation; converted: Resources },
): void {
  const { frameworkId } = framework;
  const { operationId } = description;
  const key = { uuid: turn.state.operationUuids.uuid(), frameworkId, operationId };
  if (operationId !== undefined) {
    const { agentId } = agent;
    const status: OperationStatus = { operationId, state: "OPERATION_PENDING", message: undefined, converted, uuid: undefined, agentId };
    addOperation(turn.state, agent, { key, status, operation });
  }
  sendToAgent(turn, agent, { kind: "applyOperation", key, operation, resourceVersion: agent.resourceVersion });
}

function mapResources(operation: ResourceOperation, map: (resources: Resources) => Resources): ResourceOperation {
  switch (operation.kind) {
    case "reserve":
      return { ...operation, source: map(operation.source), resources: map(operation.resources) };
    case "unreserve":
      return { ...operation, resources: map(operation.resources) };
    case "create":
    case "destroy":
      return { ...operation, volumes: map(operation.volumes) };
    case "growVolume": {
      const [volume, addition] = [map(toResources([operation.volume]))[0], map(toResources([operation.addition]))[0]];
      return volume === undefined || addition === undefined ? operation : { ...operation, volume, addition };
    }
    case "shrinkVolume": {
      const volume = map(toResources([operation.volume]))[0];
      return volume === undefined ? operation : { ...operation, volume };
    }
  }
}
