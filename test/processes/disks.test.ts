/** A shared volume on a disk of its own, on a real agent: offered with its source, used by two tasks, destroyed; and a lost disk. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";

import { type Offer, Offer_Operation_Type, type Resource, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { RawScheduler, type RawSubscription } from "./raw-scheduler.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 30_000;
const role = "web";
const allocated = { allocationInfo: { role } };
const cpus = { name: "cpus", type: 0 as const, scalar: { value: 0.1 }, ...allocated };

describe("a disk of its own", function () {
  this.timeout(timeoutMs);
  let workDir: string;
  let root: string;
  let master: MasterProcess;
  let address: string;
  let client: RawScheduler;
  let framework: RawSubscription;
  let agent: AgentProcess;

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-disks-"));
    root = mkdtempSync(join(tmpdir(), "tepui-disk-"));
    master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    ({ address } = await master.leading());
    client = new RawScheduler(address);
    const capabilities = ([4, 6, 7] as const).map((type) => ({ type }));
    const frameworkInfo = { user: "nobody", name: "disks", roles: [role], capabilities, checkpoint: true };
    framework = await client.subscribe(Call.encode(Call.fromPartial({ type: Call_Type.SUBSCRIBE, subscribe: { frameworkInfo } })).finish());
  });
  after(async () => {
    if (agent.isRunning) await agent.end("SIGUSR1");
    client.close();
    await master.end("SIGKILL");
    for (const folder of [workDir, root]) rmSync(folder, { recursive: true, force: true });
  });

  function start(): AgentProcess {
    const disk = { name: "disk", type: "SCALAR", scalar: { value: 1_000 }, disk: { source: { type: "PATH", path: { root } } } };
    const named = ["cpus", "mem"].map((name) => ({ name, type: "SCALAR", scalar: { value: name === "cpus" ? 4 : 256 } }));
    agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources", JSON.stringify([...named, disk])]);
    return agent;
  }

  async function call(body: Parameters<typeof Call.fromPartial>[0]): Promise<void> {
    const request = Call.encode(Call.fromPartial({ ...body, frameworkId: { value: framework.frameworkId } })).finish();
    const { code, message } = await client.call(request, framework.streamId);
    assert.equal(code, 0, message);
  }

  function accept(offer: Offer, operations: NonNullable<NonNullable<Parameters<typeof Call.fromPartial>[0]["accept"]>["operations"]>) {
    const offerIds = [{ value: offer.id?.value ?? "" }];
    return call({ type: Call_Type.ACCEPT, accept: { offerIds, operations, filters: { refuseSeconds: 0 } } });
  }

  function offerWith(isWanted: (resource: Resource) => boolean): Promise<Offer> {
    return until(() => framework.events.flatMap((event) => event.offers?.offers ?? []).findLast((one) => one.resources.some(isWanted)));
  }

  /** Acknowledges whatever comes until the tasks have ended well. */
  async function finished(...taskIds: string[]): Promise<void> {
    const seen = new Set<string>();
    const open = new Set(taskIds);
    while (open.size > 0) {
      const status = await until(() =>
        framework.events
          .flatMap((event) => event.update?.status ?? [])
          .find((one) => !seen.has(Buffer.from(one.uuid ?? []).toString("hex"))),
      );
      const { taskId, agentId, state, message, uuid = new Uint8Array() } = status;
      seen.add(Buffer.from(uuid).toString("hex"));
      assert.ok(state === TaskState.TASK_RUNNING || state === TaskState.TASK_FINISHED, message);
      await call({ type: Call_Type.ACKNOWLEDGE, acknowledge: { agentId, taskId, uuid } });
      if (state === TaskState.TASK_FINISHED) open.delete(taskId?.value ?? "");
    }
  }

  it("is offered with its source, and two tasks share a volume on it that goes when it is destroyed", async () => {
    const agentId = await start().registered();
    const plain = await offerWith(({ disk }) => disk?.source?.path?.root === root);
    const source = { type: 1 as const, path: { root } };
    const reserved = { name: "disk", type: 0 as const, scalar: { value: 100 }, ...allocated, reservations: [{ type: 2 as const, role }] };
    const place = { persistence: { id: "state" }, volume: { mode: 1 as const, containerPath: "data" }, source };
    const volume = { ...reserved, disk: place, shared: {} };
    const task = (name: string, value: string) => ({
      name,
      taskId: { value: name },
      agentId: { value: agentId },
      resources: [cpus, volume],
      command: { value },
    });
    await accept(plain, [
      { type: Offer_Operation_Type.RESERVE, reserve: { resources: [{ ...reserved, disk: { source } }] } },
      { type: Offer_Operation_Type.CREATE, create: { volumes: [volume] } },
      {
        type: Offer_Operation_Type.LAUNCH,
        launch: {
          taskInfos: [
            task("speaks", "echo hello > data/file; while [ ! -e data/heard ]; do sleep 0.02; done"),
            task("hears", "while [ ! -s data/file ]; do sleep 0.02; done; touch data/heard"),
          ],
        },
      },
    ]);
    await finished("speaks", "hears");
    const folder = join(root, "volumes", "roles", role, "state");
    assert.equal(readFileSync(join(folder, "file"), "utf8"), "hello\n");
    const last = await until(() => {
      const { events } = framework;
      const ended = events.findLastIndex((event) => event.update?.status?.state === TaskState.TASK_FINISHED);
      const offers = events.slice(ended).flatMap((event) => event.offers?.offers ?? []);
      return offers.findLast((one) => one.resources.some(({ shared }) => shared !== undefined));
    });
    await accept(last, [{ type: Offer_Operation_Type.DESTROY, destroy: { volumes: [volume] } }]);
    await until(() => !existsSync(folder) || undefined);
  });

  it("keeps the agent from starting when it is gone, with the reason", async () => {
    await agent.end("SIGTERM");
    rmSync(root, { recursive: true });
    const { code, text } = await start().exited;
    assert.equal(code, 1);
    assert.match(text, /--resources: the root of a PATH disk, .* cannot be used: ENOENT/);
  });
});

async function until<T>(probe: () => T | undefined): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs / 2;
  for (;;) {
    const value = probe();
    if (value !== undefined) return value;
    assert.ok(performance.now() < deadlineMs, `still not so: ${probe}`);
    await sleep(10);
  }
}
