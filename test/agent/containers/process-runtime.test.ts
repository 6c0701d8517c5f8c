/**
 * Real processes, twice: with cgroups where this machine lets us make them, and by scanning /proc, which works
 * everywhere. An agent's restart is played by a second runtime on the same work directory.
 */

import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readBootId, readProcess, readProcessTable } from "../../../agent/containers/process-table.ts";
import { runFolder } from "../../../agent/containers/sandbox-layout.ts";
import { type Bench, idOf, openBench, sandboxKey, spec, until, useRuntimes, waitMaxMs } from "./runtime-bench.ts";

/** A probe of what this machine allows; false where cgroupfs is read-only. */
const canUseCgroups = withFolder((folder) => {
  const runtime = openBench(folder, { useCgroups: true }).runtime;
  runtime.close();
  return runtime.usesCgroups;
});

for (const useCgroups of canUseCgroups ? [true, false] : [false]) {
  describe(`ProcessRuntime, ${useCgroups ? "with cgroups" : "by scanning /proc"}`, () => {
    const runtimes = useRuntimes({ useCgroups });
    const { open, boot, supervisorOf } = runtimes;

    /** What an agent's crash does to its runtime: nobody listens any more. */
    function crash(bench: Bench): void {
      bench.runtime.close();
    }

    it("runs a command in its sandbox, keeps its output and tells how it ended", async () => {
      const bench = boot();
      bench.launch("c1", 'echo "out $GREETING $(basename "$PWD")"; echo err >&2; exit 7', [["GREETING", "hello"]]);
      assert.deepEqual(await bench.next("containerStarted"), { kind: "containerStarted", containerId: idOf("c1") });
      assert.deepEqual(await bench.next("containerExited"), {
        kind: "containerExited",
        containerId: idOf("c1"),
        exit: { kind: "exited", code: 7 },
      });
      assert.equal(readFileSync(join(sandboxOf("c1"), "stdout"), "utf8"), `out hello ${idOf("c1")}\n`);
      assert.equal(readFileSync(join(sandboxOf("c1"), "stderr"), "utf8"), "err\n");
    });

    it("runs a program without a shell, with its arguments as they are", async () => {
      const bench = boot();
      bench.runtime.launch(
        spec("c1", { shell: false, value: "printf", arguments: ["printf", "<%s>", "a b", "$HOME", "*"], environment: [] }),
      );
      await bench.next("containerExited");
      assert.equal(readFileSync(join(sandboxOf("c1"), "stdout"), "utf8"), "<a b><$HOME><*>");
    });

    it("tells a program that is not there as exit code 127", async () => {
      const bench = boot();
      bench.runtime.launch(spec("c1", { shell: false, value: "/no/such/program", arguments: [], environment: [] }));
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 127 });
    });

    it("leaves the task the default action for signals that the supervisor catches", async () => {
      const bench = boot();
      bench.launch("c1", "kill -INT $$; sleep 60");
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "signalled", signal: 2 });
    });

    it("refuses an id that is no file name, a second use of an id, and an environment that cannot be passed", async () => {
      const bench = boot();
      bench.launch("../x", "true");
      assert.match((await bench.next("containerFailed")).reason, /container id must match/);
      bench.launch("c1", "sleep 60");
      bench.launch("c1", "sleep 60");
      assert.match((await bench.next("containerFailed")).reason, /exists already/);
      bench.launch("c2", "true", [["NUL", "a\0b"]]);
      assert.match((await bench.next("containerFailed")).reason, /null bytes/);
      assert.equal(existsSync(join(runtimes.folder, "containers/records", idOf("c2"))), false);
    });

    it("sends SIGTERM to a polite task, which ends by itself", async () => {
      const bench = boot();
      bench.launch("c1", "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
      await output("c1", "ready");
      bench.runtime.kill(idOf("c1"), waitMaxMs);
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 3 });
      assert.match(readFileSync(join(sandboxOf("c1"), "stdout"), "utf8"), /bye/);
    });

    it("K9: kills a task that ignores SIGTERM when its grace is over, and a second kill may shorten the grace", async () => {
      const bench = boot();
      bench.launch("c1", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
      await output("c1", "ready");
      bench.runtime.kill(idOf("c1"), 3_600_000);
      bench.runtime.kill(idOf("c1"), 50);
      bench.runtime.kill(idOf("c1"), 3_600_000);
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "signalled", signal: 9 });
    });

    it("ends a task that is killed in the moment of its launch", async () => {
      const bench = boot();
      for (let index = 0; index < 10; index++) {
        bench.launch(`c${index}`, "trap '' TERM; sleep 60");
        bench.runtime.kill(idOf(`c${index}`), index % 2 === 0 ? 0 : 20);
      }
      for (let index = 0; index < 10; index++) await bench.next("containerExited");
      await nothingLives();
    });

    for (const [name, script] of escapes()) {
      it(`kill with grace takes ${name} with it`, async () => {
        const bench = boot();
        bench.launch("c1", script);
        await output("c1", "ready");
        assert.notEqual(marked().length, 0);
        bench.runtime.kill(idOf("c1"), 0);
        await bench.next("containerExited");
        await nothingLives();
      });

      it(`kill of everything takes ${name} with it and says when all is dead`, async () => {
        const bench = boot();
        for (const id of ["c1", "c2", "c3"]) bench.launch(id, script);
        for (const id of ["c1", "c2", "c3"]) await output(id, "ready");
        bench.runtime.killAll(waitMaxMs);
        assert.deepEqual((await bench.next("allContainersKilled")).alive, []);
        assert.deepEqual(liveTaskProcesses(), []);
        await nothingLives();
      });
    }

    it("ends what ends with its agent when that lets go, and leaves nothing beside a task that ended before", async () => {
      const bench = boot();
      const shell = (value: string) => ({ shell: true, value, arguments: [], environment: [] });
      bench.runtime.launch({ ...spec("short", shell("exit 3")), endsWithAgent: true });
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 3 });
      await nothingLives();
      bench.runtime.launch({ ...spec("long", shell("trap '' TERM; echo ready; while :; do sleep 0.05; done")), endsWithAgent: true });
      await output("long", "ready");
      crash(bench);
      await nothingLives();
      // The supervisor is the first to be killed, so it writes nothing down any more.
      assert.deepEqual(open().runtime.recover(), [
        { containerId: idOf("long"), state: "vanished" },
        { containerId: idOf("short"), state: "ended", exit: { kind: "exited", code: 3 } },
      ]);
    });

    it("kills what a task leaves behind before it tells the end", async () => {
      const bench = boot();
      bench.launch("c1", `${daemon("sleep 3600")}; exit 0`);
      assert.deepEqual((await bench.next("containerExited")).exit, { kind: "exited", code: 0 });
      await nothingLives();
    });

    it("starts nothing after a kill of everything, nor what waited to be started", async () => {
      const bench = boot();
      for (let index = 0; index < 20; index++) bench.launch(`c${index}`, "sleep 3600");
      bench.runtime.killAll(waitMaxMs);
      assert.deepEqual((await bench.next("allContainersKilled")).alive, []);
      bench.launch("late", "sleep 3600");
      assert.match((await bench.next("containerFailed")).reason, /leaving/);
      await nothingLives();
    });

    it("names nothing as alive when there was nothing", async () => {
      const bench = boot();
      bench.runtime.killAll(waitMaxMs);
      assert.deepEqual((await bench.next("allContainersKilled")).alive, []);
    });

    it("adopts a task that outlived its agent, hears its end and can kill it", async () => {
      const first = boot();
      first.launch("waits", "while [ ! -e go ]; do sleep 0.05; done; exit 5");
      first.launch("stays", "echo ready; exec sleep 3600");
      await output("stays", "ready");
      crash(first);
      const second = open();
      assert.deepEqual(second.runtime.recover(), [
        { containerId: idOf("stays"), state: "running" },
        { containerId: idOf("waits"), state: "running" },
      ]);
      writeFileSync(join(sandboxOf("waits"), "go"), "");
      assert.deepEqual(await second.next("containerExited"), {
        kind: "containerExited",
        containerId: idOf("waits"),
        exit: { kind: "exited", code: 5 },
      });
      second.runtime.kill(idOf("stays"), 5_000);
      assert.deepEqual((await second.next("containerExited")).exit, { kind: "signalled", signal: 15 });
    });

    it("kill of everything reaches adopted tasks", async () => {
      const first = boot();
      first.launch("c1", `trap '' TERM; ${daemon("sleep 3600")}; echo ready; sleep 3600`);
      await output("c1", "ready");
      crash(first);
      const second = boot();
      second.runtime.killAll(waitMaxMs);
      assert.deepEqual((await second.next("allContainersKilled")).alive, []);
      assert.deepEqual(liveTaskProcesses(), []);
    });

    it("finds the recorded end of a task that ended without an agent, until the container is removed", async () => {
      const first = boot();
      first.launch("c1", "while [ ! -e go ]; do sleep 0.02; done; exit 9");
      await first.next("containerStarted");
      crash(first);
      await until(() => existsSync(sandboxOf("c1")));
      writeFileSync(join(sandboxOf("c1"), "go"), "");
      await until(() => readFileSync(join(runtimes.folder, "containers/records", idOf("c1")), "utf8").includes("ended"));
      const ended = { containerId: idOf("c1"), state: "ended", exit: { kind: "exited", code: 9 } };
      const second = open();
      assert.deepEqual(second.runtime.recover(), [ended]);
      crash(second);
      const third = open();
      assert.deepEqual(third.runtime.recover(), [ended]);
      third.runtime.remove(idOf("c1"));
      crash(third);
      assert.deepEqual(open().runtime.recover(), []);
    });

    it("B20: tells a supervisor that was killed, kills the rest of its tree, and finds it vanished after a restart", async () => {
      const first = boot();
      first.launch("c1", "echo ready; sleep 3600");
      await output("c1", "ready");
      process.kill(supervisorOf("c1"), "SIGKILL");
      assert.deepEqual((await first.next("containerExited")).exit, { kind: "signalled", signal: 9 });
      await nothingLives();
      crash(first);
      assert.deepEqual(open().runtime.recover(), [{ containerId: idOf("c1"), state: "vanished" }]);
    });

    it("does not touch a process that has the pid of a dead supervisor", async () => {
      const other = boot();
      other.launch("bystander", "echo ready; exec sleep 3600");
      await output("bystander", "ready");
      const pid = supervisorOf("bystander");
      const start = readProcess(pid)?.startTicks ?? 0;
      appendFileSync(join(runtimes.folder, "containers/records", idOf("old")), `created\nstarted ${pid} ${start - 1} ${readBootId()} -\n`);
      appendFileSync(join(runtimes.folder, "containers/records", idOf("older")), `created\nstarted ${pid} ${start} another-boot -\n`);
      crash(other);
      const bench = open();
      const found = bench.runtime.recover();
      assert.deepEqual(
        found.map(({ containerId, state }) => [containerId, state]),
        [
          [idOf("bystander"), "running"],
          [idOf("old"), "vanished"],
          [idOf("older"), "vanished"],
        ],
      );
      for (const id of ["old", "older"]) {
        bench.runtime.kill(idOf(id), 0);
        bench.runtime.remove(idOf(id));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(readProcess(pid)?.isDead, false);
      assert.notEqual(liveTaskProcesses().length, 0);
    });

    it("does not start a task whose supervisor comes too late for the recovery", async () => {
      const first = boot();
      first.launch("c1", "true");
      await first.next("containerExited");
      crash(first);
      // As if the supervisor had not come to write yet.
      writeFileSync(join(runtimes.folder, "containers/records", idOf("c1")), "created\n");
      assert.deepEqual(open().runtime.recover(), [{ containerId: idOf("c1"), state: "vanished" }]);
      assert.equal(existsSync(join(runtimes.folder, "containers/cancelled", idOf("c1"))), true);
    });

    function sandboxOf(name: string): string {
      return runFolder(runtimes.folder, sandboxKey, idOf(name));
    }

    async function output(name: string, text: string): Promise<void> {
      const path = join(sandboxOf(name), "stdout");
      await until(() => existsSync(path) && readFileSync(path, "utf8").includes(text));
    }

    /** Processes that work in a sandbox of this test, however they disguised themselves; supervisors do, too. */
    function marked(): readonly number[] {
      return [...readProcessTable().values()].filter(({ pid, isDead }) => !isDead && worksIn(pid, runtimes.folder)).map(({ pid }) => pid);
    }

    /** Without supervisors: those do nothing any more once the news is out, and are killed just after it. */
    function liveTaskProcesses(): readonly number[] {
      return marked().filter((pid) => !commandLineOf(pid).includes("tepui-supervisor"));
    }

    async function nothingLives(): Promise<void> {
      await until(() => marked().length === 0);
    }

    /** Ways out of a process group; the last one also out of the marker, and seen only by its parent or its cgroup. */
    function escapes(): readonly (readonly [name: string, script: string])[] {
      const all: (readonly [string, string])[] = [
        ["a child in the background", "sleep 3600 & echo ready; wait"],
        ["a child that ignores SIGTERM", "sh -c \"trap '' TERM; echo ready; while :; do sleep 0.05; done\" & wait"],
        ["a grandchild in its own session", "setsid sleep 3600 & echo ready; sleep 3600"],
        ["a daemon that forked twice into its own session", `${daemon("sleep 3600")}; echo ready; sleep 3600`],
        ["a child in its own session with a clean environment", "env -i setsid sleep 3600 & sleep 0.1; echo ready; wait"],
      ];
      const orphan: readonly [string, string] = [
        "an orphan in its own session with a clean environment",
        `(env -i setsid sh -c 'sleep 3600 & exit 0' &) ; sleep 0.2; echo ready; sleep 3600`,
      ];
      return useCgroups ? [...all, orphan] : all;
    }
  });
}

function daemon(command: string): string {
  return `(setsid sh -c '(${command}) >/dev/null 2>&1 & exit 0' &); sleep 0.2`;
}

function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "tepui-containers-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
