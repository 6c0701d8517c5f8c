/** The one error that a call of the SDK rejects with. */

import { type StatusCode, statusCodeOf } from "../common/status-code.ts";

/** The name of a gRPC status number; UNKNOWN for one that tepui does not use. */
export function statusCodeName(number: number): StatusCode {
  return statusCodeOf(number) ?? "UNKNOWN";
}

export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: StatusCode;
  /** "ACCEPT", "KILL", ... */
  readonly call: string;
  /**
   * Whether the master refused the call, so that it had no effect. False when the connection was lost before the answer:
   * the call may have taken effect, and reconciliation tells.
   */
  readonly refused: boolean;

  constructor(options: { call: string; code: StatusCode; reason: string; refused: boolean }) {
    super(`${options.call} ${options.refused ? "was refused" : "has an unknown outcome"}: ${options.code}: ${options.reason}`);
    this.call = options.call;
    this.code = options.code;
    this.refused = options.refused;
  }
}
