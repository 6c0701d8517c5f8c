/** ACCEPT: which offers can be used, which tasks are launched, and where the resources go. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentId, OfferId, TaskId } from "../../../../common/ids.ts";
import type { TaskDescription } from "../../../../server/core/calls/call.ts";
import { cpusAndMem, describeTask, MasterDriver, type Scheduler } from "../master-driver.ts";

function start(partitionAware = true) {
  const driver = new MasterDriver().lead();
  const agent = driver.register(cpusAndMem(4, 4_096));
  const scheduler = driver.subscribe({ partitionAware });
  const offer = driver.takeOffer(scheduler);
  driver.takeAllEvents(scheduler);
  return { driver, agent, agentId: agent.agentId, scheduler, offer };
}

function acceptAll(
  driver: MasterDriver,
  scheduler: Scheduler,
  offerIds: readonly OfferId[],
  tasks: readonly TaskDescription[],
  refuseMs = 0,
) {
  return driver.call(scheduler, { kind: "accept", offerIds, operations: [{ kind: "launch", tasks }], refuseMs });
}

function cpusOf(offer: { readonly resources: ReturnType<typeof cpusAndMem> }): number {
  const cpus = offer.resources.find((resource) => resource.name === "cpus");
  return cpus?.value.kind === "scalar" ? cpus.value.milli / 1_000 : 0;
}

describe("ACCEPT with offers that cannot be used", () => {
  it("A1: drops the tasks: DROPPED or LOST with reason invalid offers, and nothing reaches the agent", () => {
    for (const [partitionAware, expected] of [
      [true, "TASK_DROPPED"],
      [false, "TASK_LOST"],
    ] as const) {
      const { driver, agent, agentId, scheduler } = start(partitionAware);
      acceptAll(driver, scheduler, [OfferId("gone")], [describeTask({ agentId }), describeTask({ agentId, taskId: TaskId("t2") })]);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ taskId, state, reason, source, uuid }) => [taskId, state, reason, source, uuid]),
        [
          ["task", expected, "REASON_INVALID_OFFERS", "SOURCE_MASTER", undefined],
          ["t2", expected, "REASON_INVALID_OFFERS", "SOURCE_MASTER", undefined],
        ],
      );
      assert.equal(driver.takeMessages(agent, "runTask").length, 0);
    }
  });

  it("names the rule: none, twice, gone, another's, another role's, another agent's", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    driver.register(cpusAndMem(2, 1_024), "second");
    const scheduler = driver.subscribe({ roles: ["a", "b"], multiRole: true });
    const [first, second] = driver.takeOffers(scheduler);
    assert.ok(first !== undefined && second !== undefined);
    const other = driver.subscribe();
    const foreign = driver.register(cpusAndMem(1, 512), "third");
    const foreignOffer = driver.takeOffers(other)[0] ?? driver.takeOffers(scheduler)[0];
    assert.ok(foreignOffer !== undefined);
    assert.equal(foreignOffer.frameworkId, other.frameworkId);
    const cases: readonly [readonly OfferId[], RegExp][] = [
      [[], /offer_ids must not be empty/],
      [[first.offerId, first.offerId], /must not repeat/],
      [[OfferId("gone")], /gone is no longer valid/],
      [[foreignOffer.offerId], /is not an offer to framework/],
    ];
    for (const [offerIds, message] of cases) {
      acceptAll(driver, scheduler, offerIds, [describeTask({ agentId: foreign.agentId })]);
      assert.match(driver.takeUpdates(scheduler)[0]?.message ?? "", message);
    }
    // The offer of the other framework is untouched, its owner can use it.
    driver.launch(other, foreignOffer, { resources: cpusAndMem(0.5, 128) });
    assert.equal(driver.takeMessages(foreign, "runTask").length, 1);
  });

  it("of two roles or two agents are invalid, and go back to the allocator without a filter", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    driver.register(cpusAndMem(2, 1_024), "second");
    const scheduler = driver.subscribe();
    const offers = driver.takeOffers(scheduler);
    assert.equal(offers.length, 2);
    const offerIds = offers.map((offer) => offer.offerId);
    acceptAll(driver, scheduler, offerIds, [describeTask({})], 3_600_000);
    assert.match(driver.takeUpdates(scheduler)[0]?.message ?? "", /is of agent/);
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 2);
  });

  it("a second ACCEPT of the same offer fails", () => {
    const { driver, agent, agentId, scheduler, offer } = start();
    acceptAll(driver, scheduler, [offer.offerId], [describeTask({ agentId })]);
    acceptAll(driver, scheduler, [offer.offerId], [describeTask({ agentId, taskId: TaskId("t2") })]);
    assert.equal(driver.takeMessages(agent, "runTask").length, 1);
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ taskId, reason }) => [taskId, reason]),
      [["t2", "REASON_INVALID_OFFERS"]],
    );
  });

  it("A4, P5: an offer that was rescinded because its agent left cannot be used", () => {
    const { driver, agent, agentId, scheduler, offer } = start();
    driver.closeLink(agent);
    acceptAll(driver, scheduler, [offer.offerId], [describeTask({ agentId })]);
    assert.equal(driver.takeUpdates(scheduler)[0]?.reason, "REASON_INVALID_OFFERS");
  });
});

describe("ACCEPT with LAUNCH", () => {
  it("P3: stages the task and sends it to the agent with the framework's id and the role it is allocated to", () => {
    const { driver, agent, scheduler, offer } = start();
    driver.launch(scheduler, offer);
    const message = driver.takeMessages(agent, "runTask")[0];
    assert.equal(message?.framework.id?.value, scheduler.frameworkId);
    assert.equal(driver.operator("getTasks").tasks.tasks[0]?.state, 6);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
  });

  it("P4: offers the rest again, with the filter of the call", () => {
    for (const [refuseMs, waitMs] of [
      [0, 1_000],
      [5_000, 5_000],
    ] as const) {
      const { driver, scheduler, offer } = start();
      driver.launch(scheduler, offer, {}, refuseMs);
      driver.advance(waitMs - 1);
      assert.equal(driver.takeOffers(scheduler).length, 0);
      driver.advance(1);
      assert.equal(cpusOf(driver.takeOffer(scheduler)), 3);
    }
  });

  it("P1, T16: takes several launches against what is left, and several offers of one agent together", () => {
    const { driver, agent, agentId, scheduler, offer } = start();
    driver.launch(scheduler, offer, { resources: cpusAndMem(1, 1_024) });
    driver.takeMessages(agent, "runTask");
    driver.advanceAlive(1_000, [agent]);
    const rest = driver.takeOffer(scheduler);
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.advanceAlive(1_000, [agent]);
    const freed = driver.takeOffer(scheduler);
    assert.deepEqual([cpusOf(rest), cpusOf(freed)], [3, 1]);
    const tasks = ["a", "b", "c"].map((id) => describeTask({ agentId, taskId: TaskId(id), resources: cpusAndMem(2, 1_024) }));
    driver.call(scheduler, {
      kind: "accept",
      offerIds: [rest.offerId, freed.offerId],
      operations: tasks.map((task) => ({ kind: "launch", tasks: [task] })),
      refuseMs: 0,
    });
    assert.deepEqual(
      driver.takeMessages(agent, "runTask").map((message) => message.task.taskId?.value),
      ["a", "b"],
    );
    const error = driver.takeUpdates(scheduler)[0];
    assert.deepEqual([error?.taskId, error?.state, error?.reason], ["c", "TASK_ERROR", "REASON_TASK_INVALID"]);
    assert.match(error?.message ?? "", /what is left of the offers/);
  });

  it("A11: makes an error of each task that breaks a rule, names the rule, and gives its resources back", () => {
    const running = TaskId("running");
    const info = { ...describeTask({}).info };
    const cases: readonly [Partial<TaskDescription>, RegExp][] = [
      [{ taskId: TaskId("a/b") }, /task_id must not contain/],
      [{ taskId: running }, /task_id must not be in use/],
      [{ agentId: AgentId("other") }, /agent_id must be/],
      [{ problem: "kill_policy.grace_period must not be negative, is -1" }, /kill_policy/],
      [{ resources: [] }, /resources must not be empty/],
      [{ resources: cpusAndMem(1, 1).map((resource) => ({ ...resource, allocationRole: "other" })) }, /allocated to role/],
      [{ info: { ...info, command: undefined } }, /exactly one of command and executor/],
      [{ resources: cpusAndMem(3.001, 1) }, /what is left of the offers/],
    ];
    const { driver, agent, scheduler, offer } = start();
    driver.launch(scheduler, offer, { taskId: running });
    driver.takeMessages(agent, "runTask");
    for (const [task, message] of cases) {
      driver.advanceAlive(1_000, [agent]);
      driver.launch(scheduler, driver.takeOffer(scheduler), task);
      const update = driver.takeUpdates(scheduler)[0];
      assert.deepEqual([update?.state, update?.reason, update?.source], ["TASK_ERROR", "REASON_TASK_INVALID", "SOURCE_MASTER"]);
      assert.match(update?.message ?? "", message);
      assert.equal(driver.takeMessages(agent, "runTask").length, 0);
    }
    driver.advance(1_000);
    assert.equal(cpusOf(driver.takeOffer(scheduler)), 3);
  });

  it("T3: does not start a second task with the id of one that ended and is not acknowledged, nor of an unreachable one", () => {
    const { driver, agent, agentId, scheduler, offer } = start();
    driver.launch(scheduler, offer);
    const uuid = driver.update(agent, scheduler, "TASK_FINISHED");
    driver.advanceAlive(1_000, [agent]);
    driver.launch(scheduler, driver.takeOffer(scheduler));
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_ERROR");
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
    driver.advanceAlive(1_000, [agent]);
    driver.launch(scheduler, driver.takeOffer(scheduler));
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    driver.advance(90_000);
    driver.takeAllEvents(scheduler);
    const second = driver.register(cpusAndMem(4, 4_096), "second");
    driver.launch(scheduler, driver.takeOffer(scheduler));
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_ERROR");
    assert.equal(driver.takeMessages(second, "runTask").length, 0);
  });

  it("P6: of nothing is a decline", () => {
    const { driver, scheduler, offer } = start();
    driver.call(scheduler, { kind: "accept", offerIds: [offer.offerId], operations: [], refuseMs: 10_000 });
    driver.advance(9_999);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.advance(1);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });
});
