/** Quotas and weights on a real master with a real agent: set at the command line, and in force after the master was killed. */

import assert from "node:assert/strict";
import { OperatorClient } from "../../client/operator-client.ts";
import { FrameworkInfo_Capability_Type, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { offersIn, oneTask, SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

describe("a quota on a real master", () => {
  let cluster: SdkCluster;
  let operator: OperatorClient;

  before(async () => {
    const framework = { roles: ["eng/ads"], capabilities: [{ type: FrameworkInfo_Capability_Type.MULTI_ROLE }] };
    cluster = await SdkCluster.start({ name: "limited", framework, agentFlags: ["--hostname=host-a"] });
    operator = new OperatorClient({ masters: [cluster.masterAddress] });
    await cluster.launch((agentId) => [oneTask(agentId, "exec sleep 600")]);
    await cluster.reached("t", TaskState.TASK_RUNNING);
  });
  after(async () => {
    operator[Symbol.dispose]();
    await cluster.stop();
  });

  /** cpus of each offer that is out. */
  function offeredCpus(): readonly number[] {
    return cluster
      .offersOut()
      .map(({ resources }) => resources.reduce((sum, { name, scalar }) => sum + (name === "cpus" ? (scalar?.value ?? 0) : 0), 0));
  }

  it("cuts what is offered, and is in force after the master was killed right after its answer", async () => {
    await until(() => offeredCpus().includes(3));
    await operator.updateQuota([{ role: "eng", guarantees: { cpus: 1 }, limits: { cpus: 2 } }]);
    await cluster.master.end("SIGKILL");
    const heardBefore = cluster.heard.length;
    await cluster.startMaster();
    await until(() => offersIn(cluster.heard.slice(heardBefore)).length > 0);
    assert.deepEqual(offeredCpus(), [1]);
    assert.match(await cluster.tepui("quota", "list"), /^ROLE +OF +GUARANTEED +CONSUMED +LIMIT *\neng +cpus +1 +2 +2 *\n$/);
    assert.match(await cluster.tepui("role", "list"), /\neng\/ads +1 +1 +cpus 1 +cpus 1, .*mem 1024.* +-\n$/);
  });

  it("is set, refused and ended at the command line, and so is a weight", async () => {
    assert.match(
      await cluster.refused("quota", "set", "eng", "--limit", "cpus:0"),
      /the limit of role "eng" for cpus must be at least what the role uses without force, is 0 of 1/,
    );
    assert.equal(await cluster.tepui("quota", "set", "eng", "--limit", "cpus:0,gpus:0", "--force"), "role eng has its quota\n");
    await until(() => offeredCpus().every((cpus) => cpus === 0));
    assert.equal(await cluster.tepui("quota", "remove", "eng"), "role eng has no quota any more\n");
    assert.equal(await cluster.tepui("quota", "list"), "no role has a quota\n");
    await until(() => offeredCpus().includes(3));
    assert.equal(await cluster.tepui("role", "weight", "eng", "2.5"), "role eng has weight 2.5\n");
    assert.deepEqual(await operator.getWeights(), [{ role: "eng", weight: 2.5 }]);
  });
});
