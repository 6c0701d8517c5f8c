/** What operators order of resources, from the nested request messages of mesos.v1.master; resources are not allocated to any role. */

import { AgentId } from "../../common/ids.ts";
import { readResource, readResources } from "../../common/mesos-resources.ts";
import type { Resource } from "../../common/resource.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import { type Result, succeed } from "../../common/result.ts";
import { scalarProblem } from "../../common/value-rules.ts";
import { toMilli } from "../../common/values.ts";
import type {
  Call_CreateVolumes,
  Call_DestroyVolumes,
  Call_GrowVolume,
  Call_ReserveResources,
  Call_ShrinkVolume,
  Call_UnreserveResources,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { AgentID, Resource as ResourceMessage } from "../../protos/gen/mesos/v1/mesos.ts";
import type { OperatorCall } from "../core/operator/operator-call.ts";
import { findIdProblem, refuseArgument } from "./rules.ts";

export function readReserve({ agentId, source, resources }: Call_ReserveResources): Result<OperatorCall> {
  const path = "reserve_resources";
  const before = readPlain(source, `${path}.source`);
  if (!before.ok) return before;
  return ofList(path, agentId, readSome(resources, `${path}.resources`), (list) => ({
    kind: "reserve",
    source: before.value,
    resources: list,
  }));
}

export function readUnreserve({ agentId, resources }: Call_UnreserveResources): Result<OperatorCall> {
  const path = "unreserve_resources";
  return ofList(path, agentId, readSome(resources, `${path}.resources`), (list) => ({ kind: "unreserve", resources: list }));
}

export function readCreate({ agentId, volumes }: Call_CreateVolumes): Result<OperatorCall> {
  const path = "create_volumes";
  return ofList(path, agentId, readSome(volumes, `${path}.volumes`), (list) => ({ kind: "create", volumes: list }));
}

export function readDestroy({ agentId, volumes }: Call_DestroyVolumes): Result<OperatorCall> {
  const path = "destroy_volumes";
  return ofList(path, agentId, readSome(volumes, `${path}.volumes`), (list) => ({ kind: "destroy", volumes: list }));
}

export function readGrow({ agentId, volume, addition }: Call_GrowVolume): Result<OperatorCall> {
  const path = "grow_volume";
  const grown = readOne(volume, `${path}.volume`);
  if (!grown.ok) return grown;
  const added = readOne(addition, `${path}.addition`);
  if (!added.ok) return added;
  return ofAgent(path, agentId, { kind: "growVolume", volume: grown.value, addition: added.value });
}

export function readShrink({ agentId, volume, subtract }: Call_ShrinkVolume): Result<OperatorCall> {
  const path = "shrink_volume";
  const shrunk = readOne(volume, `${path}.volume`);
  if (!shrunk.ok) return shrunk;
  if (subtract === undefined) return refuseArgument(`${path}.subtract must be set`);
  const problem = scalarProblem("disk", subtract.value);
  if (problem !== undefined) return refuseArgument(`${path}.subtract.value ${problem}`);
  return ofAgent(path, agentId, { kind: "shrinkVolume", volume: shrunk.value, subtractMilli: toMilli(subtract.value) });
}

function ofList(
  path: string,
  agentId: AgentID | undefined,
  resources: Result<Resources>,
  toOperation: (resources: Resources) => ResourceOperation,
): Result<OperatorCall> {
  return resources.ok ? ofAgent(path, agentId, toOperation(resources.value)) : resources;
}

function ofAgent(path: string, agentId: AgentID | undefined, operation: ResourceOperation): Result<OperatorCall> {
  const problem = findIdProblem(`${path}.agent_id`, agentId);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ kind: "changeResources", agentId: AgentId(agentId?.value ?? ""), operation });
}

function readSome(messages: readonly ResourceMessage[], path: string): Result<Resources> {
  return messages.length === 0 ? refuseArgument(`${path} must not be empty`) : readPlain(messages, path);
}

function readPlain(messages: readonly ResourceMessage[], path: string): Result<Resources> {
  for (const [index, message] of messages.entries()) {
    const problem = allocationProblem(message, `${path}[${index}]`);
    if (problem !== undefined) return refuseArgument(problem);
  }
  return readResources(messages, path);
}

function readOne(message: ResourceMessage | undefined, path: string): Result<Resource> {
  if (message === undefined) return refuseArgument(`${path} must be set`);
  const problem = allocationProblem(message, path);
  return problem === undefined ? readResource(message, path) : refuseArgument(problem);
}

function allocationProblem({ allocationInfo }: ResourceMessage, path: string): string | undefined {
  return allocationInfo === undefined ? undefined : `${path}.allocation_info must be absent, an operator has no offers`;
}
