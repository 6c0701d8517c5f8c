/** What a schedule does to agents: offers with the window, machines that are DOWN, and which agents a name means. */

import assert from "node:assert/strict";
import { AgentId, TaskId } from "../../../../common/ids.ts";
import type { MachineId } from "../../../../server/core/maintenance/machine.ts";
import { cpusAndMem, describeAgent, MasterDriver, reportTask, type Scheduler, TestRegistry } from "../master-driver.ts";
import { anHourMs, ordered, planOf, refusalOf, start, stop, windowAt } from "./windows.ts";

const small = cpusAndMem(4, 4_096);

function withTwoAgents(partitionAware = false) {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }).lead();
  const [a, b] = [driver.register(small, "a"), driver.register(small, "b")];
  const scheduler = driver.subscribe({ partitionAware });
  const offers = new Map(driver.takeOffers(scheduler).map((offer) => [offer.agentId, offer]));
  const offerOf = (agentId: AgentId) => {
    const offer = offers.get(agentId);
    assert.ok(offer !== undefined, `offer of ${agentId}`);
    return offer;
  };
  return { driver, a, b, scheduler, offerOf };
}

const kindsOf = (driver: MasterDriver, scheduler: Scheduler) => driver.takeAllEvents(scheduler).map(({ kind }) => kind);

describe("a new schedule", () => {
  it("takes back the offers of the machines that it touches, and offers them at once with their window", () => {
    const { driver, a, scheduler, offerOf } = withTwoAgents();
    const window = windowAt(anHourMs, "a");
    ordered(driver, planOf(window));
    const [rescind, offers, inverseOffers] = driver.takeAllEvents(scheduler);
    assert.deepEqual(rescind, { kind: "rescind", offerId: offerOf(a.agentId).offerId });
    assert.ok(offers?.kind === "offers");
    assert.deepEqual(
      offers.offers.map(({ agentId, unavailability }) => [agentId, unavailability]),
      [[a.agentId, window.unavailability]],
    );
    assert.equal(inverseOffers?.kind, "inverseOffers");
  });

  it("that is posted again, or changes other machines, touches nothing", () => {
    const { driver, scheduler } = withTwoAgents();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.takeAllEvents(scheduler);
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    ordered(driver, planOf(windowAt(anHourMs, "a"), windowAt(2 * anHourMs, "x")));
    assert.deepEqual(kindsOf(driver, scheduler), []);
    ordered(driver, planOf(windowAt(anHourMs, "a"), windowAt(2 * anHourMs, "b")));
    assert.deepEqual(kindsOf(driver, scheduler), ["rescind", "offers", "inverseOffers"]);
  });

  it("without a machine cancels its maintenance: it is offered without a window", () => {
    const { driver, a, scheduler } = withTwoAgents();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.takeAllEvents(scheduler);
    ordered(driver, planOf());
    const events = driver.takeAllEvents(scheduler);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["rescind", "rescindInverseOffer", "offers"],
    );
    const offers = events[2];
    assert.ok(offers?.kind === "offers");
    assert.deepEqual([offers.offers[0]?.agentId, offers.offers[0]?.unavailability], [a.agentId, undefined]);
  });

  it("holds for agents that register later, and for the next leader", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    const window = windowAt(anHourMs, "a");
    ordered(driver, planOf(window));
    for (const lead of [() => driver, () => new MasterDriver({}, registry).lead()]) {
      const master = lead();
      const scheduler = master.subscribe();
      master.register(small, "a");
      assert.deepEqual(master.takeOffer(scheduler).unavailability, window.unavailability);
    }
  });
});

describe("a machine", () => {
  const cases: readonly [name: string, id: MachineId, isMeant: boolean][] = [
    ["its hostname", { hostname: "host", ip: undefined }, true],
    ["its address", { hostname: undefined, ip: "10.0.0.1" }, true],
    ["both", { hostname: "host", ip: "10.0.0.1" }, true],
    ["its hostname and another address", { hostname: "host", ip: "10.0.0.2" }, false],
    ["another hostname and its address", { hostname: "other", ip: "10.0.0.1" }, false],
  ];
  for (const [name, id, isMeant] of cases) {
    it(`is ${isMeant ? "" : "not "}meant by ${name}`, () => {
      const driver = new MasterDriver().lead();
      driver.register(small, "HOST", "10.0.0.1:4711");
      const scheduler = driver.subscribe();
      driver.takeAllEvents(scheduler);
      ordered(driver, planOf({ ...windowAt(anHourMs), machineIds: [id] }));
      assert.deepEqual(kindsOf(driver, scheduler), isMeant ? ["rescind", "offers", "inverseOffers"] : []);
    });
  }

  it("is the one where the link comes from, on IPv6, too, and all agents there go with it", () => {
    const driver = new MasterDriver().lead();
    const agents = [driver.register(small, "x", "[2001:db8::1]:4711"), driver.register(small, "y", "2001:db8::1:4712")];
    ordered(driver, planOf({ ...windowAt(anHourMs), machineIds: [{ hostname: undefined, ip: "2001:db8::1" }] }));
    ordered(driver, { kind: "startMaintenance", machineIds: [{ hostname: undefined, ip: "2001:db8::1" }] });
    for (const agent of agents) assert.equal(driver.takeMessages(agent, "refuse").length, 1);
  });

  it("that two names mean is DOWN when one of them is", () => {
    const driver = new MasterDriver().lead();
    const byAddress = { hostname: undefined, ip: "10.0.0.1" };
    ordered(driver, planOf(windowAt(anHourMs, "host"), { ...windowAt(2 * anHourMs), machineIds: [byAddress] }));
    ordered(driver, { kind: "startMaintenance", machineIds: [byAddress] });
    const linkId = driver.openLink("10.0.0.1:1");
    driver.say(linkId, { kind: "register", agent: describeAgent(small, "host") });
    assert.deepEqual(driver.takeMessages(linkId, "refuse"), [{ kind: "refuse", reason: "machine 10.0.0.1 is down for maintenance" }]);
  });
});

describe("a machine that goes DOWN", () => {
  function withTask(partitionAware = false) {
    const cluster = withTwoAgents(partitionAware);
    const { driver, a, scheduler, offerOf } = cluster;
    driver.launch(scheduler, offerOf(a.agentId));
    driver.update(a, scheduler, "TASK_RUNNING");
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.takeAllEvents(scheduler);
    return cluster;
  }

  it("has its agents told to end; then tasks, offers, inverse offers and the agent go, in this order and once", () => {
    const { driver, a, b, scheduler } = withTask();
    ordered(driver, start("a"));
    assert.deepEqual(driver.takeMessages(a, "refuse"), [{ kind: "refuse", reason: "machine a is down for maintenance" }]);
    assert.deepEqual(kindsOf(driver, scheduler), [], "the agent has not said what is dead");
    driver.say(a.linkId, { kind: "leaving", agentId: a.agentId });
    driver.say(a.linkId, { kind: "unregister", agentId: a.agentId, alive: [] });
    driver.closeLink(a);
    const events = driver.takeAllEvents(scheduler);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["update", "rescind", "rescindInverseOffer", "failure"],
    );
    const [update] = events;
    assert.ok(update?.kind === "update");
    assert.deepEqual([update.status.state, update.status.reason], ["TASK_LOST", "REASON_AGENT_REMOVED"]);
    driver.advanceAlive(20_000, [b]);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    assert.equal(driver.takeMessages(b, "refuse").length, 0);
  });

  it("does not wait for an agent that says nothing, or whose link breaks", () => {
    for (const breaks of [false, true]) {
      const { driver, a, scheduler } = withTask();
      ordered(driver, start("a"));
      if (breaks) driver.closeLink(a);
      driver.advance(5_000);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ state }) => state),
        ["TASK_LOST"],
      );
    }
  });

  // Seed 1009878 of the simulator: the agent was cut off as it was told, its link broke seconds later, and its time began anew.
  it("does not wait longer for an agent whose link breaks while it is waited for", () => {
    const { driver, a, b, scheduler } = withTask();
    ordered(driver, start("a"));
    driver.advanceAlive(4_000, [b]);
    driver.closeLink(a);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    driver.advanceAlive(1_000, [b]);
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state }) => state),
      ["TASK_LOST"],
    );
  });

  // Seed 4007128 of the simulator: SIGUSR1 came first, then the agent was stopped, and its machine had to wait for all its pings.
  it("does not wait longer for an agent that was leaving by itself", () => {
    for (const isRetired of [false, true]) {
      const { driver, a, b, scheduler } = withTask();
      driver.writesAtOnce = isRetired;
      driver.say(a.linkId, { kind: "leaving", agentId: a.agentId });
      driver.order(start("a"));
      driver.writesAtOnce = true;
      while (driver.writes.length > 0) driver.writeDone();
      driver.advanceAlive(5_000, [b]);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ state }) => state),
        ["TASK_LOST"],
      );
    }
  });

  it("gives up at once what is on an agent that is disconnected", () => {
    const { driver, a, scheduler } = withTask(true);
    driver.closeLink(a);
    driver.takeAllEvents(scheduler);
    ordered(driver, start("a"));
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state }) => state),
      ["TASK_LOST"],
    );
  });

  it("ends the tasks of an agent that is unreachable", () => {
    const { driver, a, b, scheduler } = withTask(true);
    driver.closeLink(a);
    driver.advanceAlive(60_000, [b]);
    driver.takeAllEvents(scheduler);
    ordered(driver, start("a"));
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state, reason }) => [state, reason]),
      [["TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR"]],
    );
  });

  it("ends the tasks of an agent that is not back since a failover when they become known", () => {
    const { driver, a, scheduler } = withTask(true);
    const next = new MasterDriver({}, driver.registry).lead();
    const again = next.subscribe({ partitionAware: true }, scheduler.frameworkId);
    ordered(next, start("a"));
    const agent = describeAgent(small, "a");
    const back = next.reregister(a.agentId, { agent, tasks: [reportTask(scheduler.frameworkId)] });
    assert.equal(next.takeMessages(back, "refuse").length, 1);
    assert.deepEqual(
      next.takeUpdates(again).map(({ taskId, state }) => [taskId, state]),
      [[TaskId("task"), "TASK_GONE_BY_OPERATOR"]],
    );
  });

  it("is finished by the next leader when the master dies before its agents are gone", () => {
    const { driver, a, scheduler } = withTask(true);
    driver.writesAtOnce = false;
    driver.order(start("a"));
    driver.writeDone();
    const next = new MasterDriver({}, driver.registry).lead();
    const again = next.subscribe({ partitionAware: true }, scheduler.frameworkId);
    const agent = describeAgent(small, "a");
    next.reregister(a.agentId, { agent, tasks: [reportTask(scheduler.frameworkId)] });
    assert.deepEqual(
      next.takeUpdates(again).map(({ state }) => state),
      ["TASK_GONE_BY_OPERATOR"],
    );
    assert.equal(next.operator("getAgents").agents.agents.length, 0);
  });

  it("lets no agent register until it is up again, not even one whose registration is being written", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.writesAtOnce = false;
    const during = driver.openLink();
    driver.say(during, { kind: "register", agent: describeAgent(small, "a") });
    driver.order(start("a"));
    while (driver.writes.length > 0) driver.writeDone();
    driver.writesAtOnce = true;
    assert.equal(driver.takeMessages(during, "refuse").length, 1);
    const after = driver.openLink();
    driver.say(after, { kind: "register", agent: describeAgent(small, "a") });
    assert.equal(driver.takeMessages(after, "refuse").length, 1);
    driver.advance(10_000);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
    ordered(driver, stop("a"));
    assert.ok(driver.register(small, "a").agentId);
  });

  it("R2: refuses an agent that comes back from there", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    ordered(driver, start("a"));
    const back = driver.reregister(AgentId("M0-S1"), { agent: describeAgent(small, "a") });
    assert.deepEqual(driver.takeMessages(back, "refuse"), [{ kind: "refuse", reason: "machine a is down for maintenance" }]);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
  });
});

describe("orders about agents of a scheduled machine", () => {
  it("DRAIN_AGENT is refused, the window empties the machine; DEACTIVATE_AGENT and MARK_AGENT_GONE are taken", () => {
    const { driver, a } = withTwoAgents();
    const { agentId } = a;
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const message = `drain_agent.agent_id must be of a machine without a maintenance window, a of agent ${agentId} has one`;
    assert.deepEqual(refusalOf(driver, { kind: "drainAgent", agentId, maxGraceMs: undefined, markGone: false }), {
      code: "FAILED_PRECONDITION",
      message,
    });
    ordered(driver, { kind: "deactivateAgent", agentId });
    ordered(driver, { kind: "markAgentGone", agentId });
  });
});
