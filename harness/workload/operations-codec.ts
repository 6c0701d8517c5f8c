/** Operations on offered resources, from the history's form to messages, and their states back. */

import { Uuid, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import { type Offer_Operation, Offer_Operation_Type, OperationState, type OperationStatus } from "../../protos/gen/mesos/v1/mesos.ts";
import { type Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { CallJson, OperationJson, OperationStatusJson } from "../history/event.ts";
import { fromResourceJson } from "../history/resource-json.ts";

const stateNames: ReadonlyMap<number, string> = new Map(Object.entries(OperationState).map(([name, number]) => [number, name]));

export function toOperation(json: OperationJson): Offer_Operation {
  return { ...(json.id === undefined ? {} : { id: { value: json.id } }), ...toBody(json) };
}

function toBody(json: OperationJson): Offer_Operation {
  const resources = json.resources.map(fromResourceJson);
  const [first] = resources;
  switch (json.kind) {
    case "reserve":
      return { type: Offer_Operation_Type.RESERVE, reserve: { source: [], resources } };
    case "unreserve":
      return { type: Offer_Operation_Type.UNRESERVE, unreserve: { resources } };
    case "create":
      return { type: Offer_Operation_Type.CREATE, create: { volumes: resources } };
    case "destroy":
      return { type: Offer_Operation_Type.DESTROY, destroy: { volumes: resources } };
    case "growVolume": {
      const addition = json.addition === undefined ? first : fromResourceJson(json.addition);
      return { type: Offer_Operation_Type.GROW_VOLUME, growVolume: { volume: first, addition } };
    }
    case "shrinkVolume": {
      const subtract = { value: (json.subtractMilli ?? 0) / 1_000 };
      return { type: Offer_Operation_Type.SHRINK_VOLUME, shrinkVolume: { volume: first, subtract } };
    }
    default:
      return json.kind satisfies never;
  }
}

/** What a framework says and asks of operations that it named. */
export function toFeedback(body: Extract<CallJson, { kind: "acknowledgeOperation" | "reconcileOperations" }>): Call {
  if (body.kind === "acknowledgeOperation") {
    const { agentId, operationId, uuid } = body;
    return {
      type: Call_Type.ACKNOWLEDGE_OPERATION_STATUS,
      acknowledgeOperationStatus: { agentId: { value: agentId }, operationId: { value: operationId }, uuid: uuidToBytes(Uuid(uuid)) },
    };
  }
  const operations = body.operations.map(({ operationId, agentId }) => ({
    operationId: { value: operationId },
    ...(agentId === undefined ? {} : { agentId: { value: agentId } }),
  }));
  return { type: Call_Type.RECONCILE_OPERATIONS, reconcileOperations: { operations } };
}

export function toOperationStatusJson(status: OperationStatus): OperationStatusJson {
  const { operationId, agentId, message, uuid, state } = status;
  return {
    ...(operationId === undefined ? {} : { operationId: operationId.value }),
    ...(agentId === undefined ? {} : { agentId: agentId.value }),
    state: stateNames.get(state) ?? `state ${state}`,
    ...(message === undefined ? {} : { message }),
    ...(uuid === undefined ? {} : { uuid: uuidFromBytes(uuid.value) }),
  };
}
