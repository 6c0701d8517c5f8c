/** The master's registry on a store of bytes: encodes what the core writes, decodes what it reads, answers with inputs. */

import type { Store, StoreChange, StoreFormat } from "../runtime/store/store.ts";
import type { MasterInput } from "./core/input.ts";
import type { RegistryChange, RegistryRecord } from "./core/registry-record.ts";
import { decodeRegistryRecord, encodeRegistryRecord } from "./wire/registry-codec.ts";

/** Raise the version when an older master could not read the records any more. */
export const registryFormat: StoreFormat = { name: "tepui master registry", version: 1 };

export interface Registry {
  read(): void;
  write(expectedVersion: number, changes: readonly RegistryChange[]): void;
}

export interface RegistryOptions {
  readonly store: Store;
  readonly dispatch: (input: MasterInput) => void;
  /** The record that makes this master the leader is durable: the core leads from its next step on. */
  readonly onLeading: () => void;
}

export function createRegistry({ store, dispatch, onLeading }: RegistryOptions): Registry {
  const fail = (reason: unknown): void => {
    dispatch({ kind: "registryFailed", reason: reason instanceof Error ? reason.message : String(reason) });
  };

  async function read(): Promise<void> {
    const { version, entries } = await store.read();
    const records: RegistryRecord[] = [];
    for (const [key, bytes] of entries) {
      const decoded = decodeRegistryRecord(key, bytes);
      if (!decoded.ok) {
        fail(`record ${key}: ${decoded.refusal.message}`);
        return;
      }
      records.push(decoded.value);
    }
    dispatch({ kind: "registryRead", version, records });
  }

  async function write(expectedVersion: number, changes: readonly RegistryChange[]): Promise<void> {
    const outcome = await store.write(expectedVersion, changes.map(toStoreChange));
    if (outcome.kind === "conflict") {
      fail(`version ${expectedVersion} was expected, the registry has ${outcome.version}: another master wrote`);
      return;
    }
    dispatch({ kind: "registryWritten", version: outcome.version });
    if (changes.some((change) => change.kind === "put" && change.record.kind === "leader")) onLeading();
  }

  return {
    read: () => void read().catch(fail),
    write: (expectedVersion, changes) => void write(expectedVersion, changes).catch(fail),
  };
}

function toStoreChange(change: RegistryChange): StoreChange {
  return change.kind === "put" ? { kind: "put", key: change.key, value: encodeRegistryRecord(change.record) } : change;
}
