/** How an operation on resources stands, as master, agent and scheduler speak of it. Source: OperationState in Mesos's mesos.proto. */

import type { AgentId, OperationId, Uuid } from "./ids.ts";
import type { Resources } from "./resources.ts";

export type OperationState =
  | "OPERATION_PENDING"
  | "OPERATION_FINISHED"
  | "OPERATION_FAILED"
  | "OPERATION_ERROR"
  | "OPERATION_DROPPED"
  | "OPERATION_UNREACHABLE"
  | "OPERATION_GONE_BY_OPERATOR"
  | "OPERATION_RECOVERING"
  | "OPERATION_UNKNOWN";

export interface OperationStatus {
  /** Absent when the framework did not name the operation. */
  readonly operationId: OperationId | undefined;
  readonly state: OperationState;
  readonly message: string | undefined;
  /** What became of the resources, when it is finished. */
  readonly converted: Resources;
  /** Present when the status must be acknowledged. */
  readonly uuid: Uuid | undefined;
  readonly agentId: AgentId | undefined;
}

/** Whether the state is the last one. */
export function isOperationOver(state: OperationState): boolean {
  switch (state) {
    case "OPERATION_FINISHED":
    case "OPERATION_FAILED":
    case "OPERATION_ERROR":
    case "OPERATION_DROPPED":
    case "OPERATION_GONE_BY_OPERATOR":
      return true;
    case "OPERATION_PENDING":
    case "OPERATION_UNREACHABLE":
    case "OPERATION_RECOVERING":
    case "OPERATION_UNKNOWN":
      return false;
  }
}
