/** The supervisor beneath each shell that this machine has, without the runtime around it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseContainerRecord } from "../../../agent/containers/container-record.ts";
import { readProcess } from "../../../agent/containers/process-table.ts";
import { supervisorScript } from "../../../agent/containers/supervisor-script.ts";

const shells = [
  { name: "/bin/sh", path: "/bin/sh", first: [] },
  { name: "dash", path: "/usr/bin/dash", first: [] },
  { name: "bash --posix", path: "/bin/bash", first: ["--posix"] },
  { name: "busybox ash", path: "/usr/bin/busybox", first: ["ash"] },
].filter(({ path }) => existsSync(path));

for (const { name, path, first } of shells) {
  describe(`supervisor beneath ${name}`, () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tepui-supervisor-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    function start(...command: readonly string[]) {
      const files = ["record", "stdout", "stderr"].map((file) => openSync(join(folder, file), "a"));
      const child = spawn(
        path,
        [...first, "-c", supervisorScript, "supervisor", "-", "boot-1", join(folder, "cancelled"), "-", ...command],
        {
          stdio: ["ignore", "ignore", "ignore", ...files],
          detached: true,
          env: { PATH: process.env["PATH"] ?? "" },
        },
      );
      for (const file of files) closeSync(file);
      return child;
    }

    const read = (file: string): string => readFileSync(join(folder, file), "utf8");

    it("records its pid and start time, then the end, and ends with the same status", async () => {
      const child = start("/bin/sh", "-c", "echo out; echo err >&2; exit 6");
      const startTicks = readProcess(child.pid ?? 0)?.startTicks;
      assert.deepEqual(await once(child, "exit"), [6, null]);
      assert.deepEqual(parseContainerRecord(read("record")), {
        start: { supervisorPid: child.pid, startTicks, bootId: "boot-1", cgroup: undefined },
        exit: { kind: "exited", code: 6 },
      });
      assert.deepEqual([read("stdout"), read("stderr")], ["out\n", "err\n"]);
    });

    it("records that a signal ended the task", async () => {
      const child = start("/bin/sh", "-c", "kill -KILL $$");
      assert.deepEqual(await once(child, "exit"), [137, null]);
      assert.deepEqual(parseContainerRecord(read("record")).exit, { kind: "signalled", signal: 9 });
      assert.equal(read("stderr"), "");
    });

    it("lives through a SIGTERM to its process group, which ends the task", async () => {
      const child = start("/bin/sh", "-c", "echo ready; exec sleep 60");
      while (!read("stdout").includes("ready")) await new Promise((resolve) => setTimeout(resolve, 5));
      process.kill(-(child.pid ?? 0), "SIGTERM");
      assert.deepEqual(await once(child, "exit"), [143, null]);
      assert.deepEqual(parseContainerRecord(read("record")).exit, { kind: "signalled", signal: 15 });
    });

    it("passes arguments through as they are and no descriptor but the standard ones", async () => {
      const child = start(
        "/bin/sh",
        "-c",
        'printf "<%s>" "$@"; for n in 3 4 5; do [ ! -e /proc/$$/fd/$n ] || echo "fd $n"; done',
        "x",
        "a b",
        "",
        "$HOME",
      );
      await once(child, "exit");
      assert.equal(read("stdout"), "<a b><><$HOME>");
    });

    it("starts nothing when that is forbidden", async () => {
      writeFileSync(join(folder, "cancelled"), "");
      assert.deepEqual(await once(start("/bin/sh", "-c", "echo out"), "exit"), [125, null]);
      assert.equal(read("stdout"), "");
      assert.equal(parseContainerRecord(read("record")).exit, undefined);
    });
  });
}
