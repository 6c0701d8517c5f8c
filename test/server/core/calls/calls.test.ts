/** DECLINE, REVIVE, SUPPRESS, KILL, ACKNOWLEDGE. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId, TaskId, Uuid } from "../../../../common/ids.ts";
import { cpusAndMem, MasterDriver } from "../master-driver.ts";

const task = TaskId("task");

function start() {
  const driver = new MasterDriver().lead();
  const agent = driver.register();
  const scheduler = driver.subscribe();
  const offer = driver.takeOffer(scheduler);
  return { driver, agent, agentId: agent.agentId, scheduler, offer };
}

function startTask() {
  const cluster = start();
  cluster.driver.launch(cluster.scheduler, cluster.offer, {}, 3_600_000);
  return cluster;
}

describe("DECLINE", () => {
  it("keeps the resources from the framework for the time it says, and no longer", () => {
    const { driver, scheduler, offer } = start();
    driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 7_000 });
    driver.advance(6_999);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.advance(1);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("for less than the allocation interval lasts until the next allocation", () => {
    const { driver, scheduler, offer } = start();
    driver.advance(500);
    driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 1 });
    driver.advance(999);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("does not hide resources that have grown", () => {
    const { driver, agent, scheduler, offer } = start();
    driver.launch(scheduler, offer, { resources: cpusAndMem(1, 512) }, 3_600_000);
    driver.advanceAlive(2_000, [agent]);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("leaves the resources to others at the next allocation", () => {
    const { driver, scheduler, offer } = start();
    const other = driver.subscribe();
    driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 3_600_000 });
    driver.advance(1_000);
    assert.equal(driver.takeOffers(other).length, 1);
  });

  it("of another framework's offer is refused and has no effect, nor has an ACCEPT without tasks", () => {
    const { driver, agent, scheduler, offer } = start();
    const other = driver.subscribe();
    const { offerId } = offer;
    const declined = driver.call(other, { kind: "decline", offerIds: [offerId], refuseMs: 5_000 });
    const accepted = driver.call(other, { kind: "accept", offerIds: [offerId], operations: [], refuseMs: 5_000 });
    for (const [kind, refusal] of Object.entries({ decline: declined, accept: accepted })) {
      const message = `${kind}.offer_ids[0] must be an offer to framework ${other.frameworkId}, is ${offerId}`;
      assert.deepEqual(refusal, { code: "INVALID_ARGUMENT", message });
    }
    driver.launch(scheduler, offer);
    assert.equal(driver.takeMessages(agent, "runTask").length, 1);
  });
});

describe("REVIVE and SUPPRESS", () => {
  it("REVIVE forgets filters and offers at once", () => {
    const { driver, scheduler, offer } = start();
    driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 3_600_000 });
    driver.call(scheduler, { kind: "revive", roles: [] });
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("SUPPRESS stops new offers until REVIVE and leaves outstanding ones", () => {
    const { driver, agent, scheduler, offer } = start();
    driver.call(scheduler, { kind: "suppress", roles: [] });
    driver.register(cpusAndMem(1, 512), "second");
    driver.advanceAlive(3_000, [agent]);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.launch(scheduler, offer);
    assert.equal(driver.takeMessages(agent, "runTask").length, 1);
    driver.call(scheduler, { kind: "revive", roles: ["*"] });
    assert.equal(driver.takeOffers(scheduler).length, 2);
  });

  it("are refused whole when one role is not the framework's", () => {
    const { driver, scheduler } = start();
    for (const kind of ["revive", "suppress"] as const) {
      const refusal = driver.call(scheduler, { kind, roles: ["*", "other"] });
      assert.deepEqual(refusal, { code: "INVALID_ARGUMENT", message: `${kind}.roles must be roles of the framework, has "other"` });
    }
    driver.register(cpusAndMem(1, 512), "second");
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });
});

describe("KILL", () => {
  it("K3: is passed to the agent, each time", () => {
    const { driver, agent, agentId, scheduler } = startTask();
    driver.call(scheduler, { kind: "kill", taskId: task, agentId, graceMs: 5 });
    driver.call(scheduler, { kind: "kill", taskId: task, agentId: undefined, graceMs: undefined });
    assert.deepEqual(
      driver.takeMessages(agent, "killTask").map((message) => message.graceMs),
      [5, undefined],
    );
  });

  it("K1: of an unknown task is answered as a reconciliation", () => {
    const { driver, agentId, scheduler } = start();
    driver.call(scheduler, { kind: "kill", taskId: task, agentId, graceMs: undefined });
    const update = driver.takeUpdates(scheduler)[0];
    assert.deepEqual([update?.state, update?.reason], ["TASK_LOST", "REASON_RECONCILIATION"]);
  });

  it("K2: naming the wrong agent is refused", () => {
    const { driver, agent, scheduler } = startTask();
    const refusal = driver.call(scheduler, { kind: "kill", taskId: task, agentId: AgentId("other"), graceMs: undefined });
    assert.equal(refusal?.code, "INVALID_ARGUMENT");
    assert.equal(driver.takeMessages(agent, "killTask").length, 0);
  });

  it("of another framework's task has no effect on it", () => {
    const { driver, agent, agentId } = startTask();
    const other = driver.subscribe();
    driver.call(other, { kind: "kill", taskId: task, agentId, graceMs: undefined });
    assert.equal(driver.takeMessages(agent, "killTask").length, 0);
  });
});

describe("status updates and ACKNOWLEDGE", () => {
  it("an end frees the resources before it is acknowledged, and stays visible until then", () => {
    const { driver, agent, agentId, scheduler } = startTask();
    const uuid = driver.update(agent, scheduler, "TASK_FAILED");
    assert.deepEqual(driver.operator("getAgents").agents.agents[0]?.allocatedResources, []);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: task, uuid });
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 0);
  });

  it("an acknowledgement with another uuid is passed on and does not end the task", () => {
    const { driver, agent, agentId, scheduler } = startTask();
    const old = driver.update(agent, scheduler, "TASK_RUNNING");
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: task, uuid: old });
    assert.equal(driver.takeMessages(agent, "acknowledge").length, 1);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
  });

  it("an acknowledgement before any update was forwarded, or for an agent that is away, goes nowhere", () => {
    const { driver, agent, agentId, scheduler } = startTask();
    const uuid = Uuid("0".repeat(32));
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: task, uuid });
    assert.equal(driver.takeMessages(agent, "acknowledge").length, 0);
    const end = driver.update(agent, scheduler, "TASK_FINISHED");
    driver.closeLink(agent);
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: task, uuid: end });
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
  });

  it("of a task that the master does not know are forwarded and acknowledged all the same", () => {
    const { driver, agent, agentId, scheduler } = start();
    const uuid = driver.update(agent, { ...scheduler, taskId: TaskId("unknown") }, "TASK_LOST");
    assert.equal(driver.takeEvents(scheduler, "forwardUpdate").length, 1);
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("unknown"), uuid });
    assert.equal(driver.takeMessages(agent, "acknowledge")[0]?.uuid, uuid);
  });

  it("a late update does not bring an ended task back", () => {
    const { driver, agent, scheduler } = startTask();
    driver.update(agent, scheduler, "TASK_KILLED");
    driver.update(agent, scheduler, "TASK_RUNNING");
    assert.equal(driver.operator("getTasks").tasks.tasks[0]?.state, 4);
  });

  it("for a framework that is away are not forwarded; the agent sends them again", () => {
    const { driver, agent, agentId, scheduler } = startTask();
    driver.closeStream(scheduler);
    const uuid = driver.update(agent, scheduler, "TASK_FINISHED");
    const again = driver.subscribe({}, scheduler.frameworkId);
    driver.call(again, { kind: "acknowledge", agentId, taskId: task, uuid });
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
    driver.update(agent, again, "TASK_FINISHED");
    assert.equal(driver.takeEvents(again, "forwardUpdate").length, 1);
  });

  it("from a link where no agent registered are dropped", () => {
    const { driver, agentId, scheduler } = startTask();
    const linkId = driver.openLink();
    driver.update({ linkId, agentId }, scheduler, "TASK_FINISHED");
    assert.equal(driver.takeEvents(scheduler, "forwardUpdate").length, 0);
    assert.equal(driver.operator("getTasks").tasks.tasks[0]?.state, 6);
  });
});
