import assert from "node:assert/strict";

import { openCheckpoint } from "../../agent/checkpoint-store.ts";
import type { CheckpointChange } from "../../agent/core/checkpoint-record.ts";
import type { AgentInput } from "../../agent/core/input.ts";
import { AgentId, Uuid } from "../../common/ids.ts";
import { createMemoryStore } from "../../runtime/store/memory.ts";
import { type Store, StoreError } from "../../runtime/store/store.ts";

const putAgent: CheckpointChange = {
  kind: "put",
  key: "agent",
  record: { kind: "agent", agentId: AgentId("a1"), credential: Uuid("c".repeat(32)), given: undefined, bootId: undefined },
};
const deleteAgent: CheckpointChange = { kind: "delete", key: "agent" };

describe("openCheckpoint()", () => {
  let inputs: AgentInput[];

  beforeEach(() => {
    inputs = [];
  });

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const open = (store: Store) => openCheckpoint(store, (input) => inputs.push(input));

  it("finds nothing in a new store and what was written in an old one", async () => {
    const store = createMemoryStore();
    const first = await open(store);
    assert.deepEqual(first.records, []);
    first.checkpoint.write(1, [putAgent]);
    await settle();
    assert.deepEqual(inputs, [{ kind: "checkpointed", batch: 1 }]);
    const second = await open(store);
    assert.deepEqual(second.records, [{ kind: "agent", agentId: "a1", credential: "c".repeat(32), given: undefined, bootId: undefined }]);
    second.checkpoint.write(1, [deleteAgent]);
    await settle();
    second.checkpoint.write(2, [deleteAgent]);
    await settle();
    assert.deepEqual((await open(store)).records, []);
    assert.deepEqual(inputs.at(-1), { kind: "checkpointed", batch: 2 });
  });

  it("tells the core why a write failed", async () => {
    const store: Store = { ...createMemoryStore(), write: () => Promise.reject(new StoreError("the disk is full")) };
    (await open(store)).checkpoint.write(7, [putAgent]);
    await settle();
    assert.deepEqual(inputs, [{ kind: "checkpointFailed", batch: 7, reason: "the disk is full" }]);
  });

  it("takes a write of somebody else for a failure", async () => {
    const store = createMemoryStore();
    const { checkpoint } = await open(store);
    await store.write(0, []);
    checkpoint.write(1, [putAgent]);
    await settle();
    assert.deepEqual(inputs, [{ kind: "checkpointFailed", batch: 1, reason: "version 0 was expected, the checkpoint has 1" }]);
  });

  it("G3: refuses a record that it cannot understand, naming it", async () => {
    const store = createMemoryStore();
    await store.write(0, [{ kind: "put", key: "agent", value: Uint8Array.of(0xff, 0xff) }]);
    await assert.rejects(open(store), (error) => error instanceof StoreError && error.message.includes("record agent"));
  });
});
