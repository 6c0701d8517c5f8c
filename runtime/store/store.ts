/**
 * A small durable table of keys and bytes: the master's registry and the agent's checkpoint. A write is all or nothing,
 * durable once acknowledged, and refused when somebody else wrote in between.
 */

export type StoreChange =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  /** A key that is not there is no mistake. */
  | { readonly kind: "delete"; readonly key: string };

export interface StoreContents {
  /** 0 for a store that was never written; each write adds one. */
  readonly version: number;
  /** In ascending order of the keys. */
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

export type WriteOutcome =
  | { readonly kind: "written"; readonly version: number }
  /** Nothing was changed; `version` is the one that the store has. */
  | { readonly kind: "conflict"; readonly version: number };

export interface Store {
  read(): Promise<StoreContents>;
  /** Writes are done in the order of the calls. Rejects with StoreError, nothing changed, when the medium fails. */
  write(expectedVersion: number, changes: readonly StoreChange[]): Promise<WriteOutcome>;
  /** After the writes under way. */
  close(): Promise<void>;
}

/** The medium failed or is not ours to use; the message names the file and what an operator can do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** What a store holds, so that no program reads what it does not understand. */
export interface StoreFormat {
  /** "tepui master registry" */
  readonly name: string;
  /** Raised when older programs could not read it any more. */
  readonly version: number;
}
