/** Agents that come back: the table of what the master does with an id, and how the books of both are made to agree. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId, FrameworkId, TaskId, Uuid } from "../../../../common/ids.ts";
import { cpusAndMem, describeAgent, describeFramework, MasterDriver, reportTask, TestRegistry } from "../master-driver.ts";

/** One agent with one running task "task". */
function start(partitionAware = true, registry = new TestRegistry()) {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, registry).lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ partitionAware });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  driver.takeAllEvents(scheduler);
  return { driver, agent, agentId: agent.agentId, scheduler, frameworkId: scheduler.frameworkId };
}

function awayAndBack(partitionAware: boolean) {
  const cluster = start(partitionAware);
  const { driver, agentId, scheduler, frameworkId } = cluster;
  driver.advance(75_000);
  driver.takeAllEvents(scheduler);
  const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
  return { ...cluster, back };
}

describe("reregistration", () => {
  it("R3: of a registered agent takes the new link, closes the old one and writes nothing", () => {
    const { driver, agent, agentId, frameworkId } = start();
    const { version } = driver.registry;
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.equal(driver.closedLinks.get(agent.linkId)?.code, "ABORTED");
    assert.deepEqual(driver.takeMessages(back, "reregistered"), [
      { kind: "reregistered", agentId, pingTimeoutMs: 75_000, reconcile: [], reconcileOperations: [] },
    ]);
    assert.equal(driver.registry.version, version);
  });

  it("H17: of an agent that changed is written before it is answered, and its new resources are offered", () => {
    const { driver, agentId, scheduler, frameworkId } = start();
    driver.writesAtOnce = false;
    const agent = describeAgent(cpusAndMem(8, 8_192), "host");
    const back = driver.reregister(agentId, { agent, tasks: [reportTask(frameworkId)] });
    assert.equal(driver.takeMessages(back, "reregistered").length, 0);
    driver.writeDone();
    assert.equal(driver.takeMessages(back, "reregistered").length, 1);
    const cpus = driver.takeOffer(scheduler).resources.find((resource) => resource.name === "cpus");
    assert.deepEqual(cpus?.value, { kind: "scalar", milli: 7_000 });
  });

  it("R4: under another hostname is refused", () => {
    const { driver, agentId } = start();
    const back = driver.reregister(agentId, { agent: describeAgent(cpusAndMem(4, 4_096), "elsewhere") });
    assert.match(driver.takeMessages(back, "refuse")[0]?.reason ?? "", /hostname must be host/);
    assert.equal(driver.operator("getAgents").agents.agents[0]?.active, true);
  });

  it("R7, R10: of an id that nobody knows is admitted, with its frameworks and tasks", () => {
    const driver = new MasterDriver().lead();
    const agentId = AgentId("old-S7");
    const frameworkId = FrameworkId("old-0001");
    const frameworks = [{ frameworkId, framework: describeFramework({ partitionAware: true }) }];
    driver.reregister(agentId, { frameworks, tasks: [reportTask(frameworkId)] });
    const record = driver.registry.records.get("agent/old-S7");
    assert.equal(record?.kind === "agent" && record.state.kind, "admitted");
    const [framework] = driver.operator("getFrameworks").frameworks.frameworks;
    assert.deepEqual([framework?.recovered, framework?.active], [true, false]);
    const scheduler = driver.subscribe({ partitionAware: true }, frameworkId);
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_RUNNING");
  });

  it("R7: of an id that nobody knows keeps its tasks, whatever the framework: nobody announced them as lost", () => {
    for (const partitionAware of [true, false]) {
      const driver = new MasterDriver().lead();
      const { frameworkId, ...stream } = driver.subscribe({ partitionAware });
      const back = driver.reregister(AgentId("old-S7"), { tasks: [reportTask(frameworkId)] });
      assert.equal(driver.takeMessages(back, "killTask").length, 0);
      const update = driver.takeUpdates({ frameworkId, ...stream })[0];
      assert.deepEqual([update?.state, update?.reason], ["TASK_RUNNING", "REASON_AGENT_REREGISTERED"]);
    }
  });

  it("B12, R3: asks for the tasks that the agent does not have", () => {
    const { driver, agentId, frameworkId } = start();
    const back = driver.reregister(agentId);
    assert.deepEqual(driver.takeMessages(back, "reregistered")[0]?.reconcile, [{ frameworkId, taskId: "task", partitionAware: true }]);
  });

  it("adds tasks that the master does not know, counts their resources, and lets their updates be acknowledged", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const { agentId } = before.register();
    const { frameworkId } = before.subscribe();
    const driver = new MasterDriver({}, registry).lead();
    const scheduler = driver.subscribe({}, frameworkId);
    const uuid = Uuid("11111111111111111111111111111111");
    const report = reportTask(frameworkId, { state: "TASK_FINISHED", statusUpdateState: "TASK_RUNNING", statusUpdateUuid: uuid });
    const running = reportTask(frameworkId, { taskId: TaskId("running") });
    const back = driver.reregister(agentId, { tasks: [report, running] });
    assert.deepEqual(
      driver.operator("getTasks").tasks.tasks.map((task) => task.taskId?.value),
      ["task", "running"],
    );
    assert.equal(driver.operator("getAgents").agents.agents[0]?.allocatedResources[0]?.scalar?.value, 1);
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
    assert.equal(driver.takeMessages(back, "acknowledge").length, 1);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 2);
  });

  it("K4, H9: sends the kills again that the agent may have missed", () => {
    const { driver, agent, agentId, scheduler, frameworkId } = start();
    driver.closeLink(agent);
    driver.call(scheduler, { kind: "kill", taskId: TaskId("task"), agentId: undefined, graceMs: 7 });
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.deepEqual(driver.takeMessages(back, "killTask"), [{ kind: "killTask", frameworkId, taskId: "task", graceMs: 7 }]);
  });

  it("R9, H10: shuts frameworks down that have ended", () => {
    const { driver, agent, agentId, scheduler, frameworkId } = start();
    driver.closeLink(agent);
    driver.call(scheduler, { kind: "teardown" });
    const back = driver.reregister(agentId, {
      frameworks: [{ frameworkId, framework: describeFramework({}) }],
      tasks: [reportTask(frameworkId)],
    });
    assert.deepEqual(driver.takeMessages(back, "shutdownFramework"), [{ kind: "shutdownFramework", frameworkId }]);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 0);
  });

  // Seed 21319 of the simulator: the leader ended before the end of the framework was written. The framework went on, its
  // tasks were dead, and the agent that had killed them said nothing of it any more.
  it("shuts no framework down whose end is not durable yet", () => {
    const { driver, agent, agentId, scheduler, frameworkId } = start();
    driver.closeLink(agent);
    driver.writesAtOnce = false;
    driver.startCall(scheduler, { kind: "teardown" });
    const back = driver.reregister(agentId, {
      frameworks: [{ frameworkId, framework: describeFramework({}) }],
      tasks: [reportTask(frameworkId)],
    });
    assert.deepEqual(driver.takeMessages(back, "shutdownFramework"), []);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
    driver.writeDone();
    assert.deepEqual(driver.takeMessages(back, "shutdownFramework"), [{ kind: "shutdownFramework", frameworkId }]);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 0);
  });

  it("is dropped while the registry decides about the agent, and is taken after", () => {
    const { driver, agentId, scheduler } = start();
    driver.writesAtOnce = false;
    driver.advance(75_000);
    const early = driver.reregister(agentId);
    driver.writeDone();
    assert.equal(driver.takeMessages(early, "reregistered").length, 0);
    driver.say(early.linkId, {
      kind: "reregister",
      agentId,
      agent: describeAgent(cpusAndMem(4, 4_096), "host"),
      frameworks: [],
      tasks: [],
    });
    driver.writeDone();
    assert.equal(driver.takeMessages(early, "reregistered").length, 1);
    assert.ok(driver.takeEvents(scheduler, "failure"));
  });

  it("on the same link again is answered without another reconciliation", () => {
    const { driver, agentId } = start();
    const back = driver.reregister(agentId);
    driver.takeMessages(back, "reregistered");
    const agent = describeAgent(cpusAndMem(4, 4_096), "host");
    driver.say(back.linkId, { kind: "reregister", agentId, agent, frameworks: [], tasks: [] });
    assert.deepEqual(driver.takeMessages(back, "reregistered")[0]?.reconcile, []);
  });
});

describe("the return of an unreachable agent", () => {
  it("R6: tells a partition-aware framework how its task is", () => {
    const { driver, agentId, scheduler, back } = awayAndBack(true);
    assert.equal(driver.takeMessages(back, "reregistered").length, 1);
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state, reason, uuid }) => [state, reason, uuid]),
      [["TASK_RUNNING", "REASON_AGENT_REREGISTERED", undefined]],
    );
    assert.equal(driver.takeMessages(back, "killTask").length, 0);
    const { tasks, unreachableTasks } = driver.operator("getTasks").tasks;
    assert.deepEqual([tasks.length, unreachableTasks.length], [1, 0]);
    const record = driver.registry.records.get(`agent/${agentId}`);
    assert.equal(record?.kind === "agent" && record.state.kind, "admitted");
  });

  it("R8: kills a task that was announced as lost, and never says that it runs", () => {
    const { driver, scheduler, back } = awayAndBack(false);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    assert.equal(driver.takeMessages(back, "killTask")[0]?.taskId, "task");
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_LOST");
    driver.update(back, scheduler, "TASK_KILLED");
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_KILLED");
  });

  // Seed 4008230 of the simulator: the leader died right when the return was on record, and the next one let the task live.
  it("R8: is on record only when the agent has heard what it has to end, so that the next leader says it, too", () => {
    const registry = new TestRegistry();
    const { driver, agentId, frameworkId } = start(false, registry);
    driver.advance(75_000);
    const linkOf = (master: MasterDriver) => {
      const linkId = master.openLink();
      const agent = describeAgent(cpusAndMem(4, 4_096), "host");
      master.say(linkId, { kind: "reregister", agentId, agent, frameworks: [], tasks: [reportTask(frameworkId)] });
      return linkId;
    };
    const recorded = () => {
      const record = registry.records.get(`agent/${agentId}`);
      return record?.kind === "agent" ? record.state.kind : undefined;
    };
    const first = linkOf(driver);
    assert.deepEqual(
      [driver.takeMessages(first, "killTask").length, driver.takeMessages(first, "reregistered").length, recorded()],
      [1, 0, "unreachable"],
    );
    const next = new MasterDriver({}, registry).lead();
    const second = linkOf(next);
    assert.deepEqual([next.takeMessages(second, "killTask").length, recorded()], [1, "unreachable"]);
    next.hearEnding(second);
    assert.deepEqual([next.takeMessages(second, "reregistered").length, recorded()], [1, "admitted"]);
  });

  it("asks for a task that a partition-aware framework still waits for and the agent lost", () => {
    for (const [partitionAware, count] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const { driver, agentId } = start(partitionAware);
      driver.advance(75_000);
      const back = driver.reregister(agentId);
      assert.equal(driver.takeMessages(back, "reregistered")[0]?.reconcile.length, count);
      assert.equal(driver.operator("getTasks").tasks.unreachableTasks.length, 0);
    }
  });

  it("K5: carries out a kill that was asked for meanwhile", () => {
    const { driver, agentId, scheduler, frameworkId } = start();
    driver.advance(75_000);
    driver.call(scheduler, { kind: "kill", taskId: TaskId("task"), agentId, graceMs: undefined });
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.equal(driver.takeMessages(back, "killTask").length, 1);
  });

  it("kills a task whose id the framework uses elsewhere by now", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const { agentId } = before.register(cpusAndMem(4, 4_096), "host");
    const { frameworkId } = before.subscribe();
    const driver = new MasterDriver({}, registry).lead();
    const other = driver.register(cpusAndMem(2, 1_024), "other");
    const scheduler = driver.subscribe({}, frameworkId);
    driver.launch(scheduler, driver.takeOffer(scheduler));
    const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.equal(driver.takeMessages(back, "killTask").length, 1);
    assert.equal(driver.takeMessages(other, "killTask").length, 0);
    assert.equal(driver.operator("getTasks").tasks.tasks[0]?.agentId?.value, other.agentId);
  });
});

describe("recovered agents", () => {
  it("A13, R5: come back without a write, are not offered before, and are unreachable when they do not", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const first = before.register(cpusAndMem(4, 4_096), "host");
    const second = before.register(cpusAndMem(4, 4_096), "second");
    const driver = new MasterDriver({ agentReregisterTimeoutMs: 30_000 }, registry).lead();
    const scheduler = driver.subscribe();
    driver.advance(5_000);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    assert.equal(driver.operator("getAgents").agents.recoveredAgents.length, 2);
    const { version } = registry;
    const back = driver.reregister(first.agentId);
    assert.equal(registry.version, version);
    assert.equal(driver.takeOffers(scheduler).length, 1);
    driver.advanceAlive(25_000, [back]);
    assert.deepEqual(
      driver.takeEvents(scheduler, "failure").map((event) => event.agentId),
      [second.agentId],
    );
  });
});
