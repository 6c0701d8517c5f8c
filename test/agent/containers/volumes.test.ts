/** Folders of persistent volumes: kept, removed, and shown to tasks. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVolumes, linkVolumes } from "../../../agent/containers/volumes.ts";

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
});
