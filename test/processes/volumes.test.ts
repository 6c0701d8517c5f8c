/** A persistent volume on a real agent: written by one task, read by another after the agent came back under a new id, and destroyed. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";

import type { Offer, Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import { FrameworkInfo_Capability_Type, Offer_Operation_Type, OperationState, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { RawScheduler, type RawSubscription } from "./raw-scheduler.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 30_000;

const role = "web";
const allocated = { allocationInfo: { role } };
const reservations = [{ type: 2 as const, role }];
const cpus = { name: "cpus", type: 0 as const, scalar: { value: 0.1 }, ...allocated };
const reserved = { name: "disk", type: 0 as const, scalar: { value: 100 }, ...allocated, reservations };
const volume = { ...reserved, disk: { persistence: { id: "state" }, volume: { mode: 1 as const, containerPath: "data" } } };

type Operations = NonNullable<NonNullable<Parameters<typeof Call.fromPartial>[0]["accept"]>["operations"]>;

describe("a persistent volume", function () {
  this.timeout(timeoutMs);
  let workDir: string;
  let master: MasterProcess;
  let client: RawScheduler;
  let framework: RawSubscription;
  let agent: AgentProcess;
  let address: string;
  const used = new Set<string>();

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-volume-"));
    master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    ({ address } = await master.leading());
    client = new RawScheduler(address);
    const capabilities = [
      { type: FrameworkInfo_Capability_Type.MULTI_ROLE },
      { type: FrameworkInfo_Capability_Type.RESERVATION_REFINEMENT },
    ];
    const frameworkInfo = { user: "nobody", name: "volumes", roles: [role], capabilities };
    framework = await client.subscribe(Call.encode(Call.fromPartial({ type: Call_Type.SUBSCRIBE, subscribe: { frameworkInfo } })).finish());
  });
  after(async () => {
    if (agent.isRunning) await agent.end("SIGUSR1");
    client.close();
    await master.end("SIGKILL");
    rmSync(workDir, { recursive: true, force: true });
  });

  function start(): AgentProcess {
    agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:256;disk:1000;ports:[]"]);
    return agent;
  }

  /** Does the operations on the newest offer of the agent, once one has what is asked for. */
  async function accept(agentId: string, isWanted: (resource: Resource) => boolean, operations: Operations): Promise<void> {
    const offer = await until(() => offers().findLast((one) => one.agentId?.value === agentId && one.resources.some(isWanted)));
    used.add(offer.id?.value ?? "");
    const request = {
      type: Call_Type.ACCEPT,
      accept: { offerIds: [{ value: offer.id?.value ?? "" }], operations, filters: { refuseSeconds: 0 } },
    };
    await call(request);
  }

  function offers(): Offer[] {
    return framework.events.flatMap((event) => event.offers?.offers ?? []).filter((offer) => !used.has(offer.id?.value ?? ""));
  }

  async function call(body: Parameters<typeof Call.fromPartial>[0]): Promise<void> {
    const request = Call.encode(Call.fromPartial({ ...body, frameworkId: { value: framework.frameworkId } })).finish();
    const { code, message } = await client.call(request, framework.streamId);
    assert.equal(code, 0, message);
  }

  function launch(agentId: string, taskId: string, value: string): Operations[number] {
    const task = { name: taskId, taskId: { value: taskId }, agentId: { value: agentId }, resources: [cpus, volume], command: { value } };
    return { type: Offer_Operation_Type.LAUNCH, launch: { taskInfos: [task] } };
  }

  /** Acknowledges whatever comes until the task has ended. */
  async function finished(taskId: string): Promise<void> {
    const seen = new Set<string>();
    for (;;) {
      const status = await until(() =>
        framework.events
          .flatMap((event) => event.update?.status ?? [])
          .find((one) => one.taskId?.value === taskId && !seen.has(Buffer.from(one.uuid ?? []).toString("hex"))),
      );
      seen.add(Buffer.from(status.uuid ?? []).toString("hex"));
      assert.ok(
        [TaskState.TASK_RUNNING, TaskState.TASK_FINISHED].some((state) => state === status.state),
        status.message,
      );
      await call({
        type: Call_Type.ACKNOWLEDGE,
        acknowledge: { agentId: status.agentId, taskId: { value: taskId }, uuid: status.uuid ?? new Uint8Array() },
      });
      if (status.state === TaskState.TASK_FINISHED) return;
    }
  }

  it("is made, written and told of in one call", async () => {
    const agentId = await start().registered();
    await accept(agentId, ({ name }) => name === "disk", [
      { type: Offer_Operation_Type.RESERVE, id: { value: "reserve" }, reserve: { resources: [reserved] } },
      { type: Offer_Operation_Type.CREATE, id: { value: "create" }, create: { volumes: [volume] } },
      launch(agentId, "writer", "echo hello > data/file"),
    ]);
    for (const name of ["reserve", "create"]) {
      const status = await until(() =>
        framework.events
          .flatMap((event) => event.updateOperationStatus?.status ?? [])
          .find(({ operationId }) => operationId?.value === name),
      );
      assert.equal(status.state, OperationState.OPERATION_FINISHED, status.message);
      await call({
        type: Call_Type.ACKNOWLEDGE_OPERATION_STATUS,
        acknowledgeOperationStatus: {
          agentId: status.agentId,
          operationId: { value: name },
          uuid: status.uuid?.value ?? new Uint8Array(),
        },
      });
    }
    await finished("writer");
    assert.equal(readFileSync(join(workDir, "volumes/roles", role, "state", "file"), "utf8"), "hello\n");
  });

  it("outlives the agent's id, and the next task finds what was written", async () => {
    await agent.end("SIGUSR1");
    const agentId = await start().registered();
    await accept(agentId, ({ disk }) => disk?.persistence?.id === "state", [launch(agentId, "reader", "grep hello data/file")]);
    await finished("reader");
  });

  it("is gone with what was on it when it is destroyed", async () => {
    const agentId = await agent.registered();
    await accept(agentId, ({ disk }) => disk?.persistence?.id === "state", [
      { type: Offer_Operation_Type.DESTROY, destroy: { volumes: [volume] } },
      { type: Offer_Operation_Type.UNRESERVE, unreserve: { resources: [reserved] } },
    ]);
    await until(() => (readdirSync(join(workDir, "volumes/roles", role)).length === 0 ? true : undefined));
  });
});

async function until<T>(probe: () => T | undefined): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs / 2;
  for (;;) {
    const value = probe();
    if (value !== undefined) return value;
    assert.ok(performance.now() < deadlineMs, `still not so: ${probe}`);
    await sleep(5);
  }
}
