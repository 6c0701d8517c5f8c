/** Telling how operations ended, once that is durable, and again with growing delays until it is acknowledged. */

import type { Uuid } from "../../common/ids.ts";
import { operationKey, record } from "./checkpoint.ts";
import { sendToMaster } from "./link.ts";
import type { OperationUpdate } from "./master-message.ts";
import type { Operation } from "./state.ts";
import { log, type Turn } from "./turn.ts";

/** Forwards the end of an operation, if it may be said, and arms its retry. */
export function forwardOperation(turn: Turn, operation: Operation): void {
  const { state } = turn;
  if (state.connection.kind !== "running" || !operation.isDurable) return;
  sendToMaster(turn, { kind: "operationUpdate", ...toUpdate(operation) });
  state.operationRetries.set(operation, turn.nowMs + operation.retryDelayMs);
  operation.retryDelayMs = Math.min(operation.retryDelayMs * 2, state.config.updateRetryMaxMs);
}

/** All are sent at once and their delays start over: after a (re)registration, or when a framework came back. */
export function resendOperations(turn: Turn, operations: Iterable<Operation>): void {
  for (const operation of operations) {
    operation.retryDelayMs = turn.state.config.updateRetryMinMs;
    forwardOperation(turn, operation);
  }
}

export function retryDueOperations(turn: Turn): void {
  for (const operation of turn.state.operationRetries.takeDue(turn.nowMs)) forwardOperation(turn, operation);
}

/** The framework, or the master in its place, knows how the operation ended. */
export function acknowledgeOperation(turn: Turn, { uuid, statusUuid }: { readonly uuid: Uuid; readonly statusUuid: Uuid }): void {
  const operation = turn.state.operations.get(operationKey(uuid));
  if (operation?.isDurable === true && operation.status.uuid === statusUuid) removeOperation(turn, operation);
  else log(turn, "debug", "ignored an acknowledgement of an operation that does not wait for it", { uuid });
}

export function removeOperation(turn: Turn, operation: Operation): void {
  turn.state.operations.delete(operation.key);
  turn.state.operationRetries.delete(operation);
  record(turn, operation.key);
}

/** Those that the master may know of. */
export function durableOperations(operations: Iterable<Operation>): OperationUpdate[] {
  return [...operations].filter(({ isDurable }) => isDurable).map(toUpdate);
}

function toUpdate({ uuid, frameworkId, status }: Operation): OperationUpdate {
  return { key: { uuid, frameworkId, operationId: status.operationId }, status };
}
