/** Sandboxes of real agents over their whole life: they survive restarts and drain now, and go when they are old. */

import assert from "node:assert/strict";
import { existsSync, lutimesSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, status } from "@grpc/grpc-js";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import {
  Response_GetContainers,
  type Response_GetContainers_Container,
  Response_GetHealth,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { createChannel } from "../../runtime/grpc/channel.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import type { RawFramework } from "./raw-framework.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

const collectSoon = ["--disk-watch-interval=50ms"];

describe("sandboxes of an agent process", function () {
  this.timeout(timeoutMs);
  let workDir: string;
  let cluster: RawCluster;
  let address: string;
  let framework: RawFramework;
  let agents: AgentProcess[];

  before(async () => {
    cluster = await RawCluster.boot();
    ({ address, framework } = cluster);
  });
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-sandbox-"));
    agents = [];
  });
  afterEach(async () => {
    for (const agent of agents) if (agent.isRunning) await agent.end("SIGUSR1");
    rmSync(workDir, { recursive: true, force: true });
  });
  after(async () => {
    await cluster.end();
  });

  function start(...flags: string[]): AgentProcess {
    const agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:256;disk:100;ports:[]", ...flags]);
    agents.push(agent);
    return agent;
  }

  async function launch(agentId: string, taskId: string, value: string): Promise<void> {
    const offer = await framework.offer((one) => one.agentId?.value === agentId);
    await framework.launch(offer, { [taskId]: { command: { value } } });
  }

  function sandboxOf(taskId: string): string {
    const found = sandboxFolders(workDir).find((folder) => folder.includes(`/executors/${taskId}/runs/`));
    assert.ok(found !== undefined, `no sandbox of ${taskId}`);
    return found;
  }

  /** As if its container had ended that long ago. */
  function age(folder: string): void {
    const then = new Date(Date.now() - 30 * 86_400_000);
    lutimesSync(folder, then, then);
  }

  const isYoung = (folder: string): boolean => Date.now() - statSync(folder).mtimeMs < 86_400_000;

  it("tells a task where it is: a folder of its agent, framework and executor", async () => {
    const agentId = await start().registered();
    await launch(agentId, "where", 'test "$PWD" = "$MESOS_SANDBOX" && test "$PWD" = "$MESOS_DIRECTORY" && echo "$PWD"');
    await framework.reached("where", TaskState.TASK_FINISHED);
    const folder = sandboxOf("where");
    assert.ok(folder.startsWith(join(workDir, `slaves/${agentId}/frameworks/${framework.id}/executors/where/runs/`)), folder);
    assert.equal(readFileSync(join(folder, "stdout"), "utf8"), `${folder}\n`);
  });

  it("hold so much of what a task prints and no more, also when its agent was restarted meanwhile", async () => {
    const maxBytes = 200_000;
    const flags = [`--sandbox-log-max-bytes=${maxBytes}`, "--sandbox-log-files=2", "--sandbox-log-interval=20ms"];
    const first = start(...flags);
    const agentId = await first.registered();
    // About 2 MB each time that the file "go" is there.
    const line = "x".repeat(99);
    const print = `i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo ${line}; done`;
    await launch(agentId, "prints", `while :; do ${print}; touch done; while [ ! -e go ]; do sleep 0.05; done; rm go; done`);
    await framework.reached("prints", TaskState.TASK_RUNNING);
    const folder = sandboxOf("prints");
    const sizeOf = (name: string): number => (existsSync(join(folder, name)) ? statSync(join(folder, name)).size : 0);
    const isBounded = (): boolean => sizeOf("stdout.2") > 0 && sizeOf("stdout.2") <= 2 * maxBytes && sizeOf("stdout") <= maxBytes;
    await until(() => existsSync(join(folder, "done")) && isBounded());
    await first.end("SIGKILL");
    const before = statSync(join(folder, "stdout.1")).mtimeMs;

    assert.equal(await start(...flags).registered(), agentId);
    writeFileSync(join(folder, "go"), "");
    await until(() => isBounded() && statSync(join(folder, "stdout.1")).mtimeMs !== before);
    assert.deepEqual(
      readdirSync(folder)
        .filter((name) => name.startsWith("stdout"))
        .sort(),
      ["stdout", "stdout.1", "stdout.2"],
    );
    assert.match(readFileSync(join(folder, "stdout.1"), "utf8"), new RegExp(`^x*\n(${line}\n)+x*\n?$`));
  });

  it("are in the statistics of their containers, with processor, memory and processes", async () => {
    const agent = start("--container-disk-watch-interval=20ms");
    const agentId = await agent.registered();
    const { grpcPort, httpPort } = await agent.logged("listening");
    const operator = createChannel({ host: "127.0.0.1", port: Number(grpcPort) });
    try {
      const containers = async (): Promise<Response_GetContainers_Container[]> => {
        const { code, message, bytes } = await ask(operator, "GetContainers");
        assert.equal(code, 0, message);
        return Response_GetContainers.decode(bytes ?? new Uint8Array()).containers;
      };
      assert.deepEqual(await containers(), []);
      await launch(agentId, "busy", "head -c 3000000 /dev/zero >file; (while :; do :; done) & sleep 3600");
      await framework.reached("busy", TaskState.TASK_RUNNING);
      const told = await until(async () => {
        const [container] = await containers();
        const statistics = container?.resourceStatistics;
        if (container === undefined || statistics === undefined) return undefined;
        const isWhole = (statistics.diskUsedBytes ?? 0n) >= 3_000_000n && (statistics.cpusUserTimeSecs ?? 0) > 0.1;
        return isWhole ? { container, statistics } : undefined;
      });
      assert.deepEqual([told.container.frameworkId?.value, told.container.executorId?.value], [framework.id, "busy"]);
      assert.equal(told.statistics.cpusLimit, 0.1);
      assert.ok((told.statistics.processes ?? 0) >= 2 && (told.statistics.memRssBytes ?? 0n) > 0n);
      assert.ok(Math.abs(Date.now() / 1_000 - told.statistics.timestamp) < 60);

      const page = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
      assert.match(page, /^tepui_containers\{program="agent"\} 1$/m);
      assert.match(page, /^tepui_containers_disk_bytes\{program="agent"\} 3\d{6}$/m);

      const wrong = await ask(operator, "GetContainers", Buffer.from([8]));
      assert.equal(wrong.code, status.INVALID_ARGUMENT);
      assert.match(wrong.message, /show_nested/);
      const health = await ask(operator, "GetHealth");
      assert.equal(Response_GetHealth.decode(health.bytes ?? new Uint8Array()).healthy, true);
      assert.equal((await ask(operator, "PruneImages")).code, status.UNIMPLEMENTED);
    } finally {
      operator.close();
    }
  });

  it("go when they are older than the delay, and not before", async () => {
    const agentId = await start("--gc-delay=0ms", ...collectSoon).registered();
    await launch(agentId, "runs", "sleep 3600");
    await launch(agentId, "ends", "echo gone");
    await framework.reached("runs", TaskState.TASK_RUNNING);
    await framework.reached("ends", TaskState.TASK_FINISHED);
    await until(() => sandboxFolders(workDir).every((folder) => !folder.includes("/ends/")));
    assert.ok(existsSync(join(sandboxOf("runs"), "stdout")));
  });

  it("G12: outlive a restart and drain now; the next agent takes those that are old, also of the id before", async () => {
    const first = start();
    const agentId = await first.registered();
    for (const taskId of ["old", "young"]) {
      const gate = join(workDir, `go-${taskId}`);
      await launch(agentId, taskId, `echo ${taskId}; while [ ! -e ${gate} ]; do sleep 0.05; done`);
      await framework.reached(taskId, TaskState.TASK_RUNNING);
      age(sandboxOf(taskId));
      writeFileSync(gate, "");
      await framework.reached(taskId, TaskState.TASK_FINISHED);
      await until(() => isYoung(sandboxOf(taskId)));
    }
    await launch(agentId, "adopted", "sleep 3600");
    await framework.reached("adopted", TaskState.TASK_RUNNING);
    const [old, young, adopted] = [sandboxOf("old"), sandboxOf("young"), sandboxOf("adopted")];
    await first.end("SIGKILL");
    for (const folder of [old, adopted]) age(folder);

    const second = start(...collectSoon);
    assert.equal(await second.registered(), agentId);
    await until(() => !existsSync(old));
    assert.ok(existsSync(young) && existsSync(adopted), "what is young, and what is in use, stays");
    assert.equal((await second.end("SIGUSR1")).code, 0);
    assert.ok(existsSync(young) && existsSync(adopted), "drain now removes no sandbox");

    age(young);
    const third = start(...collectSoon);
    assert.notEqual(await third.registered(), agentId);
    await until(() => !existsSync(young));
    await until(() => isYoung(adopted));
  });
});

/** Asks an agent's AgentOperator. */
function ask(channel: Client, method: string, request = new Uint8Array()): Promise<Answer> {
  const identity = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    channel.makeUnaryRequest(`/tepui.v1.AgentOperator/${method}`, identity, identity, Buffer.from(request), (error, bytes) => {
      resolve(error === null ? { code: status.OK, message: "", bytes } : { code: error.code, message: error.details, bytes: undefined });
    });
  });
}

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly bytes: Buffer | undefined;
}
