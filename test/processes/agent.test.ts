/** A real agent process beneath a real master: tasks outlive it, SIGUSR1 takes them with it, mistakes of operators get a reason. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { TaskState, TaskStatus_Reason, TaskStatus_Source } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import { RawFramework } from "./raw-framework.ts";
import { subscribeCall } from "./raw-scheduler.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

describe("agent process", function () {
  this.timeout(timeoutMs);
  let folder: string;
  let folders = 0;
  let cluster: RawCluster;
  let address: string;
  let framework: RawFramework;
  let workDir: string;
  const agents: AgentProcess[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-agent-"));
  });
  beforeEach(async () => {
    workDir = join(folder, `agent-${folders++}`);
    cluster = await RawCluster.boot();
    ({ address, framework } = cluster);
  });
  afterEach(async () => {
    const survivors = agents.splice(0).filter((agent) => agent.isRunning);
    for (const agent of survivors) await agent.end("SIGTERM");
    // An agent that ended left its tasks; the next one on the same directory takes them with it.
    if (tasksIn(workDir).length > 0) {
      const cleaner = start();
      await cleaner.logged("listening");
      await cleaner.end("SIGUSR1");
    }
    await cluster.end();
    assert.deepEqual(tasksIn(workDir), []);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function start(...flags: string[]): AgentProcess {
    const agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:8;mem:1024", ...flags]);
    agents.push(agent);
    return agent;
  }

  /** Launches a shell task for each script on an offer of the agent, and waits until all run. */
  async function launch(agentId: string, scripts: ReadonlyMap<string, string>): Promise<void> {
    const offer = await framework.offer((one) => one.agentId?.value === agentId);
    await framework.launch(offer, Object.fromEntries([...scripts].map(([name, value]) => [name, { command: { value } }])), 3_600);
    for (const name of scripts.keys()) await framework.reached(name, TaskState.TASK_RUNNING);
  }

  it("runs a task and reports how it ended", async () => {
    const agentId = await start().registered();
    await launch(agentId, new Map([["t1", 'echo "$GREETING" > out; sleep 0.1; exit 4']]));
    const status = await framework.reached("t1", TaskState.TASK_FAILED);
    assert.match(status.message ?? "", /4/);
  });

  it("kills a task with its whole tree when the framework asks", async () => {
    const agentId = await start().registered();
    await launch(agentId, new Map([["t1", "trap '' TERM; setsid sleep 3600 & sleep 3600"]]));
    const killPolicy = { gracePeriod: { nanoseconds: 50_000_000n } };
    await framework.call({ type: Call_Type.KILL, kill: { taskId: { value: "t1" }, agentId: { value: agentId }, killPolicy } });
    await framework.reached("t1", TaskState.TASK_KILLED);
    await until(() => tasksIn(workDir).length === 0);
  });

  for (const cgroups of ["auto", "off"]) {
    it(`takes everything with it on SIGUSR1 before the framework hears of it, and retires its id (cgroups ${cgroups})`, async () => {
      const agent = start("--cgroups", cgroups);
      const agentId = await agent.registered();
      const scripts = new Map<string, string>();
      for (let index = 0; index < 5; index++) {
        scripts.set(`plain-${index}`, "sleep 3600");
        scripts.set(`stubborn-${index}`, "trap '' TERM; while :; do sleep 0.1; done");
        scripts.set(`daemon-${index}`, "setsid sh -c 'sleep 3600 & exit 0' & sleep 3600");
      }
      await launch(agentId, scripts);
      agent.child.kill("SIGUSR1");
      agent.child.kill("SIGUSR1");
      for (const name of scripts.keys()) {
        const status = await until(() => framework.updatesOf(name).find((one) => one.state === TaskState.TASK_LOST));
        assert.equal(status.source, TaskStatus_Source.SOURCE_MASTER);
        assert.equal(status.reason, TaskStatus_Reason.REASON_AGENT_REMOVED);
      }
      assert.deepEqual(tasksIn(workDir), []);
      assert.equal((await agent.exited).code, 0);
      assert.notEqual(await start("--cgroups", cgroups).registered(), agentId);
    });
  }

  it("finishes on SIGTERM what SIGUSR1 began: the framework hears of the loss, and the id is retired", async () => {
    const agent = start();
    const agentId = await agent.registered();
    await launch(agentId, new Map([["t1", "trap '' TERM; while :; do sleep 0.1; done"]]));
    agent.child.kill("SIGUSR1");
    agent.child.kill("SIGTERM");
    await until(() => framework.updatesOf("t1").find((one) => one.state === TaskState.TASK_LOST));
    assert.equal((await agent.exited).code, 0);
    assert.notEqual(await start().registered(), agentId);
  });

  for (const [signal, cgroups] of [
    ["SIGKILL", "auto"],
    ["SIGTERM", "off"],
  ] as const) {
    it(`H7, H8: leaves no task of a framework without checkpoint on ${signal}, and no record (cgroups ${cgroups})`, async () => {
      await framework.call({ type: Call_Type.SUPPRESS, suppress: { roles: [] } });
      framework = await RawFramework.subscribe(cluster.client, subscribeCall(undefined, { checkpoint: false }));
      const agent = start("--cgroups", cgroups);
      const agentId = await agent.registered();
      await launch(
        agentId,
        new Map([
          ["plain", "sleep 3600"],
          ["stubborn", "trap '' TERM; while :; do sleep 0.1; done"],
          ["daemon", "setsid sh -c 'sleep 3600 & exit 0' & sleep 3600"],
        ]),
      );
      await agent.end(signal);
      for (const name of ["plain", "stubborn", "daemon"]) {
        const status = await until(() => framework.updatesOf(name).find((one) => one.state === TaskState.TASK_LOST));
        assert.equal(status.reason, TaskStatus_Reason.REASON_AGENT_DISCONNECTED);
      }
      // What left its group without a cgroup waits for the next agent.
      await until(() => tasksIn(workDir).length <= (cgroups === "auto" ? 0 : 1));
      const database = new DatabaseSync(join(workDir, "checkpoint.db"), { readOnly: true });
      const keys = database
        .prepare("SELECT key FROM entries")
        .all()
        .map((row) => String(row["key"]));
      database.close();
      assert.deepEqual(
        keys.filter((key) => /^(framework|task|executor)/.test(key)),
        [],
      );
      const next = start("--cgroups", cgroups);
      assert.equal(await next.registered(), agentId);
      await until(() => tasksIn(workDir).length === 0);
      await until(() => recordsIn(workDir).length === 0);
    });
  }

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`G13, H15: leaves its tasks running on ${signal}; the next agent adopts them under the same id and reports their ends`, async () => {
      const first = start();
      const agentId = await first.registered();
      await launch(
        agentId,
        new Map([
          ["ends-meanwhile", "echo ends-meanwhile; while [ ! -e go ]; do sleep 0.02; done; exit 3"],
          ["ends-later", "echo ends-later; while [ ! -e go ]; do sleep 0.02; done; exit 0"],
        ]),
      );
      const { code } = await first.end(signal);
      assert.equal(code, signal === "SIGTERM" ? 0 : null);
      release("ends-meanwhile");
      await until(() => recordsIn(workDir).filter((text) => text.includes("ended")).length === 1);
      const second = start();
      assert.equal(await second.registered(), agentId);
      await framework.reached("ends-meanwhile", TaskState.TASK_FAILED);
      assert.equal(framework.updatesOf("ends-later").at(-1)?.state, TaskState.TASK_RUNNING);
      release("ends-later");
      await framework.reached("ends-later", TaskState.TASK_FINISHED);
    });
  }

  it("G2: refuses other flags while its tasks run, with what to do, and takes more under --reconfiguration-policy=additive", async () => {
    const first = start();
    const agentId = await first.registered();
    await launch(agentId, new Map([["t1", "exec sleep 3600"]]));
    await first.end("SIGTERM");
    const refused = await start("--resources=cpus:9;mem:1024").exited;
    assert.equal(refused.code, 1);
    assert.match(refused.text, /--resources must stay .*cpus:8;mem:1024.* while .*, is .*cpus:9;mem:1024.*additive.*SIGUSR1/);
    assert.equal(tasksIn(workDir).length, 1);
    const grown = start("--resources=cpus:9;mem:1024", "--attributes=rack:r1", "--reconfiguration-policy=additive");
    assert.equal(await grown.registered(), agentId);
    const offer = await framework.offer(({ attributes }) => attributes.length > 0);
    assert.equal(offer.resources.find(({ name }) => name === "cpus")?.scalar?.value, 8.9);
    await grown.end("SIGUSR1");
  });

  it("refuses a work directory that another agent uses, naming both, and leaves that one alone", async () => {
    const first = start();
    const agentId = await first.registered();
    await launch(agentId, new Map([["t1", "sleep 3600"]]));
    const { code, text } = await start().exited;
    assert.equal(code, 1);
    assert.ok(text.includes(workDir) && text.includes(String(first.child.pid)), text);
    assert.ok(first.isRunning);
    assert.equal(framework.updatesOf("t1").at(-1)?.state, TaskState.TASK_RUNNING);
  });

  it("refuses a work directory of a newer version and a port that is taken", async () => {
    const first = start();
    const port = (await first.logged("listening"))["grpcPort"];
    const other = join(folder, `agent-${folders++}`);
    const taken = new AgentProcess(["--master", address, "--work-dir", other, `--port=${port}`]);
    agents.push(taken);
    const refused = await taken.exited;
    assert.equal(refused.code, 1);
    assert.match(refused.text, new RegExp(`--port ${port}.*another process`));
    await first.end("SIGTERM");
    const database = new DatabaseSync(join(workDir, "checkpoint.db"));
    database.exec("UPDATE meta SET value = 1000 WHERE name = 'format_version'");
    database.close();
    const { code, text } = await start().exited;
    assert.equal(code, 1);
    assert.match(text, /checkpoint\.db.*1000.*newer/);
    rmSync(workDir, { recursive: true });
  });

  it("names the work directory and the reason when it cannot make its folders there", async () => {
    mkdirSync(workDir);
    writeFileSync(join(workDir, "containers"), "in the way");
    const { code, text } = await start().exited;
    assert.equal(code, 1);
    assert.match(text, new RegExp(`--work-dir ${workDir} cannot be used: .*containers`));
    assert.doesNotMatch(text, /\\n {4}at /, "no stack");
  });

  it("never runs on after a SIGUSR1, however early in its start it comes", async () => {
    for (const delayMs of [0, 20, 40, 60, 100, 200]) {
      const agent = start();
      await sleep(delayMs);
      const { code, signal, text } = await agent.end("SIGUSR1");
      // Before Node has set up anything at all, the system ends the process.
      assert.ok(code === 0 || signal === "SIGUSR1", `after ${delayMs} ms: code ${code}, signal ${signal}\n${text}`);
    }
  });

  it("waits for a master that is not there yet and exits 0 on SIGUSR1 without one", async () => {
    await cluster.master.end("SIGKILL");
    const agent = start();
    await agent.logged("listening");
    assert.equal((await agent.end("SIGUSR1")).code, 0);
  });

  /** Lets a task end that waits in its sandbox for the file "go". */
  function release(name: string): void {
    const found = sandboxFolders(workDir).find((folder) => readFileSync(join(folder, "stdout"), "utf8").includes(name));
    assert.ok(found !== undefined, `no sandbox of ${name}`);
    writeFileSync(join(found, "go"), "");
  }
});

/** Pids of live processes that work in a sandbox of the agent, supervisors left out: those may outlast the news by a moment. */
function tasksIn(workDir: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(`${workDir}/`) &&
          !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("tepui-supervisor")
        );
      } catch {
        return false;
      }
    });
}

function recordsIn(workDir: string): readonly string[] {
  const records = join(workDir, "containers/records");
  return readdirSync(records).map((name) => readFileSync(join(records, name), "utf8"));
}
