/** The start of a window, with and without --maintenance=enforce: what is taken, when, by whom, and what stops it. */

import assert from "node:assert/strict";
import { TaskId } from "../../../../common/ids.ts";
import { cpusAndMem, describeAgent, MasterDriver, reportTask, TestRegistry } from "../master-driver.ts";
import { anHourMs, ordered, planOf, refusalOf, start, windowAt } from "./windows.ts";

const startMs = 10_000;
const graceMs = 20_000;
const slackMs = 10_000;

/** Agent a has one running task; its window begins at `startMs`. */
function scheduled(config: ConstructorParameters<typeof MasterDriver>[0] = {}) {
  const driver = new MasterDriver({ revocationGraceMs: graceMs, agentReregisterTimeoutMs: 60_000, ...config }, new TestRegistry()).lead();
  const a = driver.register(cpusAndMem(4, 4_096), "a");
  const scheduler = driver.subscribe({ partitionAware: true });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(a, scheduler, "TASK_RUNNING");
  ordered(driver, planOf(windowAt(startMs, "a")));
  driver.takeAllEvents(scheduler);
  driver.takeMessages(a, "drain");
  return { driver, a, agentId: a.agentId, scheduler };
}

const progressOf = (driver: MasterDriver) => driver.operator("getMaintenanceProgress").progress.machines[0];
const phases = ["", "asking", "begun", "emptying", "empty", "down", "over"];
const phaseOf = (driver: MasterDriver) => phases[progressOf(driver)?.phase ?? 0];
const drainStateOf = (driver: MasterDriver) => driver.operator("getAgents").agents.agents[0]?.drainInfo?.state;

/** The agent's side of the drain. */
function endTask({ driver, a, agentId, scheduler }: ReturnType<typeof scheduled>): void {
  const uuid = driver.update(a, scheduler, "TASK_KILLED");
  driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
}

describe("the start of a window", () => {
  it("takes back what is offered and asked, offers nothing more, and has the agent drain with a bounded grace", () => {
    const { driver, a, scheduler } = scheduled();
    driver.advanceAlive(startMs - 1_000, [a]);
    assert.deepEqual([driver.takeMessages(a, "drain"), phaseOf(driver)], [[], "asking"]);
    driver.takeAllEvents(scheduler);
    driver.advanceAlive(2_000, [a]);
    assert.deepEqual(driver.takeMessages(a, "drain"), [{ kind: "drain", maxGraceMs: graceMs, markGone: false }]);
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map(({ kind }) => kind),
      ["rescind", "rescindInverseOffer"],
    );
    assert.deepEqual([phaseOf(driver), drainStateOf(driver)], ["emptying", 1]);
    driver.advanceAlive(10_000, [a]);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
  });

  it("is on record before the agent hears of it", () => {
    const { driver, a } = scheduled();
    driver.writesAtOnce = false;
    driver.advance(startMs);
    assert.deepEqual([driver.takeMessages(a, "drain").length, driver.writes.length], [0, 1]);
    driver.advance(5_000);
    driver.writeDone();
    assert.equal(driver.takeMessages(a, "drain").length, 1);
    assert.equal(driver.writes.length, 0);
  });

  it("leaves an agent that empties in time where it is, drained, and does not wait for answers", () => {
    const cluster = scheduled();
    const { driver, a, scheduler } = cluster;
    driver.advanceAlive(startMs + 1_000, [a]);
    endTask(cluster);
    assert.deepEqual([phaseOf(driver), drainStateOf(driver)], ["empty", 2]);
    driver.advanceAlive(graceMs + slackMs + 5_000, [a]);
    assert.deepEqual([driver.takeMessages(a, "refuse"), driver.takeOffers(scheduler)], [[], []]);
    assert.equal(driver.operator("getAgents").agents.agents.length, 1);
  });

  it("does not come earlier for an accepted inverse offer, nor later for a declined one", () => {
    for (const accepts of [true, false]) {
      const { driver, a, scheduler } = scheduled();
      ordered(driver, planOf(windowAt(startMs + 1, "a")));
      const [event] = driver.takeEvents(scheduler, "inverseOffers");
      const inverseOfferIds = event?.inverseOffers.map((one) => one.inverseOfferId) ?? [];
      assert.equal(inverseOfferIds.length, 1);
      driver.call(scheduler, { kind: "answerInverseOffers", accepts, inverseOfferIds, refuseMs: 0 });
      driver.advanceAlive(startMs, [a]);
      assert.deepEqual([driver.takeMessages(a, "drain").length, phaseOf(driver)], [0, "asking"]);
      driver.advance(1);
      assert.deepEqual([driver.takeMessages(a, "drain").length, phaseOf(driver)], [1, "emptying"]);
    }
  });

  it("that is past when it is scheduled comes at once", () => {
    const driver = new MasterDriver({ revocationGraceMs: graceMs }).lead();
    const a = driver.register(cpusAndMem(1, 1), "a");
    ordered(driver, planOf(windowAt(-anHourMs / 2, "a")));
    driver.advance(0);
    assert.equal(driver.takeMessages(a, "drain").length, 1);
  });

  it("removes an agent whose tasks outlive the grace, and announces them once it said what is dead", () => {
    const { driver, a, agentId, scheduler } = scheduled();
    driver.advanceAlive(startMs + graceMs + slackMs - 1_000, [a]);
    assert.equal(driver.takeMessages(a, "refuse").length, 0);
    driver.takeAllEvents(scheduler);
    driver.advanceAlive(2_000, [a]);
    assert.deepEqual(driver.takeMessages(a, "refuse"), [
      { kind: "refuse", reason: "machine a is in maintenance, and the time to leave it is over" },
    ]);
    driver.say(a.linkId, { kind: "unregister", agentId, alive: [] });
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map((event) => (event.kind === "update" ? event.status.state : event.kind)),
      ["TASK_LOST", "failure"],
    );
    assert.deepEqual([phaseOf(driver), driver.operator("getAgents").agents.agents.length], ["empty", 0]);
  });

  it("gives up what is on a disconnected or an unreachable agent when the grace is over", () => {
    for (const [awayMs, state] of [
      [0, "TASK_LOST"],
      [61_000, "TASK_GONE_BY_OPERATOR"],
    ] as const) {
      const { driver, a, scheduler } = scheduled({ agentReregisterTimeoutMs: awayMs === 0 ? anHourMs : 5_000 });
      driver.closeLink(a);
      driver.advance(startMs + graceMs + slackMs - 1);
      driver.takeAllEvents(scheduler);
      driver.advance(10);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map((status) => status.state),
        [state],
      );
    }
  });

  it("reaches agents that come back, or come new, after it", () => {
    const { driver, a, agentId, scheduler } = scheduled();
    driver.closeLink(a);
    driver.advance(startMs);
    const agent = describeAgent(cpusAndMem(4, 4_096), "a");
    const back = driver.reregister(agentId, { agent, tasks: [reportTask(scheduler.frameworkId)] });
    assert.equal(driver.takeMessages(back, "drain").length, 1);
    driver.register(cpusAndMem(1, 512), "a");
    driver.takeAllEvents(scheduler);
    driver.advance(2_000);
    assert.deepEqual(driver.takeOffers(scheduler), []);
  });
});

describe("cancelling", () => {
  it("before the start leaves everything as it is; after it only lifts the ban on offers", () => {
    for (const afterMs of [-1_000, 1_000]) {
      const { driver, a, scheduler } = scheduled();
      driver.advanceAlive(startMs + afterMs, [a]);
      driver.takeAllEvents(scheduler);
      driver.takeMessages(a, "endDrain");
      ordered(driver, planOf());
      assert.equal(driver.takeMessages(a, "endDrain").length, afterMs > 0 ? 1 : 0);
      assert.equal(driver.takeOffers(scheduler)[0]?.unavailability, undefined);
      driver.advanceAlive(graceMs + slackMs + startMs, [a]);
      assert.deepEqual([driver.takeMessages(a, "refuse"), drainStateOf(driver)], [[], undefined]);
    }
  });

  it("is what a window that begins later does, too; one that has begun all the same changes nothing", () => {
    const { driver, a } = scheduled();
    driver.advanceAlive(startMs + 1_000, [a]);
    const before = progressOf(driver)?.removalTime;
    ordered(driver, planOf(windowAt(startMs - 500, "a")));
    assert.deepEqual([phaseOf(driver), progressOf(driver)?.removalTime], ["emptying", before]);
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    assert.deepEqual([phaseOf(driver), progressOf(driver)?.removalTime, drainStateOf(driver)], ["asking", undefined, undefined]);
  });

  // Seed 1005395 of the simulator: the schedule was written again with another name for the machine, and its agent was offered at once.
  it("keeps the ban on offers when the machine is planned anew under another name", () => {
    const driver = new MasterDriver({ revocationGraceMs: graceMs }).lead();
    const a = driver.register(cpusAndMem(4, 4_096), "a", "10.0.0.1:4711");
    const scheduler = driver.subscribe({ partitionAware: true });
    const names = [
      { hostname: "a", ip: "10.0.0.1" },
      { hostname: undefined, ip: "10.0.0.1" },
      { hostname: "a", ip: undefined },
    ];
    for (const id of [...names, ...names.toReversed()]) {
      ordered(driver, planOf({ ...windowAt(0), machineIds: [id] }));
      driver.advanceAlive(2_000, [a]);
      driver.takeAllEvents(scheduler);
    }
    driver.writesAtOnce = false;
    driver.order(planOf({ ...windowAt(1), machineIds: [{ hostname: "a", ip: undefined }] }));
    driver.writeDone();
    assert.deepEqual([driver.takeAllEvents(scheduler), phaseOf(driver), drainStateOf(driver)], [[], "empty", 2]);
  });
});

describe("two agents on one machine, of which one is revoked by its hostname", () => {
  // Seed 3002763 of the simulator: the window of the other one, by their address, was taken for begun, and its agent ended.
  it("leave the window of the other where it is, whatever else is planned", () => {
    const driver = new MasterDriver({ revocationGraceMs: graceMs }).lead();
    const [a, b] = [driver.register(cpusAndMem(4, 4_096), "a", "10.0.0.1:1"), driver.register(cpusAndMem(4, 4_096), "b", "10.0.0.1:2")];
    const later = { ...windowAt(anHourMs), machineIds: [{ hostname: undefined, ip: "10.0.0.1" }] };
    ordered(driver, planOf(windowAt(0, "a"), later));
    driver.advanceAlive(1_000, [a, b]);
    ordered(driver, planOf(windowAt(0, "a"), later, windowAt(anHourMs, "c")));
    driver.advanceAlive(1_000, [a, b]);
    assert.deepEqual([driver.takeMessages(a, "drain").length, driver.takeMessages(b, "drain").length], [1, 0]);
  });
});

describe("the next leader", () => {
  const backOn = (next: MasterDriver, { agentId, scheduler }: ReturnType<typeof scheduled>) =>
    next.reregister(agentId, { agent: describeAgent(cpusAndMem(4, 4_096), "a"), tasks: [reportTask(scheduler.frameworkId)] });

  it("begins what is past at once", () => {
    const cluster = scheduled();
    const next = new MasterDriver({ revocationGraceMs: graceMs }, cluster.driver.registry);
    next.nowMs = startMs + 1;
    next.lead();
    next.advance(0);
    assert.equal(next.takeMessages(backOn(next, cluster), "drain").length, 1);
    assert.equal(phaseOf(next), "emptying");
  });

  // It said that the machine is empty, and whoever waited for that took it down with what was still there.
  it("calls no machine empty whose agents it still waits for", () => {
    const cluster = scheduled();
    const next = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, cluster.driver.registry);
    next.nowMs = startMs + 1;
    next.lead();
    next.advance(0);
    const awaited = () => progressOf(next)?.agents.map((agent) => [agent.awaited, agent.connected]);
    assert.deepEqual([phaseOf(next), awaited()], ["emptying", [[true, false]]]);
    next.advance(60_000);
    assert.deepEqual([phaseOf(next), awaited()], ["empty", []]);
  });

  it("goes on with what was begun, whatever its own flags say, and keeps its deadline", () => {
    const cluster = scheduled();
    cluster.driver.advance(startMs);
    const deadline = progressOf(cluster.driver)?.removalTime;
    const next = new MasterDriver({ maintenance: "operator", revocationGraceMs: 1 }, cluster.driver.registry);
    next.nowMs = startMs + 5_000;
    next.lead();
    const back = backOn(next, cluster);
    assert.deepEqual(next.takeMessages(back, "drain"), [{ kind: "drain", maxGraceMs: graceMs, markGone: false }]);
    assert.deepEqual(progressOf(next)?.removalTime, deadline);
    next.advanceAlive(graceMs + slackMs, [back]);
    assert.equal(next.takeMessages(back, "refuse").length, 1);
  });

  it("does not remove an agent that was emptied and is not back yet", () => {
    const cluster = scheduled();
    cluster.driver.advance(startMs);
    const next = new MasterDriver({}, cluster.driver.registry);
    next.nowMs = startMs + graceMs + slackMs + anHourMs / 10;
    next.lead();
    next.advance(1_000);
    const back = next.reregister(cluster.agentId, { agent: describeAgent(cpusAndMem(4, 4_096), "a") });
    assert.deepEqual([next.takeMessages(back, "reregistered").length, next.takeMessages(back, "refuse").length], [1, 0]);
  });
});

describe("--maintenance=operator", () => {
  it("asks, and leaves the rest to the operator, before and after the window", () => {
    const { driver, a } = scheduled({ maintenance: "operator" });
    driver.advanceAlive(startMs + graceMs + slackMs + 60_000, [a]);
    assert.deepEqual([driver.takeMessages(a, "drain"), driver.takeMessages(a, "refuse"), phaseOf(driver)], [[], [], "begun"]);
    ordered(driver, start("a"));
    assert.deepEqual([driver.takeMessages(a, "refuse").length, phaseOf(driver)], [1, "down"]);
    driver.advance(anHourMs);
    assert.equal(phaseOf(driver), "over");
  });
});

describe("an operator's order and the start of a window", () => {
  it("meet: the shorter grace holds, the order outlives a cancelled window, and REACTIVATE_AGENT waits for it", () => {
    const { driver, a, agentId } = scheduled();
    ordered(driver, planOf());
    ordered(driver, { kind: "drainAgent", agentId, maxGraceMs: 5_000, markGone: false });
    ordered(driver, planOf(windowAt(startMs, "a")));
    driver.takeMessages(a, "drain");
    driver.advanceAlive(startMs, [a]);
    assert.deepEqual(driver.takeMessages(a, "drain"), [{ kind: "drain", maxGraceMs: 5_000, markGone: false }]);
    const refusal = refusalOf(driver, { kind: "reactivateAgent", agentId });
    assert.equal(refusal.code, "FAILED_PRECONDITION");
    assert.match(
      refusal.message,
      /^reactivate_agent\.agent_id must be of a machine that is not being emptied, that of agent M1-S0 is; take/,
    );
    driver.takeMessages(a, "endDrain");
    ordered(driver, planOf());
    assert.deepEqual(driver.takeMessages(a, "drain"), [{ kind: "drain", maxGraceMs: 5_000, markGone: false }]);
    assert.equal(drainStateOf(driver), 1);
  });
});

describe("GET_MAINTENANCE_PROGRESS", () => {
  it("says who has what where, who is asked, and what they said", () => {
    const { driver, agentId, scheduler } = scheduled();
    const framework = () => progressOf(driver)?.agents[0]?.frameworks[0];
    assert.deepEqual([progressOf(driver)?.mode, progressOf(driver)?.agents[0]?.connected], [2, true]);
    assert.equal(progressOf(driver)?.agents[0]?.agentId?.value, agentId);
    const { frameworkId, name, taskCount, executorCount, offerCount, asked, answer } = framework() ?? {};
    assert.deepEqual(
      [frameworkId?.value, name, taskCount, executorCount, offerCount, asked, answer],
      [scheduler.frameworkId, "framework", 1, 0, 1, true, undefined],
    );
  });
});
