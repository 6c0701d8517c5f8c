/** What a command within a container of the agent has around it. */

import assert from "node:assert/strict";
import { ContainerId } from "../../../common/ids.ts";
import { AgentDriver, frameworkId, task } from "./agent-driver.ts";
import { ExecutorPeer, executorId, executorTask } from "./executor-driver.ts";

describe("AgentCore.surroundings()", () => {
  it("are the user and the variables of a command task", () => {
    const driver = AgentDriver.running();
    const environment = { variables: [{ name: "COLOR", value: "red" }] };
    const containerId = driver.runUntilRunning(
      task("t1", { info: { command: { value: "x", user: "web", environment, uris: [], arguments: [] } } }),
    );
    assert.deepEqual(driver.agent.surroundings(containerId), {
      frameworkId,
      executorId: "t1",
      frameworkUser: "nobody",
      user: "web",
      own: [["COLOR", "red"]],
      added: [
        ["MESOS_FRAMEWORK_ID", frameworkId],
        ["MESOS_TASK_ID", "t1"],
      ],
      endsWithAgent: false,
    });
    driver.exited(containerId, 0);
    driver.settle();
    assert.equal(driver.agent.surroundings(containerId), undefined);
  });

  it("are those of an executor", () => {
    const driver = AgentDriver.running();
    const containerId = new ExecutorPeer(driver).start(executorTask("t1"));
    const around = driver.agent.surroundings(containerId);
    assert.equal(around?.executorId, executorId);
    assert.ok(around.added.some(([name, value]) => name === "MESOS_EXECUTOR_ID" && value === executorId));
  });

  it("are none of a container that the agent does not have", () => {
    assert.equal(AgentDriver.running().agent.surroundings(ContainerId("c1")), undefined);
  });
});
