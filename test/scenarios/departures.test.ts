/** Who leaves: launches that meet an agent on its way out, frameworks that end, agents that come back as somebody else. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { TaskId } from "../../common/ids.ts";
import { cpusAndMem, MasterDriver, reportTask } from "../server/core/master-driver.ts";

function start(partitionAware: boolean) {
  const driver = new MasterDriver().lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ partitionAware });
  const offer = driver.takeOffer(scheduler);
  return { driver, agent, agentId: agent.agentId, scheduler, offer };
}

for (const [partitionAware, dropped] of [
  [true, "TASK_DROPPED"],
  [false, "TASK_LOST"],
] as const) {
  describe(`a launch on an agent that leaves (partition aware: ${partitionAware})`, () => {
    it("A3: is dropped with AGENT_REMOVED while the removal is written, and with INVALID_OFFERS after", () => {
      const { driver, agent, agentId, scheduler, offer } = start(partitionAware);
      driver.writesAtOnce = false;
      driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
      driver.launch(scheduler, offer, { taskId: TaskId("during") });
      driver.writeDone();
      driver.launch(scheduler, offer, { taskId: TaskId("after") });
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ taskId, state, reason, source, uuid }) => [taskId, state, reason, source, uuid]),
        [
          ["during", dropped, "REASON_AGENT_REMOVED", "SOURCE_MASTER", undefined],
          ["after", dropped, "REASON_INVALID_OFFERS", "SOURCE_MASTER", undefined],
        ],
      );
      assert.equal(driver.takeMessages(agent, "runTask").length, 0);
    });

    // Offers go in the very step in which the link breaks, so this row is always that of an offer that is gone.
    it("A4: is dropped with INVALID_OFFERS when the link to the agent broke before, and its offer went with that", () => {
      const { driver, agent, scheduler, offer } = start(partitionAware);
      driver.closeLink(agent);
      assert.equal(driver.takeEvents(scheduler, "rescind")[0]?.offerId, offer.offerId);
      driver.launch(scheduler, offer);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ state, reason }) => [state, reason]),
        [[dropped, "REASON_INVALID_OFFERS"]],
      );
    });
  });

  describe(`a framework that is torn down (partition aware: ${partitionAware})`, () => {
    it("A10: hears nothing of its tasks, which operators see as killed", () => {
      const { driver, agent, scheduler, offer } = start(partitionAware);
      driver.launch(scheduler, offer);
      driver.takeAllEvents(scheduler);
      driver.call(scheduler, { kind: "teardown" });
      assert.deepEqual(driver.takeAllEvents(scheduler), []);
      assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
      assert.deepEqual(
        driver.operator("getTasks").tasks.completedTasks.map((task) => task.state),
        [4],
      );
    });
  });
}

describe("an agent that comes back", () => {
  it("without its work directory and without a port is another agent; tasks of the older id become unreachable in time", () => {
    const { driver, agent, agentId, scheduler, offer } = start(true);
    driver.launch(scheduler, offer);
    driver.closeLink(agent);
    const anew = driver.register(cpusAndMem(4, 4_096), "host");
    assert.notEqual(anew.agentId, agentId);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    driver.advanceAlive(driver.config.agentReregisterTimeoutMs, [anew]);
    assert.deepEqual(
      driver.takeUpdates(scheduler).map((status) => [status.agentId, status.state]),
      [[agentId, "TASK_UNREACHABLE"]],
    );
  });

  it("D6, R1: after it unregistered is refused under its id, whatever it brings", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    driver.takeAllEvents(scheduler);
    const back = driver.reregister(agentId, { tasks: [reportTask(scheduler.frameworkId)] });
    assert.equal(driver.takeMessages(back, "refuse").length, 1);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 0);
  });
});
