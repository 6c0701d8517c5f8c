/** A shared volume on a disk of its own, on a real agent: offered with its source, used by two tasks, destroyed; and a lost disk. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";

import { Offer_Operation_Type, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import { launchOf, type RawFramework } from "./raw-framework.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;
const role = "web";
const allocated = { allocationInfo: { role } };
const cpus = { name: "cpus", type: 0 as const, scalar: { value: 0.1 }, ...allocated };

describe("a disk of its own", function () {
  this.timeout(timeoutMs);
  let workDir: string;
  let root: string;
  let cluster: RawCluster;
  let address: string;
  let framework: RawFramework;
  let agent: AgentProcess;

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-disks-"));
    root = mkdtempSync(join(tmpdir(), "tepui-disk-"));
    const capabilities = ([4, 6, 7] as const).map((type) => ({ type }));
    const frameworkInfo = { user: "nobody", name: "disks", roles: [role], capabilities, checkpoint: true };
    cluster = await RawCluster.boot({ type: Call_Type.SUBSCRIBE, subscribe: { frameworkInfo } });
    ({ address, framework } = cluster);
  });
  after(async () => {
    if (agent.isRunning) await agent.end("SIGUSR1");
    await cluster.end();
    for (const folder of [workDir, root]) rmSync(folder, { recursive: true, force: true });
  });

  function start(): AgentProcess {
    const disk = { name: "disk", type: "SCALAR", scalar: { value: 1_000 }, disk: { source: { type: "PATH", path: { root } } } };
    const named = ["cpus", "mem"].map((name) => ({ name, type: "SCALAR", scalar: { value: name === "cpus" ? 4 : 256 } }));
    agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources", JSON.stringify([...named, disk])]);
    return agent;
  }

  it("is offered with its source, and two tasks share a volume on it that goes when it is destroyed", async () => {
    const agentId = await start().registered();
    const plain = await framework.offer(({ resources }) => resources.some(({ disk }) => disk?.source?.path?.root === root));
    const source = { type: 1 as const, path: { root } };
    const reserved = { name: "disk", type: 0 as const, scalar: { value: 100 }, ...allocated, reservations: [{ type: 2 as const, role }] };
    const place = { persistence: { id: "state" }, volume: { mode: 1 as const, containerPath: "data" }, source };
    const volume = { ...reserved, disk: place, shared: {} };
    const task = (value: string) => ({ resources: [cpus, volume], command: { value } });
    await framework.accept(plain, [
      { type: Offer_Operation_Type.RESERVE, reserve: { resources: [{ ...reserved, disk: { source } }] } },
      { type: Offer_Operation_Type.CREATE, create: { volumes: [volume] } },
      launchOf(agentId, {
        speaks: task("echo hello > data/file; while [ ! -e data/heard ]; do sleep 0.02; done"),
        hears: task("while [ ! -s data/file ]; do sleep 0.02; done; touch data/heard"),
      }),
    ]);
    for (const taskId of ["speaks", "hears"]) await framework.reached(taskId, TaskState.TASK_FINISHED);
    const folder = join(root, "volumes", "roles", role, "state");
    assert.equal(readFileSync(join(folder, "file"), "utf8"), "hello\n");
    const last = await until(() => {
      const { events } = framework;
      const ended = events.findLastIndex((event) => event.update?.status?.state === TaskState.TASK_FINISHED);
      const offers = events.slice(ended).flatMap((event) => event.offers?.offers ?? []);
      return offers.findLast((one) => one.resources.some(({ shared }) => shared !== undefined));
    });
    await framework.accept(last, [{ type: Offer_Operation_Type.DESTROY, destroy: { volumes: [volume] } }]);
    await until(() => !existsSync(folder));
  });

  it("keeps the agent from starting when it is gone, with the reason", async () => {
    await agent.end("SIGTERM");
    rmSync(root, { recursive: true });
    const { code, text } = await start().exited;
    assert.equal(code, 1);
    assert.match(text, /--resources: the root of a PATH disk, .* cannot be used: ENOENT/);
  });
});
