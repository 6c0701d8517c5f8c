/** Chooses a store by the name that a flag gives. */

import { join } from "node:path";

import { assertNever } from "../../common/assert.ts";
import { createMemoryStore } from "./memory.ts";
import { openSqliteStore } from "./sqlite.ts";
import type { Store, StoreFormat } from "./store.ts";

export const storeKinds = ["sqlite", "memory"] as const;
export type StoreKind = (typeof storeKinds)[number];

export interface StoreOptions {
  readonly kind: StoreKind;
  /** Where a durable store keeps its file. */
  readonly directory: string;
  /** Name of that file: "registry.db". */
  readonly fileName: string;
  readonly format: StoreFormat;
}

/** Rejects with StoreError when the store cannot be opened. */
export async function createStore({ kind, directory, fileName, format }: StoreOptions): Promise<Store> {
  switch (kind) {
    case "sqlite":
      return openSqliteStore(join(directory, fileName), format);
    case "memory":
      return createMemoryStore();
    default:
      return assertNever(kind);
  }
}
