/** The supervisor beneath each shell that this machine has, without the runtime around it. */

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

import fc from "fast-check";

import { createdLine, nestedCreatedLine, parseContainerRecord } from "../../../agent/containers/container-record.ts";
import { readProcess, readProcessTable } from "../../../agent/containers/process-table.ts";
import { type TaskRequest, writeTaskRequest } from "../../../agent/containers/supervisor-request.ts";
import { supervisorArguments, supervisorScript } from "../../../agent/containers/supervisor-script.ts";
import { until } from "./runtime-bench.ts";

const shells = [
  { name: "/bin/sh", path: "/bin/sh", first: [] },
  { name: "dash", path: "/usr/bin/dash", first: [] },
  { name: "bash --posix", path: "/bin/bash", first: ["--posix"] },
  { name: "busybox ash", path: "/usr/bin/busybox", first: ["ash"] },
].filter(({ path }) => existsSync(path));

/** Prints its arguments and then its environment, each ended by a null byte. */
const tellAll = `const variables = Object.entries(process.env).map((pair) => pair.join("="));
require("node:fs").writeSync(1, [...process.argv.slice(1), ...variables].join("\\0"))`;

for (const { name, path, first } of shells) {
  describe(`supervisor beneath ${name}`, () => {
    let folder: string;
    let supervisors: ChildProcessByStdio<Writable, Readable, null>[];

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tepui-supervisor-"));
      supervisors = [];
    });
    afterEach(() => {
      for (const { pid, exitCode, signalCode } of supervisors) {
        if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
      }
      rmSync(folder, { recursive: true, force: true });
    });

    function start() {
      const child = spawn(path, [...first, ...supervisorArguments("boot-1")], {
        stdio: ["pipe", "pipe", "ignore"],
        detached: true,
        cwd: "/",
        env: {},
      });
      supervisors.push(child);
      child.stdin.on("error", () => {});
      child.stdin.write(supervisorScript);
      return child;
    }

    /** What the agent does before it asks: the sandbox and the record are there. */
    function request(
      task: string,
      commandLine: readonly string[],
      environment: TaskRequest["environment"] = [],
      endsWithAgent = false,
    ): string {
      mkdirSync(join(folder, task));
      writeFileSync(join(folder, `${task}.record`), createdLine);
      return writeTaskRequest({
        recordPath: join(folder, `${task}.record`),
        cancelledPath: join(folder, `${task}.cancelled`),
        sandbox: join(folder, task),
        cgroup: undefined,
        groups: [],
        environment: [["PATH", process.env["PATH"] ?? ""], ...environment],
        commandLine,
        opensOutput: false,
        endsWithAgent,
      });
    }

    async function report(child: { readonly stdout: Readable }): Promise<string> {
      const [bytes] = await once(child.stdout, "data");
      return String(bytes);
    }

    const read = (file: string): string => readFileSync(join(folder, file), "utf8");
    const record = (task: string) => parseContainerRecord(read(`${task}.record`));
    const shell = (script: string): readonly string[] => ["/bin/sh", "-c", script];

    it("records its pid and start time, then the end, and reports the same status", async () => {
      const child = start();
      child.stdin.write(request("a", shell("echo out; echo err >&2; exit 6")));
      assert.equal(await report(child), "ended 6\n");
      assert.deepEqual(record("a"), {
        isNested: false,
        start: { supervisorPid: child.pid, startTicks: readProcess(child.pid ?? 0)?.startTicks, bootId: "boot-1", cgroup: undefined },
        exit: { kind: "exited", code: 6 },
      });
      assert.deepEqual([read("a/stdout"), read("a/stderr")], ["out\n", "err\n"]);
    });

    it("takes the record of what an operator started for one of its own", async () => {
      const child = start();
      const asked = request("n", shell("exit 4"));
      writeFileSync(join(folder, "n.record"), nestedCreatedLine);
      child.stdin.write(asked);
      assert.equal(await report(child), "ended 4\n");
      assert.deepEqual([record("n").isNested, record("n").exit], [true, { kind: "exited", code: 4 }]);
    });

    it("records that a signal ended the task", async () => {
      const child = start();
      child.stdin.write(request("a", shell("kill -KILL $$")));
      assert.equal(await report(child), "ended 137\n");
      assert.deepEqual(record("a").exit, { kind: "signalled", signal: 9 });
      assert.equal(read("a/stderr"), "");
    });

    it("runs one task after the other, and nothing of one reaches the next", async () => {
      const child = start();
      child.stdin.write(request("a", shell('cd /; umask 0; X=1; echo "$A"; exit 3'), [["A", "first"]]));
      assert.equal(await report(child), "ended 3\n");
      child.stdin.write(request("b", shell('echo "<$A$X>"; umask; basename "$PWD"; exit 4')));
      assert.equal(await report(child), "ended 4\n");
      assert.equal(read("b/stdout").replace(/\n0*/, "\n"), "<>\n22\nb\n");
      assert.equal(record("a").start?.supervisorPid, record("b").start?.supervisorPid);
    });

    it("ends without a task when the agent goes, and with its task's status when it has one", async () => {
      const idle = start();
      idle.stdin.end();
      assert.deepEqual(await once(idle, "exit"), [0, null]);
      const busy = start();
      busy.stdin.write(request("a", shell("echo ready; while [ ! -e go ]; do sleep 0.02; done; exit 9")));
      await until(() => read("a.record").includes("started") && existsSync(join(folder, "a/stdout")) && read("a/stdout") !== "");
      busy.stdin.end();
      // As when the agent was killed: nobody reads reports any more.
      busy.stdout.destroy();
      writeFileSync(join(folder, "a/go"), "");
      assert.deepEqual(await once(busy, "exit"), [9, null]);
      assert.deepEqual(record("a").exit, { kind: "exited", code: 9 });
    });

    it("kills a task that ends with the agent when the agent goes, and leaves no watcher beside one that ended before", async () => {
      const child = start();
      child.stdin.write(request("a", shell("exit 7"), [], true));
      assert.equal(await report(child), "ended 7\n");
      child.stdin.write(request("b", shell("trap '' TERM; echo $$; while :; do sleep 0.05; done"), [], true));
      await until(() => existsSync(join(folder, "b/stdout")) && read("b/stdout").endsWith("\n"));
      const members = [...readProcessTable().values()].filter(({ sessionId, isDead }) => sessionId === child.pid && !isDead);
      // The supervisor, the task with its sleep, the one who watches.
      assert.ok(members.length === 4 || members.length === 3, `${members.length} processes`);
      child.stdin.end();
      assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
      await until(() => readProcess(Number(read("b/stdout")))?.isDead !== false);
    });

    it("starts nothing of a request that was cut off", async () => {
      const whole = request("a", shell("echo bad >bad"), [["QUOTES", "a'b"]]).trimEnd();
      for (let length = whole.length - 1; length > 0; length -= 7) {
        const child = start();
        child.stdin.end(whole.slice(0, length));
        await once(child, "exit");
        assert.equal(record("a").start, undefined, whole.slice(0, length));
      }
      assert.equal(existsSync(join(folder, "a/bad")), false);
    });

    it("lives through a SIGTERM to its process group, which ends the task", async () => {
      const child = start();
      child.stdin.write(request("a", shell("echo ready; exec sleep 60")));
      await until(() => existsSync(join(folder, "a/stdout")) && read("a/stdout").includes("ready"));
      process.kill(-(child.pid ?? 0), "SIGTERM");
      assert.equal(await report(child), "ended 143\n");
      assert.deepEqual(record("a").exit, { kind: "signalled", signal: 15 });
      child.stdin.write(request("b", shell("kill -INT $$; exit 0")));
      assert.equal(await report(child), "ended 130\n");
    });

    it("passes no descriptor but the standard ones", async () => {
      const child = start();
      child.stdin.write(
        request("a", shell("read -r line; for n in 3 4 5 6 7 8 9 10 11; do [ ! -e /proc/$$/fd/$n ] || echo $n; done; echo $line")),
      );
      await report(child);
      assert.equal(read("a/stdout"), "\n");
    });

    it("passes arguments and variables byte for byte, whatever they hold", async () => {
      const child = start();
      const text = fc.string({ unit: "binary" }).map((each) => Buffer.from(each.replaceAll("\0", "")).toString());
      const variable = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/).map((each) => `T_${each}`);
      let tasks = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(text), fc.uniqueArray(fc.tuple(variable, text), { selector: ([each]) => each }), async (args, pairs) => {
          const task = `task ' ${tasks++}`;
          child.stdin.write(request(task, [process.execPath, "-e", tellAll, "--", ...args], pairs));
          assert.equal(await report(child), "ended 0\n");
          const told = read(`${task}/stdout`).split("\0");
          assert.deepEqual(told.slice(0, args.length), args);
          const variables = told.slice(args.length).filter((each) => each.startsWith("T_"));
          assert.deepEqual(variables.sort(), pairs.map((pair) => pair.join("=")).sort());
        }),
        { numRuns: 12 },
      );
    });

    it("lets no variable that means something to the shell stop the task", async () => {
      const child = start();
      const names = [
        "UID",
        "PPID",
        "OPTIND",
        "IFS",
        "LINENO",
        "SHELLOPTS",
        "BASHOPTS",
        "PS4",
        "ENV",
        "CDPATH",
        "RANDOM",
        "_",
        "not-a-name",
      ];
      const environment = names.map((each) => [each, "x y"] as const);
      child.stdin.write(request("a", ["/bin/sh", "-c", "echo $LAST"], [...environment, ["LAST", "here"]]));
      assert.equal(await report(child), "ended 0\n");
      assert.equal(read("a/stdout"), "here\n");
    });

    it("starts nothing when that is forbidden", async () => {
      const child = start();
      child.stdin.write(`echo wait >&2\n${request("a", shell("echo out >out"))}`);
      writeFileSync(join(folder, "b.cancelled"), "");
      await report(child);
      child.stdin.write(request("b", shell("echo out >out")));
      assert.deepEqual(await once(child, "exit"), [125, null]);
      assert.deepEqual([existsSync(join(folder, "a/out")), existsSync(join(folder, "b/out"))], [true, false]);
      assert.equal(record("b").exit, undefined);
    });

    /** The agent died after it had asked, and the next one has recovered and forgotten the container before the shell came to it. */
    it("starts nothing whose record is gone or was not made by an agent", async () => {
      const late = start();
      const forgotten = request("a", shell("echo out >out"));
      rmSync(join(folder, "a.record"));
      late.stdin.write(forgotten);
      assert.deepEqual(await once(late, "exit"), [125, null]);
      assert.equal(existsSync(join(folder, "a.record")), false);
      const child = start();
      const foreign = request("b", shell("echo out >out"));
      writeFileSync(join(folder, "b.record"), "");
      child.stdin.write(foreign);
      assert.deepEqual(await once(child, "exit"), [125, null]);
      assert.deepEqual([existsSync(join(folder, "a/out")), existsSync(join(folder, "b/out"))], [false, false]);
    });
  });
}
