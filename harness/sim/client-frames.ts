/**
 * What passes on a scheduler's two connections, its subscription and its calls in order, and on an operator's. Protobuf travels as bytes.
 */

import type { CallRefusal } from "../../server/core/effect.ts";

export type SchedulerUpFrame =
  | { readonly kind: "subscribe"; readonly bytes: Uint8Array }
  | { readonly kind: "call"; readonly index: number; readonly streamId: string | undefined; readonly bytes: Uint8Array };

export type SchedulerDownFrame =
  /** Initial metadata. */
  | { readonly kind: "opened"; readonly streamId: string }
  | { readonly kind: "event"; readonly bytes: Uint8Array }
  | { readonly kind: "settled"; readonly index: number; readonly refusal: CallRefusal | undefined };

/** One order, or the wish for events; its connection carries no other. */
export interface OperatorUpFrame {
  readonly rpc: string;
  readonly bytes: Uint8Array;
}

export type OperatorDownFrame =
  | { readonly kind: "answer"; readonly bytes: Uint8Array }
  | { readonly kind: "event"; readonly bytes: Uint8Array }
  | { readonly kind: "refusal"; readonly refusal: CallRefusal };
