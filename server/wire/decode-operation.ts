/**
 * One operation of an ACCEPT that changes resources. What is wrong with it does not refuse the call: it becomes the operation's own
 * OPERATION_ERROR, so the first problem is kept beside the description.
 */

import { AgentId, OperationId, uuidFromBytes } from "../../common/ids.ts";
import { readOperation, resourceOperationKind } from "../../common/mesos-operations.ts";
import { type Result, succeed } from "../../common/result.ts";
import type { Offer_Operation } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { OfferOperation, SchedulerCall } from "../core/calls/call.ts";
import { reconcileOperationsMax } from "./limits.ts";
import { findIdProblem, findOptionalIdProblem, refuseArgument, refuseUnsupported } from "./rules.ts";

/** Reads the operation when its type is one that changes resources; undefined when it is not. `name` is that of the type. */
export function describeChange(message: Offer_Operation, name: string): OfferOperation | undefined {
  const kind = resourceOperationKind(message.type);
  if (kind === undefined) return undefined;
  const operationId = message.id === undefined ? undefined : OperationId(message.id.value);
  const read = readOperation(message, kind, "operation");
  const operation = read.ok ? read.value : undefined;
  return { kind, change: { name, operationId, operation, problem: read.ok ? undefined : read.refusal.message } };
}

const uuidBytes = 16;

export function decodeAcknowledgeOperation({ acknowledgeOperationStatus: message }: Call): Result<SchedulerCall> {
  const path = "acknowledge_operation_status";
  if (message === undefined) return refuseArgument(`${path} must be set`);
  const { agentId, operationId, uuid, resourceProviderId } = message;
  if (resourceProviderId !== undefined) return refuseUnsupported(`${path}.resource_provider_id`);
  const problem = findIdProblem(`${path}.agent_id`, agentId) ?? findIdProblem(`${path}.operation_id`, operationId);
  if (problem !== undefined) return refuseArgument(problem);
  if (uuid.length !== uuidBytes) return refuseArgument(`${path}.uuid must have ${uuidBytes} bytes, has ${uuid.length}`);
  return succeed({
    kind: "acknowledgeOperation",
    agentId: AgentId(agentId?.value ?? ""),
    operationId: OperationId(operationId?.value ?? ""),
    uuid: uuidFromBytes(uuid),
  });
}

export function decodeReconcileOperations({ reconcileOperations: message }: Call): Result<SchedulerCall> {
  const path = "reconcile_operations";
  if (message === undefined) return refuseArgument(`${path} must be set`);
  if (message.operations.length > reconcileOperationsMax) {
    return refuseArgument(`${path}.operations must have at most ${reconcileOperationsMax} entries, has ${message.operations.length}`);
  }
  for (const [index, { operationId, agentId, resourceProviderId }] of message.operations.entries()) {
    const at = `${path}.operations[${index}]`;
    if (resourceProviderId !== undefined) return refuseUnsupported(`${at}.resource_provider_id`);
    const problem = findIdProblem(`${at}.operation_id`, operationId) ?? findOptionalIdProblem(`${at}.agent_id`, agentId);
    if (problem !== undefined) return refuseArgument(problem);
  }
  const operations = message.operations.map(({ operationId, agentId }) => ({
    operationId: OperationId(operationId?.value ?? ""),
    agentId: agentId === undefined ? undefined : AgentId(agentId.value),
  }));
  return succeed({ kind: "reconcileOperations", operations });
}
