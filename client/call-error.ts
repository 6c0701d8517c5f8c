/** The one error that a call of the SDK rejects with. */

import { type StatusCode, statusCodeOf } from "../common/status-code.ts";

/** The name of a gRPC status number; UNKNOWN for one that tepui does not use. */
export function statusCodeName(number: number): StatusCode {
  return statusCodeOf(number) ?? "UNKNOWN";
}

/** What grpc-js says when it could not even connect; what follows is for those who know its insides. */
const notConnected = /^(No connection established|Name resolution failed)/;

/** Whether the details of a gRPC status say that nobody was reached. */
export function isUnheard(code: StatusCode, details: string): boolean {
  return code === "UNAVAILABLE" && notConnected.test(details);
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

  /** `reads`: the call changes nothing, so that without an answer nothing is left open. */
  constructor(options: { call: string; code: StatusCode; reason: string; refused: boolean; reads?: boolean }) {
    const open = options.reads === true ? "had no answer" : "has an unknown outcome";
    super(`${options.call} ${options.refused ? "was refused" : open}: ${options.code}: ${options.reason}`);
    this.call = options.call;
    this.code = options.code;
    this.refused = options.refused;
  }
}
