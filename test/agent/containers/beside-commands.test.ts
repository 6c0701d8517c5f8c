/** Commands beside a container's own, as real processes: where they run, how they end, and that none is left behind. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readProcess } from "../../../agent/containers/process-table.ts";
import { runFolder } from "../../../agent/containers/sandbox-layout.ts";
import type { ProbeResult } from "../../../agent/core/checks/check-spec.ts";
import { type Bench, idOf, openBench, sandboxKey, spec, until, waitMaxMs } from "./runtime-bench.ts";

function sandboxOf(folder: string): string {
  return runFolder(folder, sandboxKey, idOf("c1"));
}

for (const useCgroups of [true, false]) {
  describe(`commands beside a container, ${useCgroups ? "with cgroups where there are such" : "without cgroups"}`, () => {
    let folder: string;
    let bench: Bench;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "tepui-beside-"));
      bench = openBench(folder, { useCgroups, switchUser: true });
      bench.runtime.recover();
    });

    afterEach(async () => {
      bench.runtime.killAll(waitMaxMs);
      await bench.next("allContainersKilled");
      bench.runtime.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function launch(script = "sleep 60"): Promise<void> {
      bench.launch("c1", script);
      await bench.next("containerStarted");
    }

    interface Look {
      readonly results: ProbeResult[];
      readonly stop: () => void;
    }

    function look(value: string, environment: readonly (readonly [string, string])[] = [], frameworkUser = ""): Look {
      const results: ProbeResult[] = [];
      const { command } = spec("c1", { value, environment });
      const order = { containerId: idOf("c1"), command, frameworkUser };
      const stop = bench.runtime.runBeside(order, (result) => results.push(result));
      return { results, stop };
    }

    const inSandbox = (name: string): string => join(sandboxOf(folder), name);
    const pidIn = (name: string): number => Number(readFileSync(inSandbox(name), "utf8"));
    const isDead = (pid: number): boolean => readProcess(pid)?.isDead !== false;
    const hasPid = (name: string): boolean => existsSync(inSandbox(name)) && readFileSync(inSandbox(name), "utf8").endsWith("\n");

    it("run in its sandbox and environment, and tell how they ended", async () => {
      await launch();
      const { results } = look('echo "$PWD $MESOS_SANDBOX $MESOS_TASK_ID $A $TEPUI_CONTAINER_ID" > seen; exit 3', [
        ["A", "a"],
        ["MESOS_TASK_ID", "t"],
      ]);
      await until(() => results.length > 0);
      assert.deepEqual(results, [{ kind: "exited", code: 3 }]);
      const sandbox = sandboxOf(folder);
      assert.equal(readFileSync(inSandbox("seen"), "utf8"), `${sandbox} ${sandbox} t a ${idOf("c1")}\n`);
    });

    if (process.geteuid?.() === 0) {
      it("run as its user, whose variables reach nobody else, and are killed as such", async () => {
        chmodSync(folder, 0o755);
        bench.runtime.launch(spec("c1", { value: "sleep 60" }, "nobody"));
        await bench.next("containerStarted");
        const { results, stop } = look(
          'id -un > seen; echo "$QUOTES" >> seen; echo $$ > main; sleep 60',
          [["QUOTES", `it's "so"`]],
          "nobody",
        );
        await until(() => hasPid("main"));
        assert.equal(readFileSync(inSandbox("seen"), "utf8"), `nobody\nit's "so"\n`);
        stop();
        await until(() => isDead(pidIn("main")));
        assert.deepEqual(results, []);
        const unknown = look("true", [], "no-such-user").results;
        await until(() => unknown.length > 0);
        assert.equal(unknown[0]?.kind, "notDone");
      });
    }

    it("run in its cgroup, where it has one", async () => {
      await launch("cat /proc/self/cgroup > own; sleep 60");
      await until(() => hasPid("own"));
      const { results } = look("cat /proc/self/cgroup > seen");
      await until(() => results.length > 0);
      assert.equal(readFileSync(inSandbox("seen"), "utf8"), readFileSync(inSandbox("own"), "utf8"));
    });

    it("tell a signal that ended them", async () => {
      await launch();
      const { results } = look("kill -TERM $$");
      await until(() => results.length > 0);
      assert.deepEqual(results, [{ kind: "signalled", signal: 15 }]);
    });

    it("are killed with all of their process group when they are stopped, and say nothing then", async () => {
      await launch();
      const { results, stop } = look(
        "trap : TERM; (trap : TERM; sh -c 'echo $PPID' > child; while :; do sleep 1; done) & echo $$ > main; wait",
      );
      await until(() => hasPid("main") && hasPid("child"));
      stop();
      await until(() => isDead(pidIn("main")) && isDead(pidIn("child")));
      assert.deepEqual(results, []);
    });

    it("leave nothing behind when they end by themselves", async () => {
      await launch();
      const { results } = look("sleep 60 & echo $! > child");
      await until(() => results.length > 0);
      await until(() => isDead(pidIn("child")));
    });

    it("end with their container, and say nothing then", async () => {
      await launch("sleep 0.3");
      const { results } = look("echo $$ > main; sleep 60");
      await bench.next("containerExited");
      await until(() => !existsSync(inSandbox("main")) || isDead(pidIn("main")));
      assert.deepEqual(results, []);
    });

    it("end when everything is killed", async () => {
      await launch();
      const { results } = look("echo $$ > main; trap : TERM; while :; do sleep 1; done");
      await until(() => hasPid("main"));
      bench.runtime.killAll(waitMaxMs);
      await until(() => isDead(pidIn("main")));
      assert.deepEqual(results, []);
    });

    it("are not started in a container that has ended", async () => {
      await launch("true");
      await bench.next("containerExited");
      assert.deepEqual(look("true").results, [{ kind: "notDone", reason: "the container does not run" }]);
    });

    it("whose arguments are too long for the system are not done", async () => {
      await launch();
      const { results } = look("true", [["A", "a".repeat(200_000)]]);
      await until(() => results.length > 0);
      assert.equal(results[0]?.kind, "notDone");
    });
  });
}

describe("a command beside a container of an agent that is killed", () => {
  it("ends with the agent, although nobody waits for it any more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tepui-beside-"));
    let agent: ChildProcess | undefined;
    try {
      const program = fileURLToPath(new URL("beside-commands-program.ts", import.meta.url));
      agent = spawn(process.execPath, [program, folder, idOf("c1")], { stdio: "inherit" });
      const seen = join(sandboxOf(folder), "main");
      await until(() => existsSync(seen) && readFileSync(seen, "utf8").endsWith("\n"));
      const pid = Number(readFileSync(seen, "utf8"));
      agent.kill("SIGKILL");
      await until(() => readProcess(pid)?.isDead !== false);
    } finally {
      agent?.kill("SIGKILL");
      const bench = openBench(folder, { useCgroups: true });
      bench.runtime.recover();
      bench.runtime.killAll(waitMaxMs);
      await bench.next("allContainersKilled");
      bench.runtime.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
