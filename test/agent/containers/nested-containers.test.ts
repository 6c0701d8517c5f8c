/** Containers that operators start within others, on real processes in a folder that plays the sandbox. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NestedCommand } from "../../../agent/containers/nested-command.ts";
import { NestedContainers, type NestedRequest } from "../../../agent/containers/nested-containers.ts";
import { isProcessAlive, readProcess } from "../../../agent/containers/process-table.ts";
import { ownUser } from "../../../agent/containers/run-as.ts";
import type { ContainerExit } from "../../../agent/core/input.ts";
import { ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";

const parentId = ContainerId("c1");
const surroundings = {
  frameworkId: FrameworkId("F"),
  executorId: ExecutorId("E"),
  frameworkUser: "",
  user: undefined,
  own: [["COLOR", "red"]],
  added: [["MESOS_TASK_ID", "t1"]],
} as const;

describe("NestedContainers", function () {
  this.timeout(20_000);
  let workDirectory: string;
  let folder: string;
  let isRunning: boolean;
  let nested: NestedContainers;

  beforeEach(() => {
    workDirectory = realpathSync(mkdtempSync(join(tmpdir(), "tepui-nested-")));
    folder = join(workDirectory, "sandbox");
    mkdirSync(folder);
    mkdirSync(join(workDirectory, "trash"));
    isRunning = true;
    const findPlace = () => (isRunning ? { folder, cgroup: undefined, groups: [] } : undefined);
    nested = new NestedContainers({ findPlace, users: { own: ownUser(), switchUser: false }, workDirectory });
  });
  afterEach(async () => {
    nested.close();
    await sleep(20);
    rmSync(workDirectory, { recursive: true, force: true });
  });

  function request(name: string, value: string, more: Partial<NestedRequest> = {}): NestedRequest {
    const command = { shell: true, value, arguments: [], environment: [["SHAPE", "round"]] as const, uris: [], user: undefined };
    const containerId = ContainerId(`c1.${name}`);
    return { containerId, parentId, command, terminal: undefined, isSession: false, surroundings, ...more };
  }

  async function launched(wanted: NestedRequest): Promise<NestedCommand> {
    const result = await nested.launch(wanted);
    assert.ok(result.ok, result.ok ? "" : result.refusal.message);
    return result.value;
  }

  const exitOf = (id: string): Promise<ContainerExit | undefined> =>
    new Promise((resolve, reject) => {
      const waiting = nested.wait(ContainerId(id), resolve);
      if (!waiting.ok) reject(new Error(waiting.refusal.message));
    });
  const codeOf = async (result: ReturnType<NestedContainers["launch"]> | ReturnType<NestedContainers["remove"]>): Promise<string> => {
    const settled = await result;
    return settled.ok ? "OK" : settled.refusal.code;
  };

  /** Everything that a session writes. */
  async function outputOf(command: NestedCommand): Promise<string> {
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
    assert.deepEqual(await exitOf("c1.n"), { kind: "exited", code: 3 });
    const own = join(folder, "containers", "n");
    assert.equal(readFileSync(join(own, "stdout"), "utf8"), `red round t1 c1\n${own}\n${own}\n`);
    assert.equal(await codeOf(nested.launch(request("n", "true"))), "ALREADY_EXISTS");
    assert.equal(await codeOf(nested.remove(ContainerId("c1.n"))), "OK");
    assert.equal(existsSync(own), false);
    assert.equal(await codeOf(nested.remove(ContainerId("c1.n"))), "NOT_FOUND");
  });

  it("are killed, with what they started; a signal goes to the command", async () => {
    await launched(request("hard", "sleep 3600 & sleep 3600"));
    assert.equal(await codeOf(nested.remove(ContainerId("c1.hard"))), "FAILED_PRECONDITION");
    assert.ok(nested.signal(ContainerId("c1.hard"), 9).ok);
    assert.deepEqual(await exitOf("c1.hard"), { kind: "signalled", signal: 9 });
    await launched(request("soft", "trap 'echo got; exit 7' TERM; touch ready; while :; do sleep 0.02; done"));
    while (!existsSync(join(folder, "containers", "soft", "ready"))) await sleep(10);
    nested.signal(ContainerId("c1.soft"), 15);
    assert.deepEqual(await exitOf("c1.soft"), { kind: "exited", code: 7 });
    assert.ok(!nested.signal(ContainerId("c1.soft"), 9).ok);
    assert.deepEqual(nested.running(), []);
  });

  it("are not there without a container around them", async () => {
    isRunning = false;
    assert.equal(await codeOf(nested.launch(request("n", "true"))), "NOT_FOUND");
    isRunning = true;
    assert.equal(await codeOf(nested.launch(request("n", "true"))), "OK", "nothing is left of the first");
  });

  it("say why they cannot be launched", async () => {
    const stranger = request("n", "true");
    const refused = await nested.launch({ ...stranger, command: { ...stranger.command, user: "nobody-of-that-name" } });
    assert.ok(!refused.ok && refused.refusal.code === "FAILED_PRECONDITION");
    assert.match(refused.refusal.message, /command\.user must be/);
  });

  it("as sessions write to their caller, in the sandbox of the container around, and read what is sent", async () => {
    const command = await launched(request("s", "pwd; cat; echo end >&2; exit 2", { isSession: true }));
    const taken = nested.takeInput(ContainerId("c1.s"));
    assert.ok(taken.ok);
    assert.ok(!nested.takeInput(ContainerId("c1.s")).ok, "one at a time");
    taken.value.input.write("typed\n");
    taken.value.giveBack();
    const again = nested.takeInput(ContainerId("c1.s"));
    assert.ok(again.ok);
    const output = outputOf(command);
    again.value.input.end();
    assert.equal((await output).replaceAll("stdout:", ""), `stderr:end\n${folder}\ntyped\n`);
    assert.deepEqual(await exitOf("c1.s"), { kind: "exited", code: 2 });
    assert.ok(!nested.takeInput(ContainerId("c1.s")).ok);
  });

  it("as sessions have a terminal where there is a program for that", async () => {
    const result = await nested.launch(
      request("t", "test -t 0 && stty size; exit 4", { isSession: true, terminal: { size: { rows: 30, columns: 90 } } }),
    );
    if (!result.ok) {
      assert.match(result.refusal.message, /the program script of util-linux/);
      return;
    }
    assert.match(await outputOf(result.value), /30 90\r\n/);
    assert.deepEqual(await exitOf("c1.t"), { kind: "exited", code: 4 });
  });

  it("get the variables of a user's command after the switch, and their input untouched", async () => {
    // Only root can run as somebody else.
    if (process.geteuid?.() !== 0) return;
    rmSync(workDirectory, { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const users = { own: ownUser(), switchUser: true };
    const switching = new NestedContainers({ findPlace: () => ({ folder: "/tmp", cgroup: undefined, groups: [] }), users, workDirectory });
    const wanted = request("u", 'id -un; echo "$SHAPE"; cat', { isSession: true });
    const result = await switching.launch({
      ...wanted,
      command: { ...wanted.command, user: "nobody", environment: [["SHAPE", "two\nlines 'q'"]] },
    });
    assert.ok(result.ok, result.ok ? "" : result.refusal.message);
    const taken = switching.takeInput(ContainerId("c1.u"));
    assert.ok(taken.ok);
    taken.value.input.write("typed");
    taken.value.input.end();
    assert.equal((await outputOf(result.value)).replaceAll("stdout:", ""), "nobody\ntwo\nlines 'q'\ntyped");
    switching.close();
  });

  it("leave nothing running when the agent ends", async () => {
    const command = await launched(request("s", "sleep 3600 & echo $!; wait", { isSession: true }));
    const [, stdout] = command.outputs[0] ?? [];
    const pid = await new Promise<number>((resolve) => {
      stdout?.on("data", (piece: Buffer) => resolve(Number(piece.toString())));
    });
    const startTicks = readProcess(pid)?.startTicks ?? 0;
    const waiting = exitOf("c1.s");
    nested.close();
    assert.equal(await waiting, undefined);
    await command.ended;
    while (isProcessAlive(pid, startTicks)) await sleep(5);
    assert.equal(await codeOf(nested.launch(request("later", "true"))), "UNAVAILABLE");
  });
});
