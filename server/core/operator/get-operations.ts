/** GET_OPERATIONS: those of frameworks that have a name and wait for their acknowledgement, and operators' that wait for their agent. */

import { uuidToBytes } from "../../../common/ids.ts";
import { writeOperationStatus } from "../../../common/mesos-operation-status.ts";
import { writeOperation } from "../../../common/mesos-operations.ts";
import type { Response_GetOperations } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { Offer_Operation, Operation as OperationMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { MasterState, Operation, ResourceOrder } from "../state.ts";

export function getOperations(state: MasterState): Response_GetOperations {
  const operations = [...state.frameworks.values()].flatMap((framework) => [...framework.operations.values()].map(toOperationMessage));
  return { operations: [...operations, ...[...state.resourceOrders.values()].map(toOrderMessage)] };
}

function toOperationMessage({ key, agentId, operation, status }: Operation): OperationMessage {
  return {
    frameworkId: { value: key.frameworkId },
    agentId: { value: agentId },
    info: operation === undefined ? unknownOperation(key.operationId) : writeOperation(operation, key.operationId),
    latestStatus: writeOperationStatus(status),
    statuses: [],
    uuid: { value: uuidToBytes(key.uuid) },
  };
}

function toOrderMessage({ uuid, agentId, operation }: ResourceOrder): OperationMessage {
  return {
    frameworkId: undefined,
    agentId: { value: agentId },
    info: writeOperation(operation, undefined),
    latestStatus: writeOperationStatus({
      operationId: undefined,
      state: "OPERATION_PENDING",
      message: undefined,
      converted: [],
      uuid: undefined,
      agentId,
    }),
    statuses: [],
    uuid: { value: uuidToBytes(uuid) },
  };
}

/** An agent that comes back to a new leader says how its operations ended, and not what they were. */
function unknownOperation(id: string | undefined): Offer_Operation {
  return id === undefined ? {} : { id: { value: id } };
}
