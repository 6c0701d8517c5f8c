/** Volumes of containers as links in a sandbox. */

import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkContainerVolumes, readOnlyPaths } from "../../../agent/containers/container-volumes.ts";
import type { ContainerVolume } from "../../../agent/core/container-setup.ts";

describe("linkContainerVolumes()", () => {
  let top = "";
  let sandbox = "";
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "tepui-container-volumes-"));
    sandbox = join(top, "run", "containers", "c");
    mkdirSync(sandbox, { recursive: true });
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const link = (...volumes: readonly ContainerVolume[]): void => linkContainerVolumes(sandbox, volumes, undefined);
  const own = (containerPath: string, path: string): ContainerVolume => ({
    containerPath,
    target: { kind: "own", path },
    isReadOnly: false,
  });
  const shared = (containerPath: string, name: string): ContainerVolume => ({
    containerPath,
    target: { kind: "shared", name },
    isReadOnly: false,
  });

  it("leads to what the machine has, and refuses what it does not have", () => {
    const path = join(top, "data");
    const volume: ContainerVolume = { containerPath: "deep/data", target: { kind: "host", path }, isReadOnly: false };
    assert.throws(() => link(volume), /must have a host_path that exists on the agent's machine, ".*\/data" does not/);
    mkdirSync(path);
    link(volume);
    writeFileSync(join(sandbox, "deep", "data", "file"), "contents");
    assert.equal(readFileSync(join(path, "file"), "utf8"), "contents");
  });

  it("makes what is missing of the sandbox itself, and takes a file that was fetched", () => {
    writeFileSync(join(sandbox, "fetched"), "contents");
    link(own("a", "b/c"), own("d", "fetched"));
    assert.ok(statSync(join(sandbox, "a")).isDirectory() && statSync(join(sandbox, "b", "c")).isDirectory());
    assert.equal(readFileSync(join(sandbox, "d"), "utf8"), "contents");
  });

  it("does not follow what an archive has put into the sandbox", () => {
    symlinkSync(top, join(sandbox, "out"));
    assert.throws(() => link(own("a", "out/made")), /must lead through folders only/);
    assert.throws(() => link(own("out/a", "b")), /must lead through folders only/);
    assert.throws(() => link(own("a", "out")), /must lead to folders and files, ".*\/out" is neither/);
    assert.ok(!existsSync(join(top, "made")) && !existsSync(join(top, "a")));
  });

  it("knows where links lead that are for reading", () => {
    const volumes = [own("a", "b/c"), shared("d", "both"), { containerPath: "e", target: { kind: "host", path: "/srv" } } as const];
    const paths = readOnlyPaths(
      sandbox,
      volumes.flatMap((volume) => [
        { ...volume, isReadOnly: true },
        { ...own("x", "y"), isReadOnly: false },
      ]),
    );
    assert.deepEqual(paths, [join(sandbox, "b/c"), join(top, "run", "both"), "/srv"]);
  });

  it("takes the place of nothing", () => {
    mkdirSync(join(sandbox, "there"));
    assert.throws(() => link(own("there", "b")), /must have a container_path that is free in the sandbox, "there" is not/);
  });

  it("shares a folder between the tasks of one executor, which is its first user's", () => {
    const other = join(top, "run", "containers", "d");
    mkdirSync(other);
    const ownUid = process.geteuid?.() ?? 0;
    // Only root can give folders away.
    const first = ownUid === 0 ? { uid: 4_711, gid: 4_712 } : { uid: ownUid, gid: process.getegid?.() ?? 0 };
    linkContainerVolumes(sandbox, [shared("a", "both")], { name: "u", ...first });
    linkContainerVolumes(other, [shared("b", "both")], { name: "v", uid: 4_713, gid: 4_714 });
    writeFileSync(join(sandbox, "a", "file"), "contents");
    assert.equal(readFileSync(join(other, "b", "file"), "utf8"), "contents");
    const { uid, gid } = lstatSync(join(top, "run", "both"));
    assert.deepEqual({ uid, gid }, first);
  });
});
