/** A master from leadership to a task that ran and was acknowledged. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { TaskId } from "../../../common/ids.ts";
import { MasterDriver } from "./master-driver.ts";

describe("master", () => {
  it("offers an agent, runs a task on it, and is done when the end is acknowledged", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    const offer = driver.takeOffer(scheduler);
    assert.equal(offer.agentId, agent.agentId);
    assert.equal(driver.launch(scheduler, offer), undefined);
    assert.equal(driver.takeMessages(agent, "runTask")[0]?.task.taskId?.value, "task");

    driver.update(agent, scheduler, "TASK_RUNNING");
    const uuid = driver.update(agent, scheduler, "TASK_FINISHED");
    assert.equal(driver.takeEvents(scheduler, "forwardUpdate").length, 2);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);

    driver.call(scheduler, { kind: "acknowledge", agentId: agent.agentId, taskId: TaskId("task"), uuid });
    assert.equal(driver.takeMessages(agent, "acknowledge")[0]?.uuid, uuid);
    const { tasks } = driver.operator("getTasks");
    assert.equal(tasks.tasks.length, 0);
    assert.equal(tasks.completedTasks.length, 1);
  });
});
