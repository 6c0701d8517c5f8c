/** What agents say of operations: at a registration what became of their resources, and later how each operation ended. */

import { FrameworkId, OperationId, type Uuid, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import { readOperationStatus } from "../../common/mesos-operation-status.ts";
import { writeOperation } from "../../common/mesos-operations.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { withCreated } from "../../common/resource-operations.ts";
import { describeResources, type Resources } from "../../common/resources.ts";
import { type Result, succeed } from "../../common/result.ts";
import type {
  ApplyOperation,
  Holdings,
  OperationKey as OperationKeyMessage,
  OperationUpdate,
} from "../../protos/gen/tepui/v1/agent_link.ts";
import type { AgentHoldings, MasterToAgent, OperationKey, ReportedOperation } from "../core/agent-message.ts";
import { findOptionalIdProblem, refuseArgument } from "./rules.ts";

/** `flagged`: the agent's resources before any operation. */
export function decodeHoldings(message: Holdings | undefined, flagged: Resources, path: string): Result<AgentHoldings | undefined> {
  if (message === undefined) return succeed(undefined);
  const created = readResources(message.created, `${path}.created`);
  if (!created.ok) return created;
  const total = withCreated(flagged, created.value);
  if (total === undefined) {
    return refuseArgument(`${path}.created must be in the agent's ${describeResources(flagged)}, are ${describeResources(created.value)}`);
  }
  const version = decodeUuid(message.resourceVersion, `${path}.resource_version`);
  if (!version.ok) return version;
  const operations: ReportedOperation[] = [];
  for (const [index, operation] of message.operations.entries()) {
    const decoded = decodeOperationUpdate(operation, `${path}.operations[${index}]`);
    if (!decoded.ok) return decoded;
    operations.push(decoded.value);
  }
  return succeed({ total, resourceVersion: version.value, operations });
}

export function decodeOperationUpdate({ key, status }: OperationUpdate, path: string): Result<ReportedOperation> {
  const uuid = decodeUuid(key?.uuid, `${path}.key.uuid`);
  if (!uuid.ok) return uuid;
  const problem = findOptionalIdProblem(`${path}.key.framework_id`, key?.frameworkId);
  if (problem !== undefined) return refuseArgument(problem);
  if (status === undefined) return refuseArgument(`${path}.status must be set`);
  const read = readOperationStatus(status, `${path}.status`);
  if (!read.ok) return read;
  if (read.value.uuid === undefined) return refuseArgument(`${path}.status.uuid must be set`);
  const frameworkId = key?.frameworkId && FrameworkId(key.frameworkId.value);
  const operationId = key?.operationId && OperationId(key.operationId.value);
  return succeed({ key: { uuid: uuid.value, frameworkId, operationId }, status: read.value });
}

export function writeApplyOperation({
  key,
  operation,
  resourceVersion,
}: Extract<MasterToAgent, { kind: "applyOperation" }>): ApplyOperation {
  return {
    key: writeOperationKey(key),
    operation: writeOperation(operation, key.operationId),
    resourceVersion: resourceVersion === undefined ? undefined : uuidToBytes(resourceVersion),
  };
}

export function writeOperationKey({ uuid, frameworkId, operationId }: OperationKey): OperationKeyMessage {
  return {
    uuid: uuidToBytes(uuid),
    frameworkId: frameworkId && { value: frameworkId },
    operationId: operationId === undefined ? undefined : { value: operationId },
  };
}

const uuidBytes = 16;

function decodeUuid(bytes: Uint8Array | undefined, path: string): Result<Uuid> {
  return bytes?.length === uuidBytes
    ? succeed(uuidFromBytes(bytes))
    : refuseArgument(`${path} must have ${uuidBytes} bytes, has ${bytes?.length ?? 0}`);
}
