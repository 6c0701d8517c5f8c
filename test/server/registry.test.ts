/** The registry turns what the store says into inputs of the core. */

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, it } from "mocha";

import { createMemoryStore } from "../../runtime/store/memory.ts";
import type { MasterInput } from "../../server/core/input.ts";
import type { RegistryChange } from "../../server/core/registry-record.ts";
import { createRegistry, type Registry } from "../../server/registry.ts";

const leader: RegistryChange = { kind: "put", key: "leader", record: { kind: "leader", masterId: "m1", term: 3 } };

function setUp(): { registry: Registry; store: ReturnType<typeof createMemoryStore>; heard: (MasterInput | "leading")[] } {
  const store = createMemoryStore();
  const heard: (MasterInput | "leading")[] = [];
  const registry = createRegistry({ store, dispatch: (input) => heard.push(input), onLeading: () => heard.push("leading") });
  return { registry, store, heard };
}

describe("registry", () => {
  it("answers a read with the records and their version", async () => {
    const { registry, heard } = setUp();
    registry.write(0, [leader]);
    await nextTurn();
    heard.length = 0;
    registry.read();
    await nextTurn();
    assert.deepEqual(heard, [{ kind: "registryRead", version: 1, records: [{ kind: "leader", masterId: "m1", term: 3 }] }]);
  });

  it("answers a write once it is durable, and says that this master leads when its own record is", async () => {
    const { registry, heard } = setUp();
    registry.write(0, [leader]);
    assert.deepEqual(heard, []);
    await nextTurn();
    assert.deepEqual(heard, [{ kind: "registryWritten", version: 1 }, "leading"]);
    registry.write(1, [{ kind: "delete", key: "agent/a" }]);
    await nextTurn();
    assert.deepEqual(heard.at(-1), { kind: "registryWritten", version: 2 });
  });

  it("fails a write that another master forestalled", async () => {
    const { registry, store, heard } = setUp();
    await store.write(0, []);
    registry.write(0, [leader]);
    await nextTurn();
    assert.deepEqual(heard, [{ kind: "registryFailed", reason: "version 0 was expected, the registry has 1: another master wrote" }]);
  });

  it("fails a read of a record that it does not understand, naming the key", async () => {
    const { registry, store, heard } = setUp();
    await store.write(0, [{ kind: "put", key: "agent/x", value: Uint8Array.of(0xff, 0xff) }]);
    registry.read();
    await nextTurn();
    const [input] = heard;
    assert.ok(input !== undefined && input !== "leading" && input.kind === "registryFailed");
    assert.match(input.reason, /agent\/x/);
  });

  it("fails when the store does", async () => {
    const { registry, store, heard } = setUp();
    await store.close();
    registry.write(0, [leader]);
    registry.read();
    await nextTurn();
    assert.deepEqual(heard, [
      { kind: "registryFailed", reason: "the store is closed" },
      { kind: "registryFailed", reason: "the store is closed" },
    ]);
  });
});
