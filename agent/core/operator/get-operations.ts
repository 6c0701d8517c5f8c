/** GET_OPERATIONS: the operations whose end nobody has acknowledged yet; all of them have ended, since the agent does them at once. */

import { uuidToBytes } from "../../../common/ids.ts";
import { writeOperationStatus } from "../../../common/mesos-operation-status.ts";
import { writeOperation } from "../../../common/mesos-operations.ts";
import type { Response_GetOperations } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { Offer_Operation, Operation as OperationMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentState, Operation } from "../state.ts";

/** Of Offer.Operation.Type: the agent does not have the operation, only what became of it. */
const unknownType = 0;

export function getOperations({ agentId, operations }: AgentState): Response_GetOperations {
  const messages: OperationMessage[] = [];
  for (const operation of operations.values()) {
    if (!operation.isDurable) continue;
    const latestStatus = writeOperationStatus(operation.status);
    messages.push({
      frameworkId: operation.frameworkId && { value: operation.frameworkId },
      agentId: agentId === undefined ? undefined : { value: agentId },
      info: toInfo(operation),
      latestStatus,
      statuses: [latestStatus],
      uuid: { value: uuidToBytes(operation.uuid) },
    });
  }
  return { operations: messages };
}

function toInfo({ operation, status: { operationId } }: Operation): Offer_Operation {
  if (operation !== undefined) return writeOperation(operation, operationId);
  return { type: unknownType, id: operationId === undefined ? undefined : { value: operationId } };
}
