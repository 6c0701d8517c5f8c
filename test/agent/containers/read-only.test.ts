/** Paths that a command may only read, where this process may mount. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOnlyPrefix } from "../../../agent/containers/read-only.ts";

const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

describe("readOnlyPrefix()", () => {
  let work = "";
  let folder = "";
  beforeEach(() => {
    work = realpathSync(mkdtempSync(join(tmpdir(), "tepui-read-only-work-")));
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tepui-read-only-")));
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub", "file"), "contents");
  });
  afterEach(() => {
    for (const each of [work, folder]) rmSync(each, { recursive: true, force: true });
  });

  it("is nothing without paths", async () => assert.deepEqual(await readOnlyPrefix([], work), []));

  it("refuses what holds the work directory, also through a link", async () => {
    symlinkSync(tmpdir(), join(folder, "link"));
    for (const path of ["/", tmpdir(), work, join(folder, "link")]) {
      await assert.rejects(readOnlyPrefix([path], work), /must have the mode RW for what holds the agent's work directory/);
    }
  });

  if (mayMount) {
    it("lets a command read folders and files and write elsewhere, and changes nothing for others", async () => {
      writeFileSync(join(folder, "alone"), "alone");
      const [program = "", ...prefix] = await readOnlyPrefix([join(folder, "sub"), join(folder, "alone")], work);
      const script = `cat sub/file alone; touch sub/new || echo kept; echo x >alone || echo kept; echo y >beside; cd ${work}; touch there`;
      const output = execFileSync(program, [...prefix, "sh", "-c", script], { cwd: folder, encoding: "utf8", stdio: "pipe" });
      assert.equal(output, "contentsalonekept\nkept\n");
      assert.equal(readFileSync(join(folder, "beside"), "utf8"), "y\n");
      writeFileSync(join(folder, "sub", "file"), "changed");
      assert.equal(readFileSync("/proc/self/mounts", "utf8").includes(folder), false);
    });

    it("takes a path that is made later, and does not start a command without it", async () => {
      const [program = "", ...prefix] = await readOnlyPrefix([join(folder, "later")], work);
      assert.equal(spawnSync(program, [...prefix, "true"]).status, 125);
      mkdirSync(join(folder, "later"));
      assert.equal(spawnSync(program, [...prefix, "touch", join(folder, "later", "x")]).status, 1);
    });
  } else {
    it("says that it cannot be", async () => {
      await assert.rejects(
        readOnlyPrefix([folder], work),
        /^Error: container\.volumes must have the mode RW where the agent cannot mount: /,
      );
    });
  }
});
