/** Frameworks that do not checkpoint: what they have on an agent is lost with the agent's link, in every master's eyes. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FrameworkInfo } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { describeFramework, MasterDriver, reportTask, type Scheduler, TestRegistry } from "../master-driver.ts";

const info = FrameworkInfo.create({ name: "framework", user: "user" });

/** One agent with one running task "task" of a framework that does not checkpoint. */
function start({ partitionAware = true, registry = new TestRegistry() } = {}) {
  const driver = new MasterDriver({}, registry).lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ partitionAware, info });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  driver.takeAllEvents(scheduler);
  return { driver, registry, agent, agentId: agent.agentId, scheduler, frameworkId: scheduler.frameworkId };
}

function lossesOf(driver: MasterDriver, scheduler: Scheduler) {
  return driver.takeUpdates(scheduler).map(({ state, reason, source }) => ({ state, reason, source }));
}

const loss = { state: "TASK_LOST", reason: "REASON_AGENT_DISCONNECTED", source: "SOURCE_MASTER" };

describe("the tasks of a framework without checkpoint", () => {
  for (const partitionAware of [true, false]) {
    it(`A2, H7: are lost as soon as their agent's link breaks, partition aware or not (${partitionAware})`, () => {
      const { driver, agent, scheduler, frameworkId } = start({ partitionAware });
      driver.closeLink(agent);
      assert.deepEqual(lossesOf(driver, scheduler), [loss]);
      assert.deepEqual(driver.operator("getTasks").tasks.tasks, []);
      driver.reregister(agent.agentId);
      const cpus = driver.takeOffer(scheduler).resources.find(({ name }) => name === "cpus");
      assert.deepEqual(cpus?.value, { kind: "scalar", milli: 4_000 });
      assert.deepEqual(driver.operator("getTasks").tasks.unreachableTasks, [], `of framework ${frameworkId}`);
    });
  }

  it("are announced only when their loss is durable", () => {
    const { driver, agent, scheduler } = start();
    driver.writesAtOnce = false;
    driver.closeLink(agent);
    assert.deepEqual(lossesOf(driver, scheduler), []);
    driver.writeDone();
    assert.deepEqual(lossesOf(driver, scheduler), [loss]);
  });

  it("are ended without another word when the agent only had lost its link", () => {
    const { driver, agent, agentId, scheduler, frameworkId } = start();
    driver.closeLink(agent);
    driver.takeAllEvents(scheduler);
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.deepEqual(
      driver.takeMessages(back, "killTask").map(({ taskId }) => taskId),
      ["task"],
    );
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state }) => state),
      ["TASK_LOST"],
    );
  });

  it("stay lost under the next leader: TASK_LOST is final", () => {
    const { driver, registry, agent, agentId, frameworkId } = start();
    driver.closeLink(agent);
    const next = new MasterDriver({}, registry).lead();
    const framework = describeFramework({ partitionAware: true, info });
    const back = next.reregister(agentId, { frameworks: [{ frameworkId, framework }], tasks: [reportTask(frameworkId)] });
    assert.equal(next.takeMessages(back, "killTask").length, 1);
    // Once: the agent has its orders.
    const after = new MasterDriver({}, registry).lead();
    const again = after.reregister(agentId, { frameworks: [{ frameworkId, framework }], tasks: [reportTask(frameworkId)] });
    assert.equal(after.takeMessages(again, "killTask").length, 0);
  });

  it("go on when only the master changes", () => {
    const { registry, agentId, frameworkId } = start();
    const next = new MasterDriver({}, registry).lead();
    const framework = describeFramework({ partitionAware: true, info });
    const back = next.reregister(agentId, { frameworks: [{ frameworkId, framework }], tasks: [reportTask(frameworkId)] });
    assert.equal(next.takeMessages(back, "killTask").length, 0);
    assert.equal(next.operator("getTasks").tasks.tasks.length, 1);
  });

  it("that had ended keep their end", () => {
    const { driver, agent, scheduler } = start();
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.takeAllEvents(scheduler);
    driver.closeLink(agent);
    assert.deepEqual(lossesOf(driver, scheduler), []);
  });

  it("are lost also when the link breaks while the agent's return is being written", () => {
    const { driver, agent, agentId, scheduler, frameworkId } = start();
    driver.closeLink(agent);
    driver.takeAllEvents(scheduler);
    driver.writesAtOnce = false;
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    driver.closeLink(back);
    driver.writeDone();
    driver.writesAtOnce = true;
    driver.writeDone();
    assert.deepEqual(lossesOf(driver, scheduler), [], "they were announced before");
    const later = driver.reregister(agentId);
    assert.deepEqual(driver.takeMessages(later, "reregistered")[0]?.reconcile, []);
  });

  it("do not wait for an agent that leaves for good", () => {
    const { driver, agent, agentId } = start();
    driver.closeLink(agent);
    const linkId = driver.openLink();
    driver.say(linkId, { kind: "unregister", agentId, alive: [] });
    const { tasks } = driver.operator("getTasks");
    assert.deepEqual([tasks.tasks.length, tasks.unreachableTasks.length], [0, 0]);
  });
});
