/** Disks of their own, looked at before they are offered. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDisks, parseMountPoints, readMountPoints } from "../../../agent/containers/disks.ts";
import { type Resources, toResources } from "../../../common/resources.ts";

function disk(type: "PATH" | "MOUNT", root: string): Resources {
  return toResources([{ name: "disk", value: { kind: "scalar", milli: 1_000 }, reservations: [], disk: { source: { type, root } } }]);
}

describe("checkDisks()", () => {
  let work = "";
  beforeEach(() => {
    work = realpathSync(mkdtempSync(join(tmpdir(), "tepui-disks-")));
    mkdirSync(join(work, "data"));
    writeFileSync(join(work, "file"), "");
    symlinkSync(join(work, "data"), join(work, "link"));
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const check = (resources: Resources): void => checkDisks(resources, { workDirectory: work, mountPoints: new Set([join(work, "data")]) });

  it("takes folders, relative ones below the work directory, and mount points, links to them included", () => {
    check(disk("PATH", join(work, "data")));
    check(disk("PATH", "data"));
    check(disk("MOUNT", join(work, "link")));
    check(toResources([{ name: "disk", value: { kind: "scalar", milli: 1_000 }, reservations: [] }]));
  });

  it("names the disk and the reason otherwise", () => {
    assert.throws(() => check(disk("PATH", "/no/such/disk")), /--resources: the root of a PATH disk, \/no\/such\/disk, .*ENOENT/);
    assert.throws(() => check(disk("PATH", "file")), /must be a folder/);
    assert.throws(() => check(disk("MOUNT", work)), /must be a mount point: is the disk mounted\?/);
  });

  it("finds mount points as the kernel writes them", () => {
    const line = "36 35 98:0 /mnt1 /mnt/with\\040blank rw,noatime master:1 - ext3 /dev/root rw\n";
    assert.deepEqual([...parseMountPoints(line)], ["/mnt/with blank"]);
    assert.ok(readMountPoints().has("/"));
  });
});
