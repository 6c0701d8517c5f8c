/** A persistent volume on a real agent: written by one task, read by another after the agent came back under a new id, and destroyed. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";

import type { Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import { FrameworkInfo_Capability_Type, Offer_Operation_Type, OperationState, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import { launchOf, type Operations, type RawFramework } from "./raw-framework.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

const role = "web";
const allocated = { allocationInfo: { role } };
const reservations = [{ type: 2 as const, role }];
const cpus = { name: "cpus", type: 0 as const, scalar: { value: 0.1 }, ...allocated };
const reserved = { name: "disk", type: 0 as const, scalar: { value: 100 }, ...allocated, reservations };
const volume = { ...reserved, disk: { persistence: { id: "state" }, volume: { mode: 1 as const, containerPath: "data" } } };

describe("a persistent volume", function () {
  this.timeout(timeoutMs);
  let workDir: string;
  let cluster: RawCluster;
  let framework: RawFramework;
  let agent: AgentProcess;
  let address: string;

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-volume-"));
    const capabilities = [
      { type: FrameworkInfo_Capability_Type.MULTI_ROLE },
      { type: FrameworkInfo_Capability_Type.RESERVATION_REFINEMENT },
    ];
    const frameworkInfo = { user: "nobody", name: "volumes", roles: [role], capabilities };
    cluster = await RawCluster.boot({ type: Call_Type.SUBSCRIBE, subscribe: { frameworkInfo } });
    ({ address, framework } = cluster);
  });
  after(async () => {
    if (agent.isRunning) await agent.end("SIGUSR1");
    await cluster.end();
    rmSync(workDir, { recursive: true, force: true });
  });

  function start(): AgentProcess {
    agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:256;disk:1000;ports:[]"]);
    return agent;
  }

  /** Does the operations on the newest offer of the agent, once one has what is asked for. */
  async function accept(agentId: string, isWanted: (resource: Resource) => boolean, operations: Operations): Promise<void> {
    const offer = await framework.offer((one) => one.agentId?.value === agentId && one.resources.some(isWanted));
    await framework.accept(offer, operations);
  }

  function launch(agentId: string, taskId: string, value: string): Operations[number] {
    return launchOf(agentId, { [taskId]: { resources: [cpus, volume], command: { value } } });
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
      await framework.call({
        type: Call_Type.ACKNOWLEDGE_OPERATION_STATUS,
        acknowledgeOperationStatus: {
          agentId: status.agentId,
          operationId: { value: name },
          uuid: status.uuid?.value ?? new Uint8Array(),
        },
      });
    }
    await framework.reached("writer", TaskState.TASK_FINISHED);
    assert.equal(readFileSync(join(workDir, "volumes/roles", role, "state", "file"), "utf8"), "hello\n");
  });

  it("outlives the agent's id, and the next task finds what was written", async () => {
    await agent.end("SIGUSR1");
    const agentId = await start().registered();
    await accept(agentId, ({ disk }) => disk?.persistence?.id === "state", [launch(agentId, "reader", "grep hello data/file")]);
    await framework.reached("reader", TaskState.TASK_FINISHED);
  });

  it("is gone with what was on it when it is destroyed", async () => {
    const agentId = await agent.registered();
    await accept(agentId, ({ disk }) => disk?.persistence?.id === "state", [
      { type: Offer_Operation_Type.DESTROY, destroy: { volumes: [volume] } },
      { type: Offer_Operation_Type.UNRESERVE, unreserve: { resources: [reserved] } },
    ]);
    await until(() => readdirSync(join(workDir, "volumes/roles", role)).length === 0);
  });
});
