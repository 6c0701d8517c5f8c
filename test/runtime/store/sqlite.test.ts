/** The SQLite store keeps the contract, survives kills and full disks, and refuses files that are not its own. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "mocha";

import { openSqliteStore } from "../../../runtime/store/sqlite.ts";
import type { Store, StoreFormat } from "../../../runtime/store/store.ts";
import { storeContract } from "../../contracts/store.ts";

const format: StoreFormat = { name: "test", version: 1 };
const writer = new URL("./sqlite-writer.ts", import.meta.url).pathname;

describe("SQLite store", () => {
  let directory: string;
  let files = 0;
  const newPath = (): string => join(directory, `${files++}`, "store.db");

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "tepui-store-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  storeContract(() => openSqliteStore(newPath(), format));

  async function reopen(path: string, as: StoreFormat): Promise<Store> {
    await (await openSqliteStore(path, format)).close();
    return openSqliteStore(path, as);
  }

  it("keeps everything across a close", async () => {
    const path = newPath();
    const first = await openSqliteStore(path, format);
    await first.write(0, [{ kind: "put", key: "k", value: Uint8Array.of(1) }]);
    await first.close();
    const second = await openSqliteStore(path, format);
    assert.deepEqual(await second.read(), { version: 1, entries: new Map([["k", Uint8Array.of(1)]]) });
    await second.close();
  });

  it("refuses a file that a newer program wrote, naming both versions", async () => {
    const path = newPath();
    const newer = await openSqliteStore(path, { name: "test", version: 7 });
    await newer.close();
    await assert.rejects(openSqliteStore(path, format), /format_version 7, written by a newer tepui; this one reads up to 1/);
  });

  it("opens a file that an older program wrote", async () => {
    const store = await reopen(newPath(), { name: "test", version: 2 });
    await store.close();
  });

  it("refuses a file that holds something else", async () => {
    await assert.rejects(reopen(newPath(), { name: "other", version: 1 }), /holds "test", not "other"/);
  });

  it("refuses a file that is no database", async () => {
    const path = join(directory, "text.db");
    writeFileSync(path, "This is certainly not a database. ".repeat(100));
    await assert.rejects(openSqliteStore(path, format), /text\.db: file is not a database/);
  });

  it("refuses a file that a running process uses, naming file and process", async () => {
    const path = newPath();
    const store = await openSqliteStore(path, format);
    const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(child.stdout), "line");
    assert.match(String(line), new RegExp(`store\\.db is in use by process ${process.pid}: one process at a time`));
    await store.close();
  });

  it("keeps every acknowledged write, whole, when the process is killed in the middle of writes", async function () {
    this.timeout(20_000);
    const path = newPath();
    for (let round = 0; round < 3; round++) {
      const acknowledged = await writeAndKill(path, 20);
      const store = await openSqliteStore(path, format);
      const { version, entries } = await store.read();
      await store.close();
      assert.ok(version >= acknowledged, `version ${version} was read, ${acknowledged} was acknowledged`);
      assert.deepEqual(entries.get("left"), entries.get("right"));
      assert.equal(entries.size, version + 2);
    }
  });

  it("refuses a write that does not fit on the disk, and keeps what was there", async function () {
    this.timeout(20_000);
    const path = newPath();
    // A limit on the size of files is as near as a test gets to a full disk without being root.
    const script = `trap '' XFSZ; ulimit -f 2048; exec "$0" "$@"`;
    const child = spawn("/bin/sh", ["-c", script, process.execPath, writer, path, "100000"], { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    createInterface(child.stdout).on("line", (line) => lines.push(line));
    await once(child, "close");
    assert.match(lines.pop() ?? "", /^failed: .*store\.db/);
    const acknowledged = Number(lines.pop());
    const store = await openSqliteStore(path, format);
    const { version, entries } = await store.read();
    await store.close();
    assert.equal(version, acknowledged);
    assert.equal(entries.size, version + 2);
  });
});

/** The last version that a writer acknowledged before it was killed, after at least `writesMin` of them. */
async function writeAndKill(path: string, writesMin: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
  assert.ok(child.stdout);
  let acknowledged = 0;
  let writes = 0;
  createInterface(child.stdout).on("line", (line) => {
    acknowledged = Number(line);
    if (++writes === writesMin) child.kill("SIGKILL");
  });
  await once(child, "close");
  assert.ok(writes >= writesMin, `the writer ended after ${writes} writes`);
  return acknowledged;
}
