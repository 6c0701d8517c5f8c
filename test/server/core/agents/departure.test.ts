/** What frameworks hear when an agent becomes unreachable or unregisters (drain now). */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { TaskId } from "../../../../common/ids.ts";
import { cpusAndMem, describeAgent, describeTask, MasterDriver, wallStartMs } from "../master-driver.ts";

/** One agent with two running tasks and the rest of it offered. */
function start(partitionAware: boolean) {
  const driver = new MasterDriver().lead();
  const agent = driver.register(cpusAndMem(4, 4_096));
  const scheduler = driver.subscribe({ partitionAware });
  const { agentId } = agent;
  const offer = driver.takeOffer(scheduler);
  const tasks = [TaskId("t1"), TaskId("t2")].map((taskId) => describeTask({ taskId, agentId }));
  driver.call(scheduler, { kind: "accept", offerIds: [offer.offerId], operations: [{ kind: "launch", tasks }], refuseMs: 0 });
  for (const { taskId } of tasks) driver.update(agent, { ...scheduler, taskId }, "TASK_RUNNING");
  driver.advanceAlive(1_000, [agent]);
  const rest = driver.takeOffer(scheduler);
  driver.takeAllEvents(scheduler);
  return { driver, agent, agentId, scheduler, rest };
}

describe("unregister", () => {
  for (const partitionAware of [true, false]) {
    it(`A6, D4: announces every task, then every offer, then the agent (partition aware: ${partitionAware})`, () => {
      const { driver, agent, agentId, scheduler, rest } = start(partitionAware);
      const other = driver.subscribe();
      driver.takeAllEvents(other);
      driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
      const events = driver.takeAllEvents(scheduler);
      assert.deepEqual(
        events.map((event) => event.kind),
        ["update", "update", "rescind", "failure"],
      );
      for (const event of events) {
        if (event.kind !== "update") continue;
        const { state, source, reason, uuid } = event.status;
        assert.deepEqual([state, source, reason, uuid], ["TASK_LOST", "SOURCE_MASTER", "REASON_AGENT_REMOVED", undefined]);
      }
      assert.deepEqual(
        events.flatMap((event) => (event.kind === "rescind" ? [event.offerId] : [])),
        [rest.offerId],
      );
      assert.deepEqual(driver.takeAllEvents(other), [{ kind: "failure", agentId, executorId: undefined, status: undefined }]);
      assert.equal(driver.takeMessages(agent, "unregistered")[0]?.agentId, agentId);
      assert.equal(driver.operator("getAgents").agents.agents.length, 0);
    });
  }

  it("D6: nothing is announced before it is durable; the id is retired then, for the next master, too", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.writesAtOnce = false;
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    assert.equal(driver.takeMessages(agent, "unregistered").length, 0);
    driver.writeDone();
    assert.equal(driver.takeUpdates(scheduler).length, 2);
    for (const master of [driver, new MasterDriver({}, driver.registry).lead()]) {
      master.writesAtOnce = true;
      const back = master.reregister(agentId);
      assert.match(master.takeMessages(back, "refuse")[0]?.reason ?? "", /unregistered/);
    }
  });

  it("retires the id while the agent kills, and announces at once when everything is dead", () => {
    const { driver, agent, agentId, scheduler, rest } = start(true);
    driver.writesAtOnce = false;
    driver.say(agent.linkId, { kind: "leaving", agentId });
    driver.writeDone();
    assert.deepEqual(driver.takeAllEvents(scheduler), [], "its tasks may still live");
    driver.launch(scheduler, rest, { agentId });
    assert.equal(driver.takeUpdates(scheduler)[0]?.reason, "REASON_AGENT_REMOVED");
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    const kinds = driver.takeAllEvents(scheduler).map((event) => event.kind);
    assert.deepEqual(kinds, ["update", "update", "failure"], "without another write");
    assert.equal(driver.takeMessages(agent, "unregistered").length, 1);
  });

  it("waits for the registry when the tasks die sooner than it is written", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.writesAtOnce = false;
    driver.say(agent.linkId, { kind: "leaving", agentId });
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    driver.writeDone();
    assert.equal(driver.takeUpdates(scheduler).length, 2);
  });

  for (const silence of ["closed link", "missed pings"] as const) {
    it(`D5: gives up the tasks of an agent that said that it leaves and then fell silent (${silence})`, () => {
      const { driver, agent, agentId, scheduler } = start(true);
      driver.say(agent.linkId, { kind: "leaving", agentId });
      if (silence === "closed link") driver.closeLink(agent);
      assert.deepEqual(driver.takeUpdates(scheduler), []);
      driver.advance(700_000);
      const updates = driver.takeUpdates(scheduler);
      assert.deepEqual(
        updates.map(({ state, message = "" }) => [state, /still alive/.test(message)]),
        [
          ["TASK_LOST", true],
          ["TASK_LOST", true],
        ],
      );
    });
  }

  // Seed 300095 of the simulator: the agent was killed between the two, and its offers stood until it came back.
  it("takes the offers of an agent back at once that said that it leaves and lost its link", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    const { offerId } = driver.takeOffer(scheduler);
    driver.say(agent.linkId, { kind: "leaving", agentId: agent.agentId });
    assert.deepEqual(driver.takeEvents(scheduler, "rescind"), []);
    driver.closeLink(agent);
    assert.deepEqual(
      driver.takeEvents(scheduler, "rescind").map((event) => event.offerId),
      [offerId],
    );
  });

  it("after a crash in between the id is refused, and the agent says so again when it has killed everything", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.say(agent.linkId, { kind: "leaving", agentId });
    driver.closeLink(agent);
    const back = driver.reregister(agentId);
    assert.equal(driver.takeMessages(back, "refuse").length, 1);
    driver.say(back.linkId, { kind: "unregister", agentId, alive: [] });
    assert.equal(driver.takeUpdates(scheduler).length, 2);
  });

  it("is not believed on a link beside the agent's own", () => {
    const { driver, agentId, scheduler } = start(true);
    driver.say(driver.openLink(), { kind: "unregister", agentId, alive: [] });
    driver.say(driver.openLink(), { kind: "leaving", agentId });
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    assert.equal(driver.operator("getAgents").agents.agents.length, 1);
  });

  it("says which tasks were still alive", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [{ frameworkId: scheduler.frameworkId, taskId: TaskId("t2") }] });
    const alive = driver.takeUpdates(scheduler).filter((status) => status.message?.includes("still alive"));
    assert.deepEqual(
      alive.map((status) => status.taskId),
      ["t2"],
    );
  });

  it("a second one is the same one", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.writesAtOnce = false;
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    driver.writeDone();
    assert.equal(driver.writes.length, 0);
    assert.equal(driver.takeUpdates(scheduler).length, 2);
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    assert.equal(driver.writes.length, 0);
    assert.equal(driver.takeMessages(agent, "unregistered").length, 2);
    assert.equal(driver.takeUpdates(scheduler).length, 0);
  });

  // A registration that was sent again, with the farewell of the agent before, crossed the answer: the new agent lost its link, and its
  // first offers with it.
  it("of an id that is gone is confirmed to the next agent in its place, which keeps its link", () => {
    const driver = new MasterDriver().lead();
    const before = driver.register();
    const { agentId } = before;
    driver.closeLink(before);
    const linkId = driver.openLink();
    const agent = describeAgent(cpusAndMem(4, 4_096), "host");
    for (let attempt = 0; attempt < 2; attempt++) {
      driver.say(linkId, { kind: "unregister", agentId, alive: [] });
      driver.say(linkId, { kind: "register", agent });
    }
    assert.equal(driver.closedLinks.has(linkId), false);
    assert.equal(driver.takeMessages({ linkId, agentId }, "unregistered").length, 2);
  });

  it("another agent cannot say it: its link ends with the reason", () => {
    const { driver, agentId, scheduler } = start(true);
    const other = driver.register(cpusAndMem(1, 64), "other");
    driver.say(other.linkId, { kind: "unregister", agentId, alive: [] });
    assert.equal(driver.takeUpdates(scheduler).length, 0);
    assert.equal(driver.operator("getAgents").agents.agents.length, 2);
    const message = `unregister.agent_id must be ${other.agentId}, the agent of this link, is ${agentId}`;
    assert.deepEqual(driver.closedLinks.get(other.linkId), { code: "INVALID_ARGUMENT", message });
    assert.equal(driver.reregister(other.agentId, { agent: describeAgent(cpusAndMem(1, 64), "other") }).agentId, other.agentId);
  });

  it("nor can it update a task in the name of another", () => {
    const { driver, agentId, scheduler } = start(true);
    const other = driver.register(cpusAndMem(1, 64), "other");
    driver.update({ linkId: other.linkId, agentId }, { ...scheduler, taskId: TaskId("t1") }, "TASK_FINISHED");
    assert.equal(driver.takeUpdates(scheduler).length, 0);
    const message = `update.status.agent_id must be ${other.agentId}, the agent of this link, is ${agentId}`;
    assert.deepEqual(driver.closedLinks.get(other.linkId), { code: "INVALID_ARGUMENT", message });
  });

  it("A3, P5: keeps the order when the agent closes its link before the write is done; launches are dropped meanwhile", () => {
    const { driver, agent, agentId, scheduler, rest } = start(true);
    driver.writesAtOnce = false;
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    driver.closeLink(agent);
    driver.launch(scheduler, rest, { taskId: TaskId("late") });
    const dropped = driver.takeUpdates(scheduler)[0];
    assert.deepEqual([dropped?.state, dropped?.reason], ["TASK_DROPPED", "REASON_AGENT_REMOVED"]);
    driver.writeDone();
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map((event) => event.kind),
      ["update", "update", "failure"],
    );
  });

  it("of an unreachable agent ends the tasks that a partition-aware framework still waits for", () => {
    const { driver, agentId, scheduler } = start(true);
    driver.advance(90_000);
    driver.takeAllEvents(scheduler);
    driver.say(driver.openLink(), { kind: "unregister", agentId, alive: [] });
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map((event) => (event.kind === "update" ? event.status.state : event.kind)),
      ["TASK_LOST", "TASK_LOST", "failure"],
    );
  });

  it("of an unreachable agent says nothing twice to a framework that was told TASK_LOST", () => {
    const { driver, agentId, scheduler } = start(false);
    driver.advance(90_000);
    driver.takeAllEvents(scheduler);
    driver.say(driver.openLink(), { kind: "unregister", agentId, alive: [] });
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map((event) => event.kind),
      ["failure"],
    );
  });

  it("an agent that becomes unreachable while its unregistration waits is removed all the same", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.writesAtOnce = false;
    driver.advance(90_000);
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    driver.writeDone();
    assert.deepEqual(
      driver.takeUpdates(scheduler).map((status) => status.state),
      ["TASK_UNREACHABLE", "TASK_UNREACHABLE"],
    );
    driver.writeDone();
    assert.deepEqual(
      driver.takeUpdates(scheduler).map((status) => status.state),
      ["TASK_LOST", "TASK_LOST"],
    );
  });

  it("a framework that was away hears UNKNOWN or LOST when it asks, not what the task was", () => {
    for (const [partitionAware, expected] of [
      [true, "TASK_UNKNOWN"],
      [false, "TASK_LOST"],
    ] as const) {
      const { driver, agent, agentId, scheduler } = start(partitionAware);
      driver.closeStream(scheduler);
      driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
      const again = driver.subscribe({ partitionAware }, scheduler.frameworkId);
      driver.call(again, { kind: "reconcile", tasks: [{ taskId: TaskId("t1"), agentId }] });
      assert.deepEqual(
        driver.takeUpdates(again).map((status) => status.state),
        [expected],
      );
    }
  });
});

describe("unreachable", () => {
  it("A5: a partition-aware framework hears TASK_UNREACHABLE with the time, others TASK_LOST; the resources are free", () => {
    for (const [partitionAware, expected] of [
      [true, "TASK_UNREACHABLE"],
      [false, "TASK_LOST"],
    ] as const) {
      const { driver, scheduler } = start(partitionAware);
      driver.advance(90_000);
      const updates = driver.takeUpdates(scheduler);
      assert.equal(updates.length, 2);
      for (const { state, reason, source, unreachableAtMs } of updates) {
        assert.deepEqual([state, reason, source], [expected, "REASON_AGENT_REMOVED", "SOURCE_MASTER"]);
        assert.ok((unreachableAtMs ?? 0) > wallStartMs);
      }
      const { tasks, unreachableTasks } = driver.operator("getTasks").tasks;
      assert.deepEqual([tasks.length, unreachableTasks.length], [0, 2]);
      assert.deepEqual(driver.operator("getFrameworks").frameworks.frameworks[0]?.allocatedResources, []);
    }
  });

  it("a task whose end was forwarded already is not said to be unreachable", () => {
    const { driver, agent, scheduler } = start(true);
    driver.update(agent, { ...scheduler, taskId: TaskId("t1") }, "TASK_FINISHED");
    driver.advance(90_000);
    assert.deepEqual(
      driver.takeUpdates(scheduler).map((status) => status.taskId),
      ["t2"],
    );
  });
});
