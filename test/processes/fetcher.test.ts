/** A real agent that fetches: archives, programs, a cache, a server with a certificate of its own, kills and ends in the middle of it. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { type CommandInfo, TaskState, TaskStatus_Reason } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { tarOf } from "../agent/fetcher/archives.ts";
import { FileServer } from "../agent/fetcher/file-server.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import type { RawFramework } from "./raw-framework.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

type Command = Parameters<typeof CommandInfo.fromPartial>[0];

describe("agent process that fetches", function () {
  this.timeout(timeoutMs);
  let folder: string;
  let workDir: string;
  let folders = 0;
  let server: FileServer;
  let cluster: RawCluster;
  let address: string;
  let framework: RawFramework;
  let agent: AgentProcess;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-fetching-"));
    server = await new FileServer(true).listen();
  });
  beforeEach(async () => {
    workDir = join(folder, `agent-${folders++}`);
    server.asked.length = 0;
    cluster = await RawCluster.boot();
    ({ address, framework } = cluster);
    agent = start();
    await agent.registered();
  });
  afterEach(async () => {
    await agent.end("SIGUSR1");
    await cluster.end();
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(...more: string[]): AgentProcess {
    const flags = ["--master", address, "--work-dir", workDir, "--resources=cpus:8;mem:1024", ...more];
    return new AgentProcess(flags, { NODE_EXTRA_CA_CERTS: FileServer.certificatePath });
  }

  async function launch(name: string, command: Command): Promise<void> {
    await framework.launch(await framework.offer(), { [name]: { command } });
  }

  /** The sandboxes whose task wrote this. */
  function outputs(): string[] {
    return globSync(join(workDir, "slaves/*/frameworks/*/executors/*/runs/latest/stdout")).map((path) => readFileSync(path, "utf8"));
  }

  it("runs a program out of an archive and one that is executable, the second time out of the cache", async () => {
    const archive = server.serve(
      "/app.tgz",
      gzipSync(tarOf([{ path: "app/run", content: '#!/bin/sh\necho "ran with $(cat data)"', mode: 0o755 }])),
    );
    const program = server.serve("/tool", "#!/bin/sh\nexec app/run");
    const data = server.serve("/7", "its data");
    const uris = [
      { value: archive, cache: true },
      { value: program, executable: true, cache: true },
      { value: data, outputFile: "data" },
    ];
    for (const name of ["first", "second"]) {
      await launch(name, { value: "./tool", uris });
      await framework.reached(name, TaskState.TASK_FINISHED);
    }
    assert.deepEqual(outputs(), ["ran with its data\n", "ran with its data\n"]);
    assert.deepEqual(server.asked, ["/app.tgz", "/tool", "/7", "/7"]);
  });

  it("B15: says of a file that cannot be had which it is and why, and does not start the task", async () => {
    await launch("t1", { value: "echo started", uris: [{ value: server.uri("/missing") }] });
    const status = await framework.reached("t1", TaskState.TASK_FAILED);
    assert.equal(status.reason, TaskStatus_Reason.REASON_CONTAINER_LAUNCH_FAILED);
    assert.match(status.message ?? "", /command\.uris\[0\]\.value must be fetched, .*\/missing was not: .* answered 404 Not Found/);
    assert.equal(framework.updatesOf("t1").length, 1);
  });

  /** A download that never ends, and when its connection is closed. */
  function stalled(path: string): { uri: string; asked: Promise<unknown>; closed: Promise<unknown> } {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const uri = server.serve(path, (response) => {
      response.write("some");
      once(response, "close").then(() => close(), close);
      ask();
    });
    return { uri, asked, closed };
  }

  it("B10: a kill in the middle of a download ends that and the task, which never starts", async () => {
    const { uri, asked, closed } = stalled("/stalled-1");
    await launch("t1", { value: "echo started", uris: [{ value: uri }] });
    await asked;
    assert.deepEqual(framework.updatesOf("t1"), []);
    await framework.call({ type: Call_Type.KILL, kill: { taskId: { value: "t1" } } });
    const status = await framework.reached("t1", TaskState.TASK_KILLED);
    assert.equal(status.reason, TaskStatus_Reason.REASON_TASK_KILLED_DURING_LAUNCH);
    await closed;
    assert.equal(framework.updatesOf("t1").length, 1);
  });

  it("an agent that is killed in the middle of a download never launched the task", async () => {
    const { uri, asked, closed } = stalled("/stalled-2");
    await launch("t1", { value: "echo started", uris: [{ value: uri }] });
    await asked;
    await agent.end("SIGKILL");
    await closed;
    agent = start();
    const status = await framework.reached("t1", TaskState.TASK_LOST);
    assert.equal(status.reason, TaskStatus_Reason.REASON_AGENT_RESTARTED);
  });

  it("drain now does not wait for a download", async () => {
    const { uri, asked, closed } = stalled("/stalled-3");
    await launch("t1", { value: "echo started", uris: [{ value: uri }] });
    await asked;
    const { code } = await agent.end("SIGUSR1");
    assert.equal(code, 0);
    await closed;
    await framework.reached("t1", TaskState.TASK_LOST);
  });

  if (process.geteuid?.() === 0) {
    it("gives the files to the framework's user, as whom the task runs", async () => {
      await agent.end("SIGUSR1");
      framework.forgetOffers();
      agent = start("--switch-user=true");
      await agent.registered();
      const uris = [{ value: server.serve("/mine", "mine"), cache: true }];
      await launch("t1", { value: "echo and more >> mine; stat -c %U . mine stdout; id -un", uris });
      await framework.reached("t1", TaskState.TASK_FINISHED);
      assert.deepEqual(outputs(), ["nobody\nnobody\nnobody\nnobody\n"]);
    });
  }

  it("fetches for an executor, whose tasks fail with it", async () => {
    const executor = { executorId: { value: "e" }, command: { value: "true", uris: [{ value: server.uri("/missing") }] } };
    await framework.launch(await framework.offer(), { t1: { executor } });
    const status = await framework.reached("t1", TaskState.TASK_FAILED);
    assert.equal(status.reason, TaskStatus_Reason.REASON_CONTAINER_LAUNCH_FAILED);
    assert.match(status.message ?? "", /executor e could not be launched: command\.uris\[0\].*404/);
  });
});
