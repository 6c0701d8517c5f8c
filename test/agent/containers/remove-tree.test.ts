/** Trees as tasks may leave them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { removeTree } from "../../../agent/containers/remove-tree.ts";

describe("removeTree()", () => {
  let work = "";
  let tree = "";
  let place = "";

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "tepui-remove-"));
    tree = join(work, "tree");
    place = join(work, "place");
    mkdirSync(tree);
    mkdirSync(place);
  });
  afterEach(() => execFileSync("rm", ["-rf", work]));

  async function assertRemoved(): Promise<void> {
    await removeTree(tree, place);
    assert.equal(existsSync(tree), false);
    assert.deepEqual(readdirSync(place), []);
  }

  it("removes files and folders of any number", async () => {
    for (let folder = 0; folder < 20; folder++) {
      mkdirSync(join(tree, `d${folder}`, "empty"), { recursive: true });
      for (let file = 0; file < 50; file++) writeFileSync(join(tree, `d${folder}`, `f${file}`), "x");
    }
    await assertRemoved();
  });

  it("removes links and leaves alone what they point to", async () => {
    const outside = join(work, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "precious");
    symlinkSync(outside, join(tree, "to-folder"));
    symlinkSync(join(outside, "file"), join(tree, "to-file"));
    symlinkSync("/no/such/place", join(tree, "dangling"));
    symlinkSync("..", join(tree, "loop"));
    linkSync(join(outside, "file"), join(tree, "hard"));
    await assertRemoved();
    assert.equal(readFileSync(join(outside, "file"), "utf8"), "precious");
  });

  it("removes the link itself when the tree has become one", async () => {
    const outside = join(work, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "precious");
    rmSync(tree, { recursive: true });
    symlinkSync(outside, tree);
    await removeTree(tree, place);
    assert.deepEqual(readdirSync(work).sort(), ["outside", "place"]);
    assert.deepEqual(readdirSync(outside), ["file"]);
  });

  it("removes names that are not UTF-8", async () => {
    const name = Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe, 0x80])]);
    mkdirSync(name);
    writeFileSync(Buffer.concat([name, Buffer.from([0x2f, 0xc3])]), "x");
    await assertRemoved();
  });

  it("removes trees deeper than any path can name", async () => {
    // 300 levels of 50 bytes: four times PATH_MAX. Only who goes down step by step can make it.
    const script = `for (let level = 0; level < 300; level++) { fs.mkdirSync("${"d".repeat(50)}"); process.chdir("${"d".repeat(50)}"); }`;
    execFileSync(process.execPath, ["-e", `${script} fs.writeFileSync("file", "x");`], { cwd: tree });
    await assertRemoved();
  });

  it("removes sockets, pipes and files without permissions", async () => {
    execFileSync("mkfifo", [join(tree, "pipe")]);
    mkdirSync(join(tree, "closed"));
    writeFileSync(join(tree, "closed", "file"), "x", { mode: 0 });
    execFileSync("chmod", ["0", join(tree, "closed")]);
    await assertRemoved();
  });

  it("has nothing to do when nothing is there", async () => {
    rmSync(tree, { recursive: true });
    await assertRemoved();
  });
});
