/** Folders of persistent volumes: kept, removed, and shown to tasks. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVolumes, linkVolumes } from "../../../agent/containers/volumes.ts";
import { until } from "./runtime-bench.ts";

describe("volumes", () => {
  let work = "";
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "tepui-volumes-"));
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const folder = (role: string, id: string): string => join(work, "volumes", "roles", role, id);

  it("are created, and keep what is in them when they are kept again", () => {
    createVolumes(work).keep([{ role: "web", id: "v" }]);
    writeFileSync(join(folder("web", "v"), "file"), "contents");
    createVolumes(work).keep([
      { role: "web", id: "v" },
      { role: "web", id: "w" },
    ]);
    assert.equal(readFileSync(join(folder("web", "v"), "file"), "utf8"), "contents");
    assert.ok(existsSync(folder("web", "w")));
  });

  it("are gone when they are not kept", () => {
    const volumes = createVolumes(work);
    volumes.keep([{ role: "web", id: "v" }]);
    writeFileSync(join(folder("web", "v"), "file"), "contents");
    volumes.keep([]);
    assert.deepEqual(readdirSync(join(work, "volumes", "roles", "web")), []);
    volumes.keep([{ role: "web", id: "v" }]);
    assert.deepEqual(readdirSync(folder("web", "v")), []);
  });

  it("of a role are not taken for those of the role above it", () => {
    const volumes = createVolumes(work);
    volumes.keep([
      { role: "web", id: "ads" },
      { role: "web/ads", id: "v" },
    ]);
    volumes.keep([{ role: "web/ads", id: "v" }]);
    assert.ok(existsSync(folder("web ads", "v")));
    assert.ok(!existsSync(folder("web", "ads")));
  });

  it("are seen in a sandbox, and stay when it goes", () => {
    createVolumes(work).keep([{ role: "web", id: "v" }]);
    const sandbox = join(work, "sandbox");
    mkdirSync(sandbox);
    linkVolumes(work, sandbox, [{ role: "web", id: "v", containerPath: "state/data", isShared: false }]);
    writeFileSync(join(sandbox, "state", "data", "file"), "contents");
    rmSync(sandbox, { recursive: true });
    assert.equal(readFileSync(join(folder("web", "v"), "file"), "utf8"), "contents");
  });

  // A task could leave a link in its volume, and have the agent, as root, follow it for the next one.
  it("are not put behind a link: not within another volume, and not where a file of the sandbox leads", () => {
    createVolumes(work).keep([
      { role: "web", id: "v" },
      { role: "web", id: "w" },
    ]);
    const elsewhere = join(work, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(folder("web", "v"), "out"));
    const sandbox = join(work, "sandbox");
    mkdirSync(sandbox);
    const outer = { role: "web", id: "v", containerPath: "v", isShared: false };
    const inner = { role: "web", id: "w", containerPath: "v/out/w", isShared: false };
    assert.throws(
      () => linkVolumes(work, sandbox, [outer, inner]),
      /container_path of a volume must lead through folders only, .*sandbox\/v is none/,
    );
    assert.deepEqual(readdirSync(elsewhere), []);
    assert.deepEqual(readdirSync(folder("web", "v")), ["out"]);
  });

  describe("on a disk of its own", () => {
    let root = "";
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), "tepui-disk-"));
      writeFileSync(join(root, "the-operators-own"), "");
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    const onDisk = (id: string): string => join(root, "volumes", "roles", "web", id);
    const removed = (): string[] => readdirSync(join(root, "volumes")).filter((name) => name.startsWith("removed-"));

    it("are below its root, and are seen in a sandbox", () => {
      createVolumes(work).keep([{ role: "web", id: "v", root }]);
      const sandbox = join(work, "sandbox");
      mkdirSync(sandbox);
      linkVolumes(work, sandbox, [{ role: "web", id: "v", root, containerPath: "data", isShared: false }]);
      writeFileSync(join(sandbox, "data", "file"), "contents");
      assert.equal(readFileSync(join(onDisk("v"), "file"), "utf8"), "contents");
      assert.ok(!existsSync(folder("web", "v")));
    });

    it("go when they are not kept, also for the next agent, and nothing else on the disk does", async () => {
      createVolumes(work).keep([
        { role: "web", id: "v", root },
        { role: "web", id: "w", root },
      ]);
      mkdirSync(onDisk("of-another-agent"));
      const next = createVolumes(work);
      next.keep([{ role: "web", id: "w", root }]);
      assert.deepEqual(readdirSync(join(root, "volumes", "roles", "web")).sort(), ["of-another-agent", "w"]);
      await until(() => removed().length === 0 && readdirSync(join(work, "volumes", "elsewhere")).length === 1);
      assert.ok(existsSync(join(root, "the-operators-own")));
      next.keep([]);
      await until(() => readdirSync(join(work, "volumes", "elsewhere")).length === 0);
    });

    it("are empty when they are made again at once", async () => {
      const volumes = createVolumes(work);
      volumes.keep([{ role: "web", id: "v", root }]);
      writeFileSync(join(onDisk("v"), "file"), "contents");
      volumes.keep([]);
      volumes.keep([{ role: "web", id: "v", root }]);
      assert.deepEqual(readdirSync(onDisk("v")), []);
      await until(() => removed().length === 0);
      createVolumes(work).keep([{ role: "web", id: "v", root }]);
      assert.ok(existsSync(onDisk("v")));
      assert.equal(readdirSync(join(work, "volumes", "elsewhere")).length, 1);
    });

    it("stay when the work directory was lost: nobody asked for their end", () => {
      createVolumes(work).keep([{ role: "web", id: "v", root }]);
      rmSync(join(work, "volumes"), { recursive: true });
      createVolumes(work).keep([]);
      assert.ok(existsSync(onDisk("v")));
    });

    it("are not made where the disk is gone", () => {
      const gone = join(root, "gone");
      assert.throws(() => createVolumes(work).keep([{ role: "web", id: "v", root: gone }]), /ENOENT/);
      assert.ok(!existsSync(gone));
    });
  });
});
