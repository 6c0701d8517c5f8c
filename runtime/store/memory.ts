/** A store that lasts as long as its process: for tests, and for masters that may forget. */

import { type Store, type StoreChange, type StoreContents, StoreError, type WriteOutcome } from "./store.ts";

export function createMemoryStore(): Store {
  const entries = new Map<string, Uint8Array>();
  let version = 0;
  let closed = false;

  async function read(): Promise<StoreContents> {
    checkOpen();
    const sorted = [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
    return { version, entries: new Map(sorted.map(([key, value]) => [key, Uint8Array.from(value)])) };
  }

  async function write(expectedVersion: number, changes: readonly StoreChange[]): Promise<WriteOutcome> {
    checkOpen();
    if (version !== expectedVersion) return { kind: "conflict", version };
    for (const change of changes) {
      if (change.kind === "put") entries.set(change.key, Uint8Array.from(change.value));
      else entries.delete(change.key);
    }
    version++;
    return { kind: "written", version };
  }

  function checkOpen(): void {
    if (closed) throw new StoreError("the store is closed");
  }

  return {
    read,
    write,
    close: async () => {
      closed = true;
    },
  };
}
