/** Containers without an image on a real agent: volumes, and limits for processes, of tasks, of groups and of executors. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";

import {
  ContainerInfo_Type,
  ExecutorInfo_Type,
  Offer_Operation_Type,
  RLimitInfo_RLimit_Type,
  TaskState,
  TaskStatus_Reason,
  Volume_Mode,
  Volume_Source_SandboxPath_Type,
  Volume_Source_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { OneAgent } from "./one-agent.ts";
import type { TaskFields } from "./raw-framework.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

type Fields = NonNullable<TaskFields["container"]>;

const mesos = (fields: Omit<Fields, "type">): Fields => ({ type: ContainerInfo_Type.MESOS, ...fields });
const hostVolume = (containerPath: string, hostPath: string) => ({ mode: Volume_Mode.RW, containerPath, hostPath });
const sandboxVolume = (containerPath: string, path: string, type: Volume_Source_SandboxPath_Type) => ({
  mode: Volume_Mode.RW,
  containerPath,
  source: { type: Volume_Source_Type.SANDBOX_PATH, sandboxPath: { type, path } },
});

describe("a container without an image, on a real agent", function () {
  this.timeout(timeoutMs);
  let one: OneAgent;
  let outside = "";

  before(async () => {
    outside = mkdtempSync(join(tmpdir(), "tepui-outside-"));
    one = await OneAgent.boot();
  });
  after(async () => {
    await one.end();
    rmSync(outside, { recursive: true, force: true });
  });

  async function launch(taskId: string, fields: TaskFields): Promise<void> {
    const offer = await one.framework.offer((each) => each.agentId?.value === one.agentId);
    await one.framework.launch(offer, { [taskId]: fields });
  }

  const written = (name: string): string => readFileSync(join(outside, name), "utf8");

  it("T9: shows a task its volumes, which another task finds again, and keeps it within its limits", async () => {
    const rlimits = [
      { type: RLimitInfo_RLimit_Type.RLMT_NOFILE, soft: 77n, hard: 88n },
      { type: RLimitInfo_RLimit_Type.RLMT_CORE, soft: 0n, hard: 0n },
      { type: RLimitInfo_RLimit_Type.RLMT_CPU, soft: 1_000n, hard: 2n ** 64n - 1n },
    ];
    const { SELF } = Volume_Source_SandboxPath_Type;
    const volumes = [hostVolume("deep/data", outside), sandboxVolume("own", "kept", SELF), hostVolume("older", "also")];
    const value = "cat /proc/self/limits >deep/data/limits; echo a >own/a && echo b >older/b && cat kept/a also/b >deep/data/own";
    await launch("limited", { command: { value }, container: mesos({ volumes, rlimitInfo: { rlimits }, networkInfos: [{}] }) });
    await one.framework.reached("limited", TaskState.TASK_FINISHED);
    assert.equal(written("own"), "a\nb\n");
    assert.match(written("limits"), /^Max open files +77 +88 /m);
    assert.match(written("limits"), /^Max core file size +0 +0 /m);
    assert.match(written("limits"), /^Max cpu time +1000 +unlimited /m);

    await launch("next", {
      command: { value: "grep -q 'open files' in/limits" },
      container: mesos({ volumes: [hostVolume("in", outside)] }),
    });
    await one.framework.reached("next", TaskState.TASK_FINISHED);
    await launch("other", { command: { value: 'test "$(ulimit -n)" -gt 88' } });
    await one.framework.reached("other", TaskState.TASK_FINISHED);
  });

  it("keeps a task from writing through a volume for reading, and fails to launch where the agent cannot mount", async () => {
    mkdirSync(join(outside, "read"));
    writeFileSync(join(outside, "read", "file"), "contents");
    const volumes = [{ ...hostVolume("in", join(outside, "read")), mode: Volume_Mode.RO }, hostVolume("out", outside)];
    const value = "cat in/file >out/seen; touch in/new 2>out/complaint; echo x >beside && cp beside out/";
    await launch("reads", { command: { value }, container: mesos({ volumes }) });
    // It leads into what is for writing.
    assert.match(
      (await one.framework.reached("reads", TaskState.TASK_ERROR)).message ?? "",
      /volumes\[0\]\.mode must be that of volumes\[1\]/,
    );

    mkdirSync(join(outside, "write"));
    const apart = [volumes[0], hostVolume("out", join(outside, "write"))].filter((one) => one !== undefined);
    await launch("apart", { command: { value }, container: mesos({ volumes: apart }) });
    if (spawnSync("unshare", ["--mount", "true"]).status !== 0) {
      const { message } = await one.framework.reached("apart", TaskState.TASK_FAILED);
      assert.match(message ?? "", /container\.volumes must have the mode RW where the agent cannot mount/);
      return;
    }
    await one.framework.reached("apart", TaskState.TASK_FINISHED);
    assert.equal(written("write/seen"), "contents");
    assert.match(written("write/complaint"), /Read-only file system/);
    assert.equal(written("write/beside"), "x\n");
    assert.ok(!existsSync(join(outside, "read", "new")));
  });

  it("fails to launch where the machine lacks what it asks for, and says what", async () => {
    await launch("lacking", { command: { value: "true" }, container: mesos({ volumes: [hostVolume("a", join(outside, "none"))] }) });
    const { reason, message } = await one.framework.reached("lacking", TaskState.TASK_FAILED);
    assert.equal(reason, TaskStatus_Reason.REASON_CONTAINER_LAUNCH_FAILED);
    assert.match(message ?? "", /container\.volumes must have a host_path that exists on the agent's machine, ".*\/none" does not$/);
  });

  it("is TASK_ERROR when it asks for what no agent does", async () => {
    await launch("imaged", { command: { value: "true" }, container: mesos({ mesos: { image: { type: 2, docker: { name: "i" } } } }) });
    const { reason, message } = await one.framework.reached("imaged", TaskState.TASK_ERROR);
    assert.equal(reason, TaskStatus_Reason.REASON_TASK_INVALID);
    assert.match(message ?? "", /container\.mesos\.image must be absent: no agent has images$/);
  });

  it("lets the tasks of a group share a folder, each with limits of its own", async () => {
    const both = sandboxVolume("both", "common", Volume_Source_SandboxPath_Type.PARENT);
    const limit = (soft: bigint) => ({ rlimits: [{ type: RLimitInfo_RLimit_Type.RLMT_NOFILE, soft, hard: 99n }] });
    const member = (taskId: string, value: string, container: Fields) => ({
      name: taskId,
      taskId: { value: taskId },
      agentId: { value: one.agentId },
      resources: [{ name: "cpus", type: 0 as const, scalar: { value: 0.1 } }],
      command: { value },
      container,
    });
    const waiting = "while [ ! -e both/word ]; do sleep 0.05; done; cat both/word; ulimit -Sn";
    // What the tasks before had may be in a smaller offer of its own.
    const offer = await one.framework.offer(
      ({ agentId, resources }) =>
        agentId?.value === one.agentId && ["mem", "disk"].every((name) => resources.some((each) => each.name === name)),
    );
    const scalar = (name: string, value: number) => ({ name, type: 0 as const, scalar: { value } });
    const executor = {
      executorId: { value: "E" },
      frameworkId: { value: one.framework.id },
      type: ExecutorInfo_Type.DEFAULT,
      resources: [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 10)],
      container: mesos({ networkInfos: [{}] }),
    };
    const tasks = [
      member("reader", `{ ${waiting}; } >${outside}/reader`, mesos({ volumes: [both], rlimitInfo: limit(60n) })),
      member("writer", "ulimit -Sn >both/new && mv both/new both/word", mesos({ volumes: [both], rlimitInfo: limit(50n) })),
    ];
    await one.framework.accept(offer, [{ type: Offer_Operation_Type.LAUNCH_GROUP, launchGroup: { executor, taskGroup: { tasks } } }]);
    for (const taskId of ["reader", "writer"]) await one.framework.reached(taskId, TaskState.TASK_FINISHED);
    assert.equal(written("reader"), "50\n60\n");
  });

  it("is that of an executor, too, and a task's own is for the executor to read", async () => {
    mkdirSync(join(outside, "executor"));
    const container = mesos({
      volumes: [hostVolume("data", join(outside, "executor"))],
      rlimitInfo: { rlimits: [{ type: RLimitInfo_RLimit_Type.RLMT_NOFILE, soft: 44n, hard: 44n }] },
    });
    const executor = {
      executorId: { value: "P" },
      command: { value: "ulimit -n >data/new && mv data/new data/limit; sleep 1000" },
      container,
    };
    await launch("asked", { executor, container: { type: ContainerInfo_Type.DOCKER, docker: { image: "i" } } });
    await until(() => existsSync(join(outside, "executor/limit")));
    assert.equal(written("executor/limit"), "44\n");
    assert.deepEqual(one.framework.updatesOf("asked"), [], "it waits for its executor");
  });

  it("has its volumes after a crash of the agent", async () => {
    const path = join(outside, "kept");
    mkdirSync(path);
    const value = "echo up >data/up; while [ ! -e data/go ]; do sleep 0.05; done; echo down >data/down";
    await launch("kept", { command: { value }, container: mesos({ volumes: [hostVolume("data", path)] }) });
    await one.framework.reached("kept", TaskState.TASK_RUNNING);
    await until(() => existsSync(join(path, "up")));
    await one.agent.end("SIGKILL");
    await one.start();
    writeFileSync(join(path, "go"), "");
    await one.framework.reached("kept", TaskState.TASK_FINISHED);
    assert.equal(readFileSync(join(path, "down"), "utf8"), "down\n");
  });
});
