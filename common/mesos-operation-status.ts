/** Between mesos.v1.OperationStatus and `OperationStatus`. */

import { OperationState as MesosOperationState, type OperationStatus as MesosOperationStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { AgentId, OperationId, uuidFromBytes, uuidToBytes } from "./ids.ts";
import { readResources, writeResources } from "./mesos-resources.ts";
import type { OperationState, OperationStatus } from "./operation-status.ts";
import { type Result, refuse, succeed } from "./result.ts";

const states = [
  "OPERATION_PENDING",
  "OPERATION_FINISHED",
  "OPERATION_FAILED",
  "OPERATION_ERROR",
  "OPERATION_DROPPED",
  "OPERATION_UNREACHABLE",
  "OPERATION_GONE_BY_OPERATOR",
  "OPERATION_RECOVERING",
  "OPERATION_UNKNOWN",
] as const satisfies readonly OperationState[];
const statesByNumber: ReadonlyMap<number, OperationState> = new Map(states.map((state) => [MesosOperationState[state], state]));

const uuidBytes = 16;

/** Reads a status; `path` names it in the refusal. */
export function readOperationStatus(message: MesosOperationStatus, path: string): Result<OperationStatus> {
  const state = statesByNumber.get(message.state);
  if (state === undefined) return refuse("INVALID_ARGUMENT", `${path}.state must be a known state, is ${message.state}`);
  const converted = readResources(message.convertedResources, `${path}.converted_resources`);
  if (!converted.ok) return converted;
  const uuid = message.uuid?.value;
  if (uuid !== undefined && uuid.length !== uuidBytes) {
    return refuse("INVALID_ARGUMENT", `${path}.uuid must have ${uuidBytes} bytes, has ${uuid.length}`);
  }
  return succeed({
    operationId: message.operationId === undefined ? undefined : OperationId(message.operationId.value),
    state,
    message: message.message,
    converted: converted.value,
    uuid: uuid === undefined ? undefined : uuidFromBytes(uuid),
    agentId: message.agentId === undefined ? undefined : AgentId(message.agentId.value),
  });
}

export function writeOperationStatus(status: OperationStatus): MesosOperationStatus {
  return {
    operationId: status.operationId === undefined ? undefined : { value: status.operationId },
    state: MesosOperationState[status.state],
    message: status.message,
    convertedResources: writeResources(status.converted, "stack"),
    uuid: status.uuid === undefined ? undefined : { value: uuidToBytes(status.uuid) },
    agentId: status.agentId === undefined ? undefined : { value: status.agentId },
  };
}
