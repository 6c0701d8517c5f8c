/** Weights and quotas in every store: an older registry opens without them, and a later master reads what an earlier one wrote. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore } from "../../runtime/store/memory.ts";
import { openSqliteStore } from "../../runtime/store/sqlite.ts";
import type { Store } from "../../runtime/store/store.ts";
import type { MasterInput } from "../../server/core/input.ts";
import type { RegistryChange, RegistryRecord } from "../../server/core/registry-record.ts";
import { createRegistry } from "../../server/registry.ts";

const leader: RegistryRecord = { kind: "leader", masterId: "m1", term: 3 };
const weights: RegistryRecord = { kind: "weights", weights: new Map([["eng/ads", 2.5]]) };
const quotas: RegistryRecord = {
  kind: "quotas",
  quotas: new Map([
    [
      "eng",
      {
        guarantees: new Map([["cpus", 1_500]]),
        limits: new Map([
          ["cpus", 3_000],
          ["gpus", 0],
        ]),
      },
    ],
  ]),
};

const put = (record: RegistryRecord): RegistryChange => ({ kind: "put", key: record.kind, record });

/** What the registry answers to one order. */
function answerOf(store: Store, order: (registry: ReturnType<typeof createRegistry>) => void): Promise<MasterInput> {
  return new Promise((resolve) => order(createRegistry({ store, dispatch: resolve, onLeading: () => undefined })));
}

const read = (store: Store) => answerOf(store, (registry) => registry.read());
const write = (store: Store, version: number, changes: readonly RegistryChange[]) =>
  answerOf(store, (registry) => registry.write(version, changes));

describe("weights and quotas in the registry", () => {
  const directory = mkdtempSync(join(tmpdir(), "tepui-roles-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const memory = createMemoryStore();
  const path = join(directory, "registry.db");
  const stores: readonly [name: string, open: () => Promise<Store>, close: (store: Store) => Promise<void>][] = [
    ["memory", () => Promise.resolve(memory), () => Promise.resolve()],
    ["SQLite", () => openSqliteStore(path, { name: "test", version: 1 }), (store) => store.close()],
  ];
  for (const [name, open, close] of stores) {
    it(`are added to an older one, read back and taken out again, in ${name}`, async () => {
      const older = await open();
      await write(older, 0, [{ kind: "put", key: "leader", record: leader }]);
      await close(older);
      const upgraded = await open();
      assert.deepEqual(await read(upgraded), { kind: "registryRead", version: 1, records: [leader] });
      await write(upgraded, 1, [put(weights), put(quotas)]);
      await close(upgraded);
      const later = await open();
      assert.deepEqual(await read(later), { kind: "registryRead", version: 2, records: [leader, quotas, weights] });
      await write(later, 2, [
        { kind: "delete", key: "weights" },
        { kind: "delete", key: "quotas" },
      ]);
      assert.deepEqual(await read(later), { kind: "registryRead", version: 3, records: [leader] });
      await close(later);
    });
  }
});
