/**
 * Which gRPC statuses each RPC may answer: the contract of docs/protocol.md as data. A test holds the two against each
 * other, the fuzzer and the checker S47 hold the cluster against this.
 */

import { type StatusCode, statusCodes } from "../../common/status-code.ts";

/** What a master answers of its leadership, whatever the RPC is about. */
const leadership = ["FAILED_PRECONDITION", "UNAVAILABLE"] as const satisfies readonly StatusCode[];

/** By RPC, or by service where all RPCs of a service answer alike. UNIMPLEMENTED: of RPCs and of calls that are not built yet. */
export const documentedStatuses: Readonly<Record<string, readonly StatusCode[]>> = {
  "tepui.v1.Scheduler/Subscribe": ["OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", ...leadership],
  "tepui.v1.Scheduler/Call": ["OK", "INVALID_ARGUMENT", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", ...leadership],
  "tepui.v1.Scheduler/Calls": ["OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"],
  "tepui.v1.MasterOperator": [
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "UNIMPLEMENTED",
    ...leadership,
  ],
  "tepui.v1.AgentLink/Connect": [
    "OK",
    "INVALID_ARGUMENT",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "UNIMPLEMENTED",
    ...leadership,
  ],
  "tepui.v1.Executor/Subscribe": ["OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "ABORTED", "UNAVAILABLE"],
  "tepui.v1.Executor/Call": ["OK", "INVALID_ARGUMENT", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE"],
  "tepui.v1.Executor/Calls": ["OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"],
  "tepui.v1.AgentOperator": [
    "OK",
    "INVALID_ARGUMENT",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
  ],
  "grpc.health.v1.Health": ["OK", "INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"],
  "grpc.reflection.v1.ServerReflection": ["OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"],
};

/** The RPC that a `CallResult` of a `Calls` stream answers as. */
export function resultRpc(service: string): string {
  return `${service}/Call`;
}

/** `rpc` as "package.Service/Method". */
export function isDocumentedStatus(rpc: string, code: number): boolean {
  const service = rpc.split("/", 1)[0] ?? rpc;
  const names = documentedStatuses[rpc] ?? documentedStatuses[service] ?? [];
  return names.some((name) => statusCodes[name] === code);
}
