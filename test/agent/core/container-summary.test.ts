/** The containers of an agent as operators see them. */

import assert from "node:assert/strict";
import { Resource } from "../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, frameworkId, task } from "./agent-driver.ts";
import { ExecutorPeer, executorId, executorTask } from "./executor-driver.ts";

const cpus = (value: number): Resource => Resource.fromPartial({ name: "cpus", type: 0, scalar: { value } });

describe("AgentCore.containers()", () => {
  it("lists a command task under its own name, from its launch until its end is settled", () => {
    const driver = AgentDriver.running();
    assert.deepEqual(driver.agent.containers(), []);
    driver.run(task("t1", { info: { resources: [cpus(1)] } }));
    driver.settle();
    const [container] = driver.agent.containers();
    assert.ok(container !== undefined);
    assert.deepEqual(
      { ...container, containerId: undefined },
      { containerId: undefined, parentId: undefined, frameworkId, executorId: "t1", executorName: "name of t1", resources: [cpus(1)] },
    );
    assert.equal(container.containerId, driver.of("launchContainer")[0]?.spec.containerId);
  });

  it("lists an executor once, with what its tasks have", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    const withCpus = (id: string, value: number) => {
      const order = executorTask(id);
      return { ...order, info: { ...order.info, resources: [cpus(value)] } };
    };
    peer.start(withCpus("t1", 1), withCpus("t2", 2));
    const containers = driver.agent.containers();
    assert.deepEqual(
      containers.map(({ executorId: id, resources }) => ({ id, resources })),
      [{ id: executorId, resources: [cpus(1), cpus(2)] }],
    );
  });
});
