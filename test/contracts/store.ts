/** What every store must do. Each implementation's test runs this against itself. */

import assert from "node:assert/strict";
import { it } from "mocha";

import { type Store, type StoreChange, StoreError } from "../../runtime/store/store.ts";

const put = (key: string, ...bytes: number[]): StoreChange => ({ kind: "put", key, value: Uint8Array.from(bytes) });
const remove = (key: string): StoreChange => ({ kind: "delete", key });

/** `open` gives a new, empty store. */
export function storeContract(open: () => Promise<Store>): void {
  async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
    const store = await open();
    try {
      await body(store);
    } finally {
      await store.close();
    }
  }

  it("is at version 0 and empty before the first write", () =>
    withStore(async (store) => {
      assert.deepEqual(await store.read(), { version: 0, entries: new Map() });
    }));

  it("reads back what was written, in the order of the keys, and counts the writes", () =>
    withStore(async (store) => {
      assert.deepEqual(await store.write(0, [put("b", 1, 2), put("a"), put("c", 255)]), { kind: "written", version: 1 });
      assert.deepEqual(await store.write(1, [put("b", 3), remove("c"), remove("never there")]), { kind: "written", version: 2 });
      const { version, entries } = await store.read();
      assert.equal(version, 2);
      assert.deepEqual(
        [...entries],
        [
          ["a", Uint8Array.of()],
          ["b", Uint8Array.of(3)],
        ],
      );
    }));

  it("does the changes of one write in their order", () =>
    withStore(async (store) => {
      await store.write(0, [put("k", 1), remove("k"), put("k", 2), put("k", 3)]);
      assert.deepEqual([...(await store.read()).entries], [["k", Uint8Array.of(3)]]);
    }));

  it("refuses a write that expects another version, and changes nothing", () =>
    withStore(async (store) => {
      await store.write(0, [put("k", 1)]);
      assert.deepEqual(await store.write(0, [put("k", 2)]), { kind: "conflict", version: 1 });
      assert.deepEqual(await store.write(2, [put("k", 2)]), { kind: "conflict", version: 1 });
      assert.deepEqual(await store.read(), { version: 1, entries: new Map([["k", Uint8Array.of(1)]]) });
    }));

  it("does writes in the order in which they were asked for", () =>
    withStore(async (store) => {
      const outcomes = await Promise.all([0, 1, 1, 2].map((expected) => store.write(expected, [put("k", expected)])));
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ["written", "written", "conflict", "written"],
      );
      assert.deepEqual([...(await store.read()).entries], [["k", Uint8Array.of(2)]]);
    }));

  it("keeps its own copy of the bytes", () =>
    withStore(async (store) => {
      const value = Uint8Array.of(1);
      const written = store.write(0, [{ kind: "put", key: "k", value }]);
      value[0] = 2;
      await written;
      (await store.read()).entries.get("k")?.fill(3);
      assert.deepEqual((await store.read()).entries.get("k"), Uint8Array.of(1));
    }));

  it("takes a value of a megabyte and keys that look like numbers", () =>
    withStore(async (store) => {
      const value = new Uint8Array(1024 * 1024).fill(7);
      await store.write(0, [{ kind: "put", key: "10", value }, put("9", 1)]);
      assert.deepEqual([...(await store.read()).entries.keys()], ["10", "9"]);
      assert.deepEqual((await store.read()).entries.get("10"), value);
    }));

  it("refuses to be used once closed", async () => {
    const store = await open();
    await store.close();
    await assert.rejects(store.read(), StoreError);
    await assert.rejects(store.write(0, [put("k", 1)]), StoreError);
  });
}
