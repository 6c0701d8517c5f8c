/** What the master says of operations on the agent's resources. */

import { FrameworkId, idProblem, OperationId, type Uuid, uuidFromBytes } from "../../common/ids.ts";
import { readOperation, resourceOperationKind } from "../../common/mesos-operations.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { AcknowledgeOperation, ApplyOperation, OperationKey as WireOperationKey } from "../../protos/gen/tepui/v1/agent_link.ts";
import type { MasterToAgent, OperationKey } from "../core/master-message.ts";

export function decodeApplyOperation({ key, operation, resourceVersion }: ApplyOperation): Result<MasterToAgent> {
  const path = "apply_operation";
  const decodedKey = toOperationKey(`${path}.key`, key);
  if (!decodedKey.ok) return decodedKey;
  const kind = resourceOperationKind(operation?.type);
  if (operation === undefined || kind === undefined) {
    return refuse("INVALID_ARGUMENT", `${path}.operation must be one that this agent knows, has type ${operation?.type ?? "none"}`);
  }
  const read = readOperation(operation, kind, `${path}.operation`);
  if (!read.ok) return read;
  const version = resourceVersion === undefined ? undefined : toUuid(`${path}.resource_version`, resourceVersion);
  if (version !== undefined && !version.ok) return version;
  return succeed({ kind: "applyOperation", key: decodedKey.value, operation: read.value, resourceVersion: version?.value });
}

export function decodeAcknowledgeOperation(message: AcknowledgeOperation): Result<MasterToAgent> {
  const uuid = toUuid("acknowledge_operation.uuid", message.uuid);
  if (!uuid.ok) return uuid;
  const statusUuid = toUuid("acknowledge_operation.status_uuid", message.statusUuid);
  return statusUuid.ok ? succeed({ kind: "acknowledgeOperation", uuid: uuid.value, statusUuid: statusUuid.value }) : statusUuid;
}

export function toOperationKeys(path: string, messages: readonly WireOperationKey[]): Result<OperationKey[]> {
  const keys: OperationKey[] = [];
  for (const [index, message] of messages.entries()) {
    const key = toOperationKey(`${path}[${index}]`, message);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  return succeed(keys);
}

function toOperationKey(path: string, message: WireOperationKey | undefined): Result<OperationKey> {
  const uuid = toUuid(`${path}.uuid`, message?.uuid);
  if (!uuid.ok) return uuid;
  const frameworkId = message?.frameworkId?.value;
  const problem = frameworkId === undefined ? undefined : idProblem(frameworkId);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", `${path}.framework_id ${problem}`);
  const operationId = message?.operationId === undefined ? undefined : OperationId(message.operationId.value);
  return succeed({ uuid: uuid.value, frameworkId: frameworkId === undefined ? undefined : FrameworkId(frameworkId), operationId });
}

function toUuid(path: string, bytes: Uint8Array | undefined): Result<Uuid> {
  return bytes?.length === 16
    ? succeed(uuidFromBytes(bytes))
    : refuse("INVALID_ARGUMENT", `${path} must have 16 bytes, has ${bytes?.length ?? 0}`);
}
