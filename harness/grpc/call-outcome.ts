/** What a unary call's status says of its effect. */

import * as grpc from "@grpc/grpc-js";
import { statusCodeOf } from "../../common/status-code.ts";
import type { CallOutcome } from "../cluster.ts";

/** A call without an answer for so long has an unknown outcome. */
export const callTimeoutMs = 10_000;

/** A status that the transport may have made by itself says nothing about the effect of the call. */
export function unaryOutcome(error: grpc.ServiceError | null): CallOutcome {
  if (error === null) return { kind: "ok" };
  const unknown =
    error.code === grpc.status.DEADLINE_EXCEEDED || error.code === grpc.status.CANCELLED || error.code === grpc.status.UNAVAILABLE;
  if (unknown) return { kind: "info", reason: `${codeName(error.code)}: ${error.details}` };
  return { kind: "fail", code: codeName(error.code), message: error.details };
}

export function codeName(number: number): string {
  return statusCodeOf(number) ?? `code ${number}`;
}
