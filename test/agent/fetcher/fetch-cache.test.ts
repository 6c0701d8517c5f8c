/** The cache: shared downloads, bounded bytes, nothing taken from those who use it. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FetchCache, type FillFile } from "../../../agent/fetcher/fetch-cache.ts";
import { FetcherBench } from "./fetcher-bench.ts";

const never = new AbortController().signal;

describe("FetchCache", () => {
  let folder: string;
  let cache: FetchCache;
  let filled: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-cache-"));
    cache = new FetchCache(folder, 10);
    filled = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function content(text: string, before: Promise<unknown> = Promise.resolve()): FillFile {
    return async (file, { onBytes }) => {
      filled.push(text);
      await before;
      onBytes(text.length);
      await file.writeFile(text);
    };
  }

  async function use(key: string, text: string): Promise<{ text: string; release: () => void }> {
    const { place, release } = await cache.use(key, content(text), never);
    return { text: readFileSync(place, "utf8"), release };
  }

  async function useBriefly(key: string, text: string): Promise<string> {
    const used = await use(key, text);
    used.release();
    return used.text;
  }

  /** Files go a moment later than their entries. */
  async function files(count: number): Promise<void> {
    for (let look = 0; look < 200 && readdirSync(folder).length !== count; look++) await sleep(10);
    assert.equal(readdirSync(folder).length, count);
  }

  it("fills a file once", async () => {
    assert.equal(await useBriefly("a", "first"), "first");
    assert.equal(await useBriefly("a", "second"), "first");
    assert.deepEqual(filled, ["first"]);
    assert.equal(cache.keptBytes, 5);
  });

  it("lets those who ask at the same time wait for one download", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const both = [cache.use("a", content("one", promise), never), cache.use("a", content("two"), never)];
    resolve();
    const [first, second] = await Promise.all(both);
    assert.equal(first?.place, second?.place);
    assert.deepEqual(filled, ["one"]);
  });

  it("forgets a download that failed, which fails for all who wait, and tries again", async () => {
    const fail: FillFile = async (file, { onBytes }) => {
      onBytes(4);
      await file.writeFile("half");
      throw new Error("cut");
    };
    const both = [cache.use("a", fail, never), cache.use("a", content("two"), never)];
    for (const one of both) await assert.rejects(one, /cut/);
    await files(0);
    assert.equal(cache.keptBytes, 0);
    assert.equal(await useBriefly("a", "three"), "three");
  });

  it("stops a download when the last who waits has gone, and not before", async () => {
    let stopped = false;
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const hang: FillFile = (_file, { signal }) =>
      new Promise((_resolve, reject) => {
        start();
        signal.addEventListener("abort", () => {
          stopped = true;
          reject(signal.reason);
        });
      });
    const leavers = [new AbortController(), new AbortController()];
    const waits = leavers.map(({ signal }) => assert.rejects(cache.use("a", hang, signal), /left/));
    await started;
    leavers[0]?.abort(new Error("left"));
    await waits[0];
    assert.equal(stopped, false);
    leavers[1]?.abort(new Error("left"));
    await waits[1];
    assert.equal(stopped, true);
    await files(0);
    assert.equal(await useBriefly("a", "anew"), "anew");
  });

  it("makes room by what was used longest ago", async () => {
    await useBriefly("a", "aaaa");
    await useBriefly("b", "bbbb");
    await useBriefly("a", "");
    await useBriefly("c", "cccc");
    await files(2);
    assert.equal(cache.keptBytes, 8);
    assert.equal(await useBriefly("a", "new"), "aaaa");
    assert.equal(await useBriefly("b", "new"), "new");
  });

  it("keeps what is in use; a file that does not fit beside it is used once", async () => {
    const used = await use("a", "aaaaaa");
    const large = await use("b", "bbbbbb");
    assert.equal(large.text, "bbbbbb");
    assert.equal(cache.keptBytes, 6);
    await files(2);
    large.release();
    await files(1);
    assert.equal(await useBriefly("a", "new"), "aaaaaa");
    used.release();
    assert.equal(await useBriefly("b", "again"), "again");
    assert.deepEqual(filled, ["aaaaaa", "bbbbbb", "again"]);
  });

  it("keeps nothing when it may have no bytes", async () => {
    cache = new FetchCache(folder, 0);
    assert.equal(await useBriefly("a", "one"), "one");
    await files(0);
    assert.equal(await useBriefly("a", "two"), "two");
  });
});

describe("a file that is to be cached", () => {
  let bench: FetcherBench;

  beforeEach(async () => {
    bench = new FetcherBench();
    await bench.server.listen();
  });
  afterEach(() => bench.close());

  it("is asked for once by each user, and is each task's own copy", async () => {
    const value = bench.server.serve("/x", "original");
    const first = await bench.fetch([{ value, cache: true, executable: true }]);
    rmSync(join(first, "x"));
    const second = await bench.fetch([{ value, cache: true, outputFile: "y" }]);
    assert.equal(readFileSync(join(second, "y"), "utf8"), "original");
    assert.equal(bench.server.asked.length, 1);
    await bench.fetch([{ value, cache: true }], { userName: "bob" });
    assert.equal(bench.server.asked.length, 2);
    await bench.fetch([{ value }]);
    assert.equal(bench.server.asked.length, 3, "not without being asked to");
  });

  it("is asked for again after a failure", async () => {
    const value = bench.server.uri("/x");
    await assert.rejects(bench.fetch([{ value, cache: true }]), /404/);
    bench.server.serve("/x", "there now");
    assert.equal(readFileSync(join(await bench.fetch([{ value, cache: true }]), "x"), "utf8"), "there now");
  });
});
