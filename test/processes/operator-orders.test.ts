/** An operator's orders about resources and frameworks on a real cluster: a reservation and a volume that are on the agent's disk. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  Call_CreateVolumes,
  Call_DestroyVolumes,
  Call_ReserveResources,
  Call_Teardown,
  Call_UnreserveResources,
  Response_GetFrameworks,
  Response_GetOperations,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { Resource, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { RawOperator } from "./raw-operator.ts";
import { RawScheduler, subscribeCall } from "./raw-scheduler.ts";

const reserved: Resource = {
  ...Resource.create({ name: "disk", type: Value_Type.SCALAR, scalar: { value: 100 } }),
  reservations: [{ type: 2, role: "web" }],
};
const volume: Resource = { ...reserved, disk: { persistence: { id: "state" }, volume: { mode: 1, containerPath: "data" } } };

describe("an operator orders a real cluster", function () {
  this.timeout(30_000);
  let workDir: string;
  let master: MasterProcess;
  let agent: AgentProcess;
  let operator: RawOperator;
  let address: string;

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-orders-"));
    master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    ({ address } = await master.leading());
    operator = new RawOperator(address);
    agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:256;disk:1000;ports:[]"]);
  });
  after(async () => {
    operator[Symbol.dispose]();
    if (agent.isRunning) await agent.end("SIGUSR1");
    await master.end("SIGKILL");
    rmSync(workDir, { recursive: true, force: true });
  });

  it("to reserve disk, to make a volume of it and to undo both, each durable when it is answered", async () => {
    const id = { value: await agent.registered() };
    await operator.call("ReserveResources", Call_ReserveResources.encode({ agentId: id, source: [], resources: [reserved] }).finish());
    await operator.call("CreateVolumes", Call_CreateVolumes.encode({ agentId: id, volumes: [volume] }).finish());
    assert.deepEqual(readdirSync(join(workDir, "volumes", "roles", "web")), ["state"]);
    assert.deepEqual(Response_GetOperations.decode(await operator.call("GetOperations")).operations, []);
    const taken = Call_UnreserveResources.encode({ agentId: id, resources: [reserved] }).finish();
    await assert.rejects(
      operator.call("UnreserveResources", taken),
      /FAILED_PRECONDITION: unreserve_resources must be about resources that/,
    );
    await operator.call("DestroyVolumes", Call_DestroyVolumes.encode({ agentId: id, volumes: [volume] }).finish());
    await operator.call("UnreserveResources", taken);
    assert.deepEqual(readdirSync(join(workDir, "volumes", "roles", "web")), []);
    const nobody = Call_DestroyVolumes.encode({ agentId: { value: "nobody" }, volumes: [volume] }).finish();
    await assert.rejects(operator.call("DestroyVolumes", nobody), /NOT_FOUND: destroy_volumes.agent_id must be of an agent of the cluster/);
    await assert.rejects(operator.call("GrowVolume"), /INVALID_ARGUMENT: volume must be set/);
  });

  it("to end a framework", async () => {
    const client = new RawScheduler(address);
    try {
      const { frameworkId, ended } = await client.subscribe(Call.encode(subscribeCall()).finish());
      const request = Call_Teardown.encode({ frameworkId: { value: frameworkId } }).finish();
      await operator.call("Teardown", request);
      assert.equal((await ended).code, 0);
      const { completedFrameworks } = Response_GetFrameworks.decode(await operator.call("GetFrameworks"));
      assert.equal(completedFrameworks[0]?.frameworkInfo?.id?.value, frameworkId);
      await assert.rejects(operator.call("Teardown", request), /NOT_FOUND: .* has ended/);
    } finally {
      client.close();
    }
  });
});
