/** How much of the disk a tree takes. */

import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { measureTree } from "../../../agent/containers/measure-tree.ts";

const megabyte = 1024 * 1024;

describe("measureTree()", () => {
  let work = "";
  let tree = "";

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "tepui-measure-"));
    tree = join(work, "tree");
    mkdirSync(join(tree, "a", "b"), { recursive: true });
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  /** Folders and their metadata take something as well, on each file system something else. */
  async function assertAbout(bytes: number): Promise<void> {
    const measured = await measureTree(tree);
    assert.ok(measured >= bytes && measured < bytes + megabyte / 4, `${measured} bytes, not about ${bytes}`);
  }

  it("adds up files of all folders", async () => {
    writeFileSync(join(tree, "one"), Buffer.alloc(megabyte, 1));
    writeFileSync(join(tree, "a", "b", "two"), Buffer.alloc(2 * megabyte, 1));
    await assertAbout(3 * megabyte);
  });

  it("follows no link, and counts a file with two names once", async () => {
    const outside = join(work, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "large"), Buffer.alloc(megabyte, 1));
    symlinkSync(outside, join(tree, "folder"));
    symlinkSync(join(outside, "large"), join(tree, "file"));
    symlinkSync("..", join(tree, "a", "loop"));
    writeFileSync(join(tree, "one"), Buffer.alloc(megabyte, 1));
    linkSync(join(tree, "one"), join(tree, "a", "same"));
    await assertAbout(megabyte);
  });

  it("counts names that are not UTF-8", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0x80])]), Buffer.alloc(megabyte, 1));
    await assertAbout(megabyte);
  });

  it("stops after so many entries, with what was seen", async () => {
    for (let file = 0; file < 50; file++) writeFileSync(join(tree, `f${file}`), Buffer.alloc(megabyte / 16, 1));
    const measured = await measureTree(tree, 20);
    assert.ok(measured > 0 && measured <= (20 * megabyte) / 16 + megabyte / 4, String(measured));
  });

  it("is 0 for what is not there", async () => assert.equal(await measureTree(join(work, "gone")), 0));
});
