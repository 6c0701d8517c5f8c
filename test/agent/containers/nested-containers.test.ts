/** Containers that operators start within others, on real processes: also how the next agent goes on with them. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NestedContainers, type NestedRequest } from "../../../agent/containers/nested-containers.ts";
import { isProcessAlive, readProcess } from "../../../agent/containers/process-table.ts";
import { ownUser } from "../../../agent/containers/run-as.ts";
import { runFolder } from "../../../agent/containers/sandbox-layout.ts";
import type { SessionCommand } from "../../../agent/containers/session-command.ts";
import type { ContainerExit } from "../../../agent/core/input.ts";
import { nestedContainerId } from "../../../common/container-id.ts";
import { type ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";
import { type Bench, idOf, sandboxKey, until, useRuntimes } from "./runtime-bench.ts";

const parentId = idOf("c1");
const surroundings = {
  frameworkId: FrameworkId("F"),
  executorId: ExecutorId("E"),
  frameworkUser: "",
  user: undefined,
  own: [["COLOR", "red"]],
  added: [["MESOS_TASK_ID", "t1"]],
  endsWithAgent: false,
} as const;

const nestedId = (name: string): ContainerId => nestedContainerId(parentId, name);

function request(name: string, value: string, more: Partial<NestedRequest> = {}): NestedRequest {
  const command = { shell: true, value, arguments: [], environment: [["SHAPE", "round"]] as const, uris: [], user: undefined };
  return { containerId: nestedId(name), parentId, command, terminal: undefined, surroundings, ...more };
}

for (const useCgroups of [true, false]) {
  describe(`NestedContainers, ${useCgroups ? "with cgroups" : "without cgroups"}`, function () {
    this.timeout(20_000);
    const runtimes = useRuntimes({ useCgroups });
    let bench: Bench;
    let nested: NestedContainers;
    let folder: string;

    function openNested(switchUser = false): NestedContainers {
      const folderOf = (containerId: ContainerId): string => runFolder(realpathSync(runtimes.folder), sandboxKey, containerId);
      return new NestedContainers({
        runtime: bench.runtime,
        folderOf,
        users: { own: ownUser(), switchUser },
        workDirectory: realpathSync(runtimes.folder),
      });
    }

    beforeEach(async () => {
      bench = runtimes.boot();
      nested = openNested();
      folder = runFolder(realpathSync(runtimes.folder), sandboxKey, parentId);
      bench.launch("c1", "sleep 3600");
      await bench.next("containerStarted");
    });
    afterEach(() => nested.close());

    /** The next agent, after `whileAway`. */
    async function restart(whileAway: () => Promise<void> = async () => {}): Promise<void> {
      nested.close();
      bench.runtime.close();
      await whileAway();
      bench = runtimes.boot();
      nested = openNested();
    }

    async function launched(wanted: NestedRequest): Promise<void> {
      const result = await nested.launch(wanted);
      assert.ok(result.ok, result.ok ? "" : result.refusal.message);
    }
    async function session(wanted: NestedRequest): Promise<SessionCommand> {
      const result = await nested.launchSession(wanted);
      assert.ok(result.ok, result.ok ? "" : result.refusal.message);
      return result.value;
    }

    const exitOf = (name: string): Promise<ContainerExit | undefined> =>
      new Promise((resolve, reject) => {
        const waiting = nested.wait(nestedId(name), resolve);
        if (!waiting.ok) reject(new Error(waiting.refusal.message));
      });
    const codeOf = async (result: Promise<Awaited<ReturnType<NestedContainers["launch" | "remove" | "signal"]>>>): Promise<string> => {
      const settled = await result;
      return settled.ok ? "OK" : settled.refusal.code;
    };
    const inSandbox = (name: string, file: string): string => join(folder, "containers", name, file);

    /** Writes its pid when it is there, and ends with this status when its sandbox has a file "go". */
    const waiting = (status: number): string => `echo $$ >pid; while [ ! -e go ]; do sleep 0.02; done; exit ${status}`;
    const begun = (name: string): Promise<void> => until(() => existsSync(inSandbox(name, "pid")) && pidOf(name) > 0);
    const pidOf = (name: string): number => Number(readFileSync(inSandbox(name, "pid"), "utf8"));
    const isDead = (pid: number): boolean => readProcess(pid)?.isDead !== false;

    /** Everything that a session writes. */
    async function outputOf(command: SessionCommand): Promise<string> {
      const texts: string[] = [];
      const ends = command.outputs.map(([name, stream]) => {
        stream.on("data", (piece: Buffer) => texts.push(`${name}:${piece.toString()}`));
        return new Promise((resolve) => {
          stream.on("close", resolve);
        });
      });
      await Promise.all([command.ended, ...ends]);
      return texts.sort().join("");
    }

    it("run in a sandbox of their own, with what the container around has in its environment", async () => {
      await launched(request("n", 'echo "$COLOR $SHAPE $MESOS_TASK_ID $TEPUI_CONTAINER_ID"; pwd; echo "$MESOS_SANDBOX"; cat; exit 3'));
      assert.deepEqual(await exitOf("n"), { kind: "exited", code: 3 });
      const own = join(folder, "containers", "n");
      assert.equal(readFileSync(inSandbox("n", "stdout"), "utf8"), `red round t1 ${parentId}\n${own}\n${own}\n`);
      assert.equal(await codeOf(nested.launch(request("n", "true"))), "ALREADY_EXISTS");
      assert.equal(await codeOf(nested.remove(nestedId("n"))), "OK");
      assert.equal(existsSync(own), false);
      assert.equal(await codeOf(nested.remove(nestedId("n"))), "NOT_FOUND");
      assert.deepEqual(readdirSync(join(runtimes.folder, "containers", "records")), [parentId]);
    });

    it("are killed, with what they started; a signal goes to the command", async () => {
      await launched(request("hard", "sleep 3600 & sleep 3600"));
      assert.equal(await codeOf(nested.remove(nestedId("hard"))), "FAILED_PRECONDITION");
      assert.equal(await codeOf(nested.signal(nestedId("hard"), 9)), "OK");
      assert.deepEqual(await exitOf("hard"), { kind: "signalled", signal: 9 });
      await launched(request("soft", "trap 'echo got; exit 7' TERM; touch ready; while :; do sleep 0.02; done"));
      await until(() => existsSync(inSandbox("soft", "ready")));
      assert.equal(await codeOf(nested.signal(nestedId("soft"), 15)), "OK");
      assert.deepEqual(await exitOf("soft"), { kind: "exited", code: 7 });
      assert.equal(await codeOf(nested.signal(nestedId("soft"), 9)), "NOT_FOUND");
      assert.deepEqual(nested.running(), []);
    });

    it("hear a signal as soon as they are launched", async () => {
      await launched(request("n", "sleep 3600"));
      assert.equal(await codeOf(nested.signal(nestedId("n"), 15)), "OK");
      assert.deepEqual(await exitOf("n"), { kind: "signalled", signal: 15 });
    });

    it("are not there without a container around them", async () => {
      bench.runtime.kill(parentId, 0);
      await bench.next("containerExited");
      assert.equal(await codeOf(nested.launch(request("n", "true"))), "NOT_FOUND");
      assert.deepEqual(nested.running(), [], "nothing is left of it");
    });

    it("end with the container around them, those of its own session, too", async () => {
      await launched(request("n", `trap "" TERM; setsid sh -c 'echo $$ >pid; exec sleep 3600'`));
      await begun("n");
      const pid = pidOf("n");
      bench.runtime.kill(parentId, 0);
      assert.deepEqual(await exitOf("n"), { kind: "signalled", signal: 9 });
      await bench.next("containerExited");
      await until(() => isDead(pid));
    });

    it("say why they cannot be launched", async () => {
      const stranger = request("n", "true");
      const refused = await nested.launch({ ...stranger, command: { ...stranger.command, user: "nobody-of-that-name" } });
      assert.ok(!refused.ok && refused.refusal.code === "FAILED_PRECONDITION");
      assert.match(refused.refusal.message, /command\.user must be/);
    });

    it("go on while no agent is there, and are the next one's: waited for, signalled and removed", async () => {
      await launched(request("ends", waiting(3)));
      await launched(request("stays", waiting(4)));
      await launched(request("asked", `trap 'exit 5' TERM; ${waiting(6)}`));
      for (const name of ["ends", "stays", "asked"]) await begun(name);
      const pid = pidOf("stays");
      const unanswered = exitOf("stays");
      await restart(async () => {
        assert.equal(await unanswered, undefined, "who waits is told that the agent ends");
        writeFileSync(inSandbox("ends", "go"), "");
        await until(() => isDead(pidOf("ends")));
      });
      assert.deepEqual(await exitOf("ends"), { kind: "exited", code: 3 });
      assert.deepEqual(nested.running(), [
        { containerId: nestedId("asked"), parentId },
        { containerId: nestedId("stays"), parentId },
      ]);
      assert.ok(!isDead(pid));
      assert.equal(await codeOf(nested.launch(request("stays", "true"))), "ALREADY_EXISTS");
      writeFileSync(inSandbox("stays", "go"), "");
      assert.deepEqual(await exitOf("stays"), { kind: "exited", code: 4 });
      assert.equal(await codeOf(nested.signal(nestedId("asked"), 15)), "OK");
      assert.deepEqual(await exitOf("asked"), { kind: "exited", code: 5 });
      assert.equal(nested.find(nestedId("asked")), undefined);
      for (const name of ["ends", "stays", "asked"]) assert.equal(await codeOf(nested.remove(nestedId(name))), "OK");
      await restart();
      assert.ok(!nested.wait(nestedId("ends"), () => {}).ok, "it was removed");
    });

    it("are killed, adopted ones, too, with what they started", async () => {
      await launched(request("n", `sleep 3600 & ${waiting(0)}`));
      await begun("n");
      await restart();
      assert.equal(await codeOf(nested.signal(nestedId("n"), 9)), "OK");
      assert.deepEqual(await exitOf("n"), { kind: "signalled", signal: 9 });
    });

    it("end where the container around them ended while no agent was there, and are forgotten with it", async () => {
      await launched(request("n", waiting(0)));
      await begun("n");
      const pid = pidOf("n");
      await restart(async () => {
        const supervisor = runtimes.supervisorOf("c1");
        const around = readdirSync("/proc").find((name) => readProcess(Number(name))?.parentPid === supervisor);
        process.kill(Number(around), "SIGKILL");
        await until(() => isDead(Number(around)));
      });
      assert.deepEqual(await exitOf("n"), { kind: "signalled", signal: 9 });
      await until(() => isDead(pid));
      bench.runtime.remove(parentId);
      await restart();
      assert.ok(!nested.wait(nestedId("n"), () => {}).ok);
      assert.deepEqual(readdirSync(join(runtimes.folder, "containers", "records")), []);
    });

    it("end with the agent where the container around them does", async () => {
      await launched(request("n", waiting(0), { surroundings: { ...surroundings, endsWithAgent: true } }));
      await begun("n");
      const pid = pidOf("n");
      await restart(() => until(() => isDead(pid)));
      assert.deepEqual(await exitOf("n"), { kind: "signalled", signal: 9 });
    });

    it("are dead when everything is killed", async () => {
      await launched(request("n", waiting(0)));
      await begun("n");
      const pid = pidOf("n");
      bench.runtime.killAll(10_000);
      assert.deepEqual((await bench.next("allContainersKilled")).alive, []);
      assert.ok(isDead(pid));
    });

    it("as sessions write to their caller, in the sandbox of the container around, and read what is sent", async () => {
      const command = await session(request("s", "pwd; cat; echo end >&2; exit 2"));
      const taken = nested.takeInput(nestedId("s"));
      assert.ok(taken.ok);
      assert.ok(!nested.takeInput(nestedId("s")).ok, "one at a time");
      taken.value.input.write("typed\n");
      taken.value.giveBack();
      const again = nested.takeInput(nestedId("s"));
      assert.ok(again.ok);
      const output = outputOf(command);
      again.value.input.end();
      assert.equal((await output).replaceAll("stdout:", ""), `stderr:end\n${folder}\ntyped\n`);
      assert.deepEqual(await exitOf("s"), { kind: "exited", code: 2 });
      assert.ok(!nested.takeInput(nestedId("s")).ok);
    });

    it("as sessions have a terminal where there is a program for that", async () => {
      const result = await nested.launchSession(
        request("t", "test -t 0 && stty size; exit 4", { terminal: { size: { rows: 30, columns: 90 } } }),
      );
      if (!result.ok) {
        assert.match(result.refusal.message, /the program script of util-linux/);
        return;
      }
      assert.match(await outputOf(result.value), /30 90\r\n/);
      assert.deepEqual(await exitOf("t"), { kind: "exited", code: 4 });
    });

    it("as sessions leave nothing running when the agent ends", async () => {
      const command = await session(request("s", "sleep 3600 & echo $!; wait"));
      const [, stdout] = command.outputs[0] ?? [];
      const pid = await new Promise<number>((resolve) => {
        stdout?.on("data", (piece: Buffer) => resolve(Number(piece.toString())));
      });
      const startTicks = readProcess(pid)?.startTicks ?? 0;
      const waits = exitOf("s");
      nested.close();
      assert.equal(await waits, undefined);
      await command.ended;
      while (isProcessAlive(pid, startTicks)) await sleep(5);
      assert.equal(await codeOf(nested.launch(request("later", "true"))), "UNAVAILABLE");
    });

    // Only root can run as somebody else.
    if (process.geteuid?.() === 0) {
      it("get the variables of a user's command after the switch, and sessions their input untouched", async () => {
        for (let place = folder; place.startsWith(realpathSync(runtimes.folder)); place = join(place, "..")) chmodSync(place, 0o755);
        chmodSync(folder, 0o777);
        const switching = openNested(true);
        const { command, ...wanted } = request("u", 'id -un; echo "$SHAPE"; cat');
        const asNobody = { ...command, user: "nobody", environment: [["SHAPE", "two\nlines 'q'"]] as const };
        const result = await switching.launchSession({ ...wanted, command: asNobody });
        assert.ok(result.ok, result.ok ? "" : result.refusal.message);
        const taken = switching.takeInput(nestedId("u"));
        assert.ok(taken.ok);
        taken.value.input.write("typed");
        taken.value.input.end();
        assert.equal((await outputOf(result.value)).replaceAll("stdout:", ""), "nobody\ntwo\nlines 'q'\ntyped");

        const own = await switching.launch({ ...wanted, containerId: nestedId("v"), command: asNobody });
        assert.ok(own.ok, own.ok ? "" : own.refusal.message);
        await until(() => switching.running().length === 0);
        assert.equal(readFileSync(inSandbox("v", "stdout"), "utf8"), "nobody\ntwo\nlines 'q'\n");
        assert.deepEqual(
          readdirSync(folder).filter((name) => name.startsWith(".")),
          [],
          "nothing is left of the variables",
        );
        switching.close();
      });
    }
  });
}
