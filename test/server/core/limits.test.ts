/** What a master remembers is bounded, in memory and in the registry. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId, FrameworkId, TaskId } from "../../../common/ids.ts";
import { completedTasksPerFrameworkMax, frameworksMax, retiredAgentsMax } from "../../../server/core/limits.ts";
import type { RegistryRecord } from "../../../server/core/registry-record.ts";
import { cpusAndMem, describeAgent, describeFramework, MasterDriver, TestRegistry } from "./master-driver.ts";

describe("limits", () => {
  it("the oldest retired agent id makes room, in the registry, too", () => {
    const registry = new TestRegistry();
    const agent = describeAgent(cpusAndMem(1, 1), "host");
    for (let index = 0; index < retiredAgentsMax; index++) {
      const agentId = AgentId(`old-S${index}`);
      const record: RegistryRecord = { kind: "agent", agentId, agent, state: { kind: "removed", atWallMs: index } };
      registry.records.set(`agent/${agentId}`, record);
    }
    const driver = new MasterDriver({}, registry).lead();
    const { linkId, agentId } = driver.register();
    driver.say(linkId, { kind: "unregister", agentId, alive: [] });
    const agents = [...registry.records.keys()].filter((key) => key.startsWith("agent/"));
    assert.equal(agents.length, retiredAgentsMax);
    assert.ok(!registry.records.has("agent/old-S0"));
    assert.ok(registry.records.has(`agent/${agentId}`));
  });

  it("a framework more than there may be is refused, one that is known is not", () => {
    const registry = new TestRegistry();
    const framework = describeFramework({});
    for (let index = 0; index < frameworksMax; index++) {
      const frameworkId = FrameworkId(`f${index}`);
      registry.records.set(`framework/f${index}`, { kind: "framework", frameworkId, framework, state: { kind: "active" } });
    }
    const driver = new MasterDriver({}, registry).lead();
    assert.equal(driver.closedStreams.get(driver.openStream({}))?.code, "RESOURCE_EXHAUSTED");
    assert.equal(driver.subscribe({}, FrameworkId("f7")).frameworkId, "f7");
  });

  it("the oldest ended tasks of a framework are forgotten", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    for (let index = 0; index < completedTasksPerFrameworkMax + 2; index++) {
      const taskId = TaskId(`t${index}`);
      driver.launch(scheduler, driver.takeOffer(scheduler), { taskId });
      const uuid = driver.update(agent, { ...scheduler, taskId }, "TASK_FINISHED");
      driver.call(scheduler, { kind: "acknowledge", agentId: agent.agentId, taskId, uuid });
      driver.call(scheduler, { kind: "revive", roles: [] });
    }
    const { completedTasks } = driver.operator("getTasks").tasks;
    assert.equal(completedTasks.length, completedTasksPerFrameworkMax);
    assert.equal(completedTasks[0]?.taskId?.value, "t2");
  });
});
