/** Subscriptions: new ones, takeovers, what is refused, heartbeats, and the time a framework has to come back. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FrameworkId, StreamId, TaskId } from "../../../common/ids.ts";
import { masterClockSkewMaxMs } from "../../../server/core/limits.ts";
import { describeFramework, MasterDriver, TestRegistry } from "./master-driver.ts";

const suppressAll = { kind: "suppress", roles: [] } as const;

describe("SUBSCRIBE", () => {
  it("of a new framework answers SUBSCRIBED, then a heartbeat at once and every interval", () => {
    const driver = new MasterDriver().lead();
    const streamId = driver.openStream({});
    const kinds = () =>
      driver.effects.flatMap((effect) => (effect.kind === "sendToScheduler" && effect.streamId === streamId ? [effect.event.kind] : []));
    assert.deepEqual(kinds(), ["subscribed", "heartbeat"]);
    driver.advance(45_000);
    assert.deepEqual(kinds(), ["subscribed", "heartbeat", "heartbeat", "heartbeat", "heartbeat"]);
  });

  it("takes an id that nobody knows as the framework's own", () => {
    const driver = new MasterDriver().lead();
    assert.equal(driver.subscribe({}, FrameworkId("mine")).frameworkId, "mine");
  });

  it("takes the framework over: the old stream gets ERROR and ends, its calls have no effect, its offers are gone", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const old = driver.subscribe();
    const offer = driver.takeOffer(old);
    const fresh = driver.subscribe({}, old.frameworkId);
    assert.equal(driver.takeEvents(old, "error").length, 1);
    assert.ok(driver.closedStreams.has(old.streamId));
    assert.equal(driver.takeEvents(fresh, "rescind").length, 0);
    assert.notEqual(driver.takeOffer(fresh).offerId, offer.offerId);
    assert.equal(driver.call(old, suppressAll)?.code, "INVALID_ARGUMENT");
    driver.takeAllEvents(old);
    driver.advance(60_000);
    assert.deepEqual(driver.takeEvents(old, "heartbeat"), []);
    assert.equal(driver.call(fresh, suppressAll), undefined);
  });

  it("by two schedulers at once leaves the later one subscribed", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const frameworkId = FrameworkId("mine");
    const first = driver.openStream({ frameworkId });
    const second = driver.openStream({ frameworkId });
    driver.writeDone();
    driver.writeDone();
    assert.equal(driver.takeEvents(first, "error").length, 1);
    assert.equal(driver.call({ frameworkId, streamId: second }, suppressAll), undefined);
  });

  it("goes on with the old stream when the new one closed before it was durable", () => {
    const driver = new MasterDriver().lead();
    const old = driver.subscribe({ failoverTimeoutMs: 5_000 });
    driver.writesAtOnce = false;
    const streamId = driver.openStream({ frameworkId: old.frameworkId });
    driver.closeStream({ frameworkId: old.frameworkId, streamId });
    driver.writeDone();
    driver.writesAtOnce = true;
    driver.advance(10_000);
    assert.equal(driver.call(old, suppressAll), undefined);
  });

  it("by a stream that closed before it was durable starts the failover timer", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const frameworkId = FrameworkId("mine");
    const streamId = driver.openStream({ frameworkId, framework: { failoverTimeoutMs: 5_000 } });
    driver.closeStream({ frameworkId, streamId });
    driver.writeDone();
    driver.writesAtOnce = true;
    driver.writeDone();
    driver.advance(5_000);
    assert.equal(driver.operator("getFrameworks").frameworks.frameworks.length, 0);
  });

  it("is refused by an ERROR event for a removed framework, another principal, foreign suppressed roles", () => {
    const driver = new MasterDriver().lead();
    const removed = driver.subscribe();
    driver.call(removed, { kind: "teardown" });
    const owned = driver.subscribe({ principal: "alice" });
    const refused = [
      driver.openStream({ frameworkId: removed.frameworkId }),
      driver.openStream({ frameworkId: owned.frameworkId, framework: { principal: "bob" } }),
      driver.openStream({ suppressedRoles: ["other"] }),
    ];
    for (const streamId of refused) {
      assert.equal(driver.takeEvents(streamId, "error").length, 1);
      assert.ok(driver.closedStreams.has(streamId));
      assert.equal(driver.takeEvents(streamId, "subscribed").length, 0);
    }
    assert.equal(driver.call(owned, suppressAll), undefined);
  });

  it("keeps user and checkpoint as they were, and takes the rest", () => {
    const driver = new MasterDriver().lead();
    const { info } = describeFramework({});
    const first = driver.subscribe({ user: "alice", info: { ...info, checkpoint: true } });
    driver.subscribe({ user: "bob", info: { ...info, name: "renamed", checkpoint: false } }, first.frameworkId);
    const stored = driver.operator("getFrameworks").frameworks.frameworks[0]?.frameworkInfo;
    assert.deepEqual([stored?.user, stored?.checkpoint, stored?.name], ["alice", true, "renamed"]);
  });

  it("tells agents with tasks of the framework, so that they send again what waits for it", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const first = driver.subscribe();
    driver.launch(first, driver.takeOffer(first));
    driver.subscribe({}, first.frameworkId);
    assert.equal(driver.takeMessages(agent, "updateFramework").length, 1);
  });

  it("suppresses the roles that it says", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const streamId = driver.openStream({ framework: { roles: ["a", "b"], multiRole: true }, suppressedRoles: ["a"] });
    assert.deepEqual(
      driver.takeEvents(streamId, "offers").flatMap((event) => event.offers.map((offer) => offer.role)),
      ["b"],
    );
  });
});

describe("a framework whose stream closed", () => {
  it("gives its offers back at once, to others", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const first = driver.subscribe();
    driver.takeOffer(first);
    const second = driver.subscribe();
    driver.closeStream(first);
    driver.advance(1_000);
    assert.equal(driver.takeOffers(second).length, 1);
    assert.equal(driver.call(first, suppressAll)?.code, "PERMISSION_DENIED");
  });

  it("keeps its tasks until the failover timeout, and is removed then", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe({ failoverTimeoutMs: 10_000 });
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.closeStream(scheduler);
    driver.advance(9_999);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 0);
    driver.advance(1);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
    assert.equal(driver.operator("getTasks").tasks.completedTasks.length, 1);
    assert.equal(driver.takeEvents(driver.openStream({ frameworkId: scheduler.frameworkId }), "error").length, 1);
  });

  it("A10: is removed at once without a failover timeout, durably before anything happens", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe({ failoverTimeoutMs: 0 });
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.writesAtOnce = false;
    driver.closeStream(scheduler);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 0);
    driver.writeDone();
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
  });

  it("that comes back makes its deadline void; each disconnect has a deadline of its own", () => {
    const driver = new MasterDriver().lead();
    const first = driver.subscribe({ failoverTimeoutMs: 10_000 });
    driver.closeStream(first);
    driver.advance(5_000);
    const second = driver.subscribe({ failoverTimeoutMs: 10_000 }, first.frameworkId);
    driver.advance(3_000);
    driver.closeStream(second);
    driver.advance(9_999);
    assert.equal(driver.operator("getFrameworks").frameworks.frameworks.length, 1);
    driver.advance(1);
    assert.equal(driver.operator("getFrameworks").frameworks.frameworks.length, 0);
  });

  it("is saved by a subscription that is being written when the deadline comes", () => {
    const driver = new MasterDriver().lead();
    const first = driver.subscribe({ failoverTimeoutMs: 10_000 });
    driver.closeStream(first);
    driver.advance(9_000);
    driver.writesAtOnce = false;
    const streamId = driver.openStream({ frameworkId: first.frameworkId });
    driver.advance(5_000);
    driver.writeDone();
    assert.equal(driver.takeEvents(streamId, "subscribed").length, 1);
    assert.equal(driver.writes.length, 0);
  });

  it("keeps its deadline across a failover of the master, in Unix time", () => {
    const registry = new TestRegistry();
    const before = new MasterDriver({}, registry).lead();
    const scheduler = before.subscribe({ failoverTimeoutMs: 20_000 });
    before.closeStream(scheduler);
    const after = new MasterDriver({}, registry);
    after.nowMs = 15_000;
    after.lead();
    after.advance(4_999 + masterClockSkewMaxMs);
    assert.equal(after.operator("getFrameworks").frameworks.frameworks[0]?.recovered, true);
    after.advance(1);
    assert.equal(after.operator("getFrameworks").frameworks.frameworks.length, 0);
    assert.equal(after.takeEvents(after.openStream({ frameworkId: scheduler.frameworkId }), "error").length, 1);
  });

  // Seed 1858 of the simulator: the next leader's clock was 3 s ahead, and the framework was refused with 1.2 s to go.
  it("loses no time to a next leader whose clock is ahead, and wins no more than its timeout from one that is behind", () => {
    for (const [skewMs, keptMs] of [
      [masterClockSkewMaxMs, 10_000],
      [-masterClockSkewMaxMs, 20_000],
      [-60_000, 20_000],
    ] as const) {
      const registry = new TestRegistry();
      const before = new MasterDriver({}, registry);
      before.nowMs = 100_000;
      const scheduler = before.lead().subscribe({ failoverTimeoutMs: 20_000 });
      before.closeStream(scheduler);
      const after = new MasterDriver({}, registry);
      after.nowMs = 100_000 + 10_000 + skewMs;
      after.lead();
      after.advance(keptMs - 1);
      assert.equal(after.operator("getFrameworks").frameworks.frameworks[0]?.recovered, true, `skew ${skewMs}`);
      after.advance(1);
      assert.equal(after.operator("getFrameworks").frameworks.frameworks.length, 0, `skew ${skewMs}`);
    }
  });

  it("because its master went away has at least the time that agents have", () => {
    const registry = new TestRegistry();
    const { frameworkId } = new MasterDriver({}, registry).lead().subscribe({ failoverTimeoutMs: 0 });
    const after = new MasterDriver({ agentReregisterTimeoutMs: 30_000 }, registry).lead();
    after.advance(29_999);
    assert.equal(after.subscribe({}, frameworkId).frameworkId, frameworkId);
    after.advance(60_000);
    assert.equal(after.operator("getFrameworks").frameworks.frameworks[0]?.active, true);
  });
});

describe("TEARDOWN", () => {
  it("A10: is answered when it is durable; nothing of the framework is left", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
    driver.writesAtOnce = false;
    const callId = driver.startCall(scheduler, { kind: "teardown" });
    assert.equal(driver.isAnswered(callId), false);
    assert.equal(driver.call(scheduler, { kind: "reconcile", tasks: [] })?.code, "INVALID_ARGUMENT");
    driver.writeDone();
    assert.equal(driver.isAnswered(callId), true);
    assert.equal(driver.refusalOf(callId), undefined);
    assert.deepEqual([...driver.closedStreams.keys()], [scheduler.streamId]);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
    assert.equal(driver.call(scheduler, { kind: "reconcile", tasks: [] })?.code, "INVALID_ARGUMENT");
    const { agents } = driver.operator("getAgents").agents;
    assert.deepEqual([agents[0]?.allocatedResources, agents[0]?.offeredResources], [[], []]);
    const { tasks, completedTasks } = driver.operator("getTasks").tasks;
    assert.deepEqual([tasks.length, completedTasks.map((task) => task.state)], [0, [4]]);
    assert.equal(driver.operator("getFrameworks").frameworks.completedFrameworks.length, 1);
  });

  it("is not told to anybody before it is durable: a SUBSCRIBE meanwhile may try again", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    driver.writesAtOnce = false;
    driver.startCall(scheduler, { kind: "teardown" });
    const early = driver.openStream({ frameworkId: scheduler.frameworkId });
    assert.deepEqual(driver.takeEvents(early, "error"), []);
    assert.equal(driver.closedStreams.get(early)?.code, "UNAVAILABLE");
    driver.writeDone();
    assert.equal(driver.takeEvents(driver.openStream({ frameworkId: scheduler.frameworkId }), "error").length, 1);
  });

  it("after a task ended and before that was acknowledged gives its resources back once", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.call(scheduler, { kind: "teardown" });
    const next = driver.subscribe();
    const cpus = driver.takeOffer(next).resources.find((resource) => resource.name === "cpus");
    assert.deepEqual(cpus?.value, { kind: "scalar", milli: 4_000 });
  });

  it("updates of its tasks that come later are dropped", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.call(scheduler, { kind: "teardown" });
    driver.update(agent, { frameworkId: scheduler.frameworkId, taskId: TaskId("task") }, "TASK_KILLED");
    assert.equal(driver.takeEvents(scheduler, "forwardUpdate").length, 0);
  });
});

describe("calls", () => {
  it("need a known framework, a live subscription and its stream id", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    const { frameworkId, streamId } = scheduler;
    const refusals = [
      { frameworkId: FrameworkId("nobody"), streamId },
      { frameworkId, streamId: undefined },
      { frameworkId, streamId: StreamId("old") },
    ].map((caller) => driver.refusalOf(driver.startCall(caller, suppressAll)));
    assert.deepEqual(
      refusals.map((refusal) => refusal?.code),
      ["INVALID_ARGUMENT", "INVALID_ARGUMENT", "INVALID_ARGUMENT"],
    );
    assert.match(refusals[0]?.message ?? "", /framework_id must be known, is nobody/);
    assert.match(refusals[2]?.message ?? "", /mesos-stream-id must be of the current subscription, is old/);
  });
});
