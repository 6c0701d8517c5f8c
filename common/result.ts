/** The outcome of something that a peer may get wrong: a value, or a reason to tell the peer. */

import type { StatusCode } from "./status-code.ts";

export interface Refusal {
  readonly code: StatusCode;
  /** Field path, rule and value, as one sentence without a full stop: "accept.offer_ids must not be empty". */
  readonly message: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: StatusCode, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message } };
}
