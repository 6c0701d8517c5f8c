/** One question or order to one node, and what became of it: the part that all clients of operators share. */

import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";

import type { StatusCode } from "../common/status-code.ts";
import { CallError, isUnheard, statusCodeName } from "./call-error.ts";
import { leaderKey, notLeadingKey } from "./subscription.ts";

/** A write to the registry takes milliseconds; a node that does not answer for so long is not well. */
export const callTimeoutDefaultMs = 10_000;

/** The state of 10,000 agents and 100,000 tasks is a tenth of it; more is not the answer of a node. */
export const answerMaxBytes = 512 * 1024 * 1024;

export interface MessageType<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

export interface Operation {
  /** "tepui.v1.MasterOperator". */
  readonly service: string;
  readonly name: string;
  /** It changes nothing. */
  readonly reads: boolean;
}

export type Answer =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly error: CallError;
      readonly leader: string | undefined;
      /** The call never arrived, or at a master that does not lead. */
      readonly isUntaken: boolean;
    };

export interface Request {
  readonly address: string;
  readonly bytes: Uint8Array;
  readonly timeoutMs: number;
}

/** Never rejects. */
export function callUnary(client: Client, operation: Operation, { address, bytes, timeoutMs }: Request): Promise<Answer> {
  return new Promise((resolve) => {
    const deadline = Date.now() + timeoutMs;
    const path = `/${operation.service}/${operation.name}`;
    client.makeUnaryRequest(path, toBuffer, toBytes, bytes, new Metadata(), { deadline }, (error, answer) => {
      if (error === null && answer !== undefined) resolve({ ok: true, bytes: answer });
      else resolve(toFailure(operation, address, error));
    });
  });
}

/** Codes of a call that may have taken effect all the same. */
const openOutcomes: ReadonlySet<StatusCode> = new Set<StatusCode>(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN"]);

function toFailure(operation: Operation, address: string, error: ServiceError | null): Answer {
  const leader = error?.metadata.get(leaderKey)[0];
  return {
    ok: false,
    error: toCallError(operation, address, error),
    leader: typeof leader === "string" ? leader : undefined,
    isUntaken: isUnheard(codeOf(error), error?.details ?? "") || error?.metadata.get(notLeadingKey).length === 1,
  };
}

/** Null for a call that ended without an answer. */
export function toCallError({ name, reads }: Operation, address: string, error: ServiceError | null): CallError {
  const code = codeOf(error);
  const details = error?.details ?? "there was no answer";
  const reason = isUnheard(code, details) ? `nobody answers at ${address}` : `${details} (${address})`;
  return new CallError({ call: name, code, reason, refused: !openOutcomes.has(code), reads });
}

function codeOf(error: ServiceError | null): StatusCode {
  return statusCodeName(error?.code ?? -1);
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
const toBytes = (bytes: Buffer): Uint8Array => bytes;
