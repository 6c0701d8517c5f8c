import assert from "node:assert/strict";
import { simDefaults } from "../../../harness/sim/sim-options.ts";
import { Simulator } from "../../../harness/sim/simulator.ts";
import { SimStore, type WriteResult } from "../../../harness/sim/store.ts";

function newStore(seed = 1): {
  simulator: Simulator;
  store: SimStore;
  results: WriteResult[];
  put: (key: string, expectedVersion?: number) => void;
} {
  const simulator = new Simulator(seed);
  const store = new SimStore(simulator, simDefaults);
  const results: WriteResult[] = [];
  const put = (key: string, expectedVersion?: number): void =>
    store.write({
      writer: "master-1",
      expectedVersion,
      changes: [{ key, bytes: Uint8Array.of(1) }],
      done: (result) => results.push(result),
    });
  return { simulator, store, results, put };
}

const keysOf = (store: SimStore): string[] => store.records().map(([key]) => key);

describe("SimStore", () => {
  it("answers a write when it is durable, not before", () => {
    const { simulator, store, results, put } = newStore();
    put("a", 0);
    assert.deepEqual([results, keysOf(store)], [[], []]);
    simulator.runUntil(1_000);
    assert.deepEqual(results, [{ kind: "written", version: 1 }]);
    assert.deepEqual(keysOf(store), ["a"]);
  });

  it("refuses a write that expects another version, and changes nothing", () => {
    const { simulator, store, results, put } = newStore();
    put("a", 0);
    put("b", 0);
    simulator.runUntil(1_000);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["written", "failed"],
    );
    assert.deepEqual(keysOf(store), ["a"]);
  });

  it("keeps a prefix of the writes of a writer that dies, and answers none", () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const { simulator, store, results, put } = newStore(seed);
      for (const key of ["a", "b", "c"]) put(key);
      store.writerDied("master-1");
      simulator.runUntil(1_000);
      assert.deepEqual(results, []);
      assert.deepEqual(keysOf(store), ["a", "b", "c"].slice(0, keysOf(store).length));
      kept.add(keysOf(store).length);
    }
    assert.deepEqual([...kept].sort(), [0, 1, 2, 3]);
  });

  it("fails writes while it is full, and takes them again afterwards", () => {
    const { simulator, store, results, put } = newStore();
    store.setFull(true);
    put("a");
    simulator.runUntil(1_000);
    assert.deepEqual(results, [{ kind: "failed", reason: "disk is full" }]);
    store.setFull(false);
    put("b");
    simulator.runUntil(2_000);
    assert.deepEqual(keysOf(store), ["b"]);
  });

  it("answers stalled writes once it goes on", () => {
    const { simulator, store, results, put } = newStore();
    store.stall();
    put("a");
    simulator.runUntil(10_000);
    assert.deepEqual(results, []);
    store.unstall();
    simulator.runUntil(20_000);
    assert.deepEqual(results, [{ kind: "written", version: 1 }]);
  });

  it("commits stalled writes before those that came later, and says how many waited", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { simulator, store, results, put } = newStore(seed);
      put("a");
      put("b");
      store.stall();
      simulator.runUntil(5);
      put("c");
      store.unstall();
      simulator.runUntil(20_000);
      assert.deepEqual(keysOf(store), ["a", "b", "c"]);
      assert.equal(results.length, 3);
      assert.equal(store.evidence(), undefined);
      store.stall();
      put("d");
      simulator.runUntil(30_000);
      assert.equal(store.evidence(), "1 writes wait");
    }
  });
});
