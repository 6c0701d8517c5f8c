/** DEACTIVATE_AGENT, DRAIN_AGENT and REACTIVATE_AGENT, wherever the agent is. */

import assert from "node:assert/strict";
import { AgentId, TaskId } from "../../../../common/ids.ts";
import type { OperatorCall } from "../../../../server/core/operator/operator-call.ts";
import { MasterDriver, reportTask, TestRegistry } from "../master-driver.ts";

function start(registry = new TestRegistry()) {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, registry).lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ partitionAware: true });
  return { driver, agent, agentId: agent.agentId, scheduler, registry };
}

function withTask() {
  const cluster = start();
  const { driver, agent, scheduler } = cluster;
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  driver.advance(1_000);
  driver.takeAllEvents(scheduler);
  return cluster;
}

const drainOf = (agentId: AgentId, markGone = false): OperatorCall => ({ kind: "drainAgent", agentId, maxGraceMs: 5_000, markGone });
const agentMessage = (driver: MasterDriver) => driver.operator("getAgents").agents.agents[0];

describe("DEACTIVATE_AGENT", () => {
  it("takes the agent's offers back once it is durable, and offers nothing until it is reactivated", () => {
    const { driver, agentId, scheduler } = start();
    const { offerId } = driver.takeOffer(scheduler);
    driver.writesAtOnce = false;
    const order = driver.order({ kind: "deactivateAgent", agentId });
    assert.deepEqual([driver.outcomeOf(order), driver.takeEvents(scheduler, "rescind").length], [undefined, 0]);
    driver.writeDone();
    assert.equal(driver.outcomeOf(order), "done");
    assert.equal(driver.takeEvents(scheduler, "rescind")[0]?.offerId, offerId);
    driver.writesAtOnce = true;
    driver.advance(10_000);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    assert.deepEqual([agentMessage(driver)?.active, agentMessage(driver)?.deactivated], [false, true]);

    assert.equal(driver.outcomeOf(driver.order({ kind: "reactivateAgent", agentId })), "done");
    assert.equal(driver.takeOffers(scheduler).length, 1);
    assert.deepEqual([agentMessage(driver)?.active, agentMessage(driver)?.deactivated], [true, false]);
  });

  it("leaves tasks alone, may be repeated, and does not stop a drain", () => {
    const { driver, agentId, agent, scheduler } = withTask();
    for (let times = 0; times < 2; times++) assert.equal(driver.outcomeOf(driver.order({ kind: "deactivateAgent", agentId })), "done");
    assert.equal(driver.takeMessages(agent, "drain").length, 0);
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_RUNNING");
    driver.order(drainOf(agentId));
    driver.order({ kind: "deactivateAgent", agentId });
    assert.equal(agentMessage(driver)?.drainInfo?.state, 1);
  });

  it("holds for the next leader, before the agent is back and after", () => {
    const { driver, agentId, registry } = start();
    driver.order({ kind: "deactivateAgent", agentId });
    const next = new MasterDriver({}, registry).lead();
    const scheduler = next.subscribe();
    next.reregister(agentId);
    next.advance(10_000);
    assert.equal(next.takeOffers(scheduler).length, 0);
    assert.equal(next.outcomeOf(next.order({ kind: "reactivateAgent", agentId })), "done");
    assert.equal(next.takeOffers(scheduler).length, 1);
  });
});

describe("DRAIN_AGENT", () => {
  it("orders the agent to drain, and the agent is drained when the end of its last task is acknowledged", () => {
    const { driver, agent, agentId, scheduler } = withTask();
    assert.equal(driver.outcomeOf(driver.order(drainOf(agentId))), "done");
    assert.deepEqual(driver.takeMessages(agent, "drain"), [{ kind: "drain", maxGraceMs: 5_000, markGone: false }]);
    const uuid = driver.update(agent, scheduler, "TASK_KILLED");
    assert.equal(agentMessage(driver)?.drainInfo?.state, 1, "the end is not acknowledged");
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
    assert.equal(agentMessage(driver)?.drainInfo?.state, 2);
    assert.equal(agentMessage(driver)?.drainInfo?.config?.maxGracePeriod?.nanoseconds, 5_000_000_000n);
    driver.advance(10_000);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    assert.equal(driver.outcomeOf(driver.order({ kind: "reactivateAgent", agentId })), "done");
    assert.equal(driver.takeMessages(agent, "endDrain").length, 1);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("of an empty agent is done at once", () => {
    const { driver, agentId } = start();
    driver.order(drainOf(agentId));
    assert.equal(agentMessage(driver)?.drainInfo?.state, 2);
  });

  it("goes on when the framework of its last task is torn down", () => {
    const { driver, agentId, scheduler } = withTask();
    driver.order(drainOf(agentId));
    driver.call(scheduler, { kind: "teardown" });
    assert.equal(agentMessage(driver)?.drainInfo?.state, 2);
  });

  it("of a disconnected agent is told when it is back, by this leader and by the next", () => {
    const { driver, agent, agentId, scheduler, registry } = withTask();
    driver.closeLink(agent);
    assert.equal(driver.outcomeOf(driver.order(drainOf(agentId))), "done");
    assert.equal(agentMessage(driver)?.drainInfo?.state, 1);
    const tasks = [reportTask(scheduler.frameworkId)];
    const back = driver.reregister(agentId, { tasks });
    assert.equal(driver.takeMessages(back, "drain").length, 1);
    const next = new MasterDriver({}, registry).lead();
    assert.equal(next.takeMessages(next.reregister(agentId, { tasks }), "drain").length, 1);
    assert.equal(agentMessage(next)?.drainInfo?.state, 1);
    const empty = new MasterDriver({}, registry).lead();
    empty.reregister(agentId);
    assert.equal(agentMessage(empty)?.drainInfo?.state, 2);
  });

  it("of an unreachable agent is told when it is back", () => {
    const { driver, agentId, scheduler } = withTask();
    driver.advance(75_000);
    assert.equal(driver.outcomeOf(driver.order(drainOf(agentId))), "done");
    const back = driver.reregister(agentId, { tasks: [reportTask(scheduler.frameworkId)] });
    assert.equal(driver.takeMessages(back, "drain").length, 1);
  });

  it("follows an agent into unreachability and back, without being taken for done", () => {
    const { driver, agentId, scheduler } = withTask();
    driver.order(drainOf(agentId));
    driver.advance(75_000);
    const back = driver.reregister(agentId, { tasks: [reportTask(scheduler.frameworkId)] });
    assert.equal(driver.takeMessages(back, "drain").length, 1);
    assert.equal(agentMessage(driver)?.drainInfo?.state, 1);
  });

  it("cannot be called back, and may be ordered anew with other words", () => {
    const { driver, agent, agentId } = withTask();
    driver.order(drainOf(agentId));
    const message = `reactivate_agent.agent_id must be drained before it is reactivated, agent ${agentId} is draining`;
    assert.deepEqual(driver.outcomeOf(driver.order({ kind: "reactivateAgent", agentId })), { code: "FAILED_PRECONDITION", message });
    driver.takeMessages(agent, "drain");
    driver.order({ kind: "drainAgent", agentId, maxGraceMs: undefined, markGone: false });
    assert.deepEqual(driver.takeMessages(agent, "drain"), [{ kind: "drain", maxGraceMs: undefined, markGone: false }]);
  });

  it("with mark_gone marks the agent gone when it is empty", () => {
    const { driver, agent, agentId, scheduler } = withTask();
    driver.order(drainOf(agentId, true));
    const uuid = driver.update(agent, scheduler, "TASK_GONE_BY_OPERATOR");
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
    assert.equal(driver.takeMessages(agent, "refuse").length, 1);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
    assert.equal(driver.registry.records.has(`deactivation/${agentId}`), false);
  });
});

describe("orders about agents", () => {
  const orders: readonly ((agentId: AgentId) => OperatorCall)[] = [
    (agentId) => drainOf(agentId),
    (agentId) => ({ kind: "deactivateAgent", agentId }),
    (agentId) => ({ kind: "reactivateAgent", agentId }),
    (agentId) => ({ kind: "markAgentGone", agentId }),
  ];
  for (const toOrder of orders) {
    const { kind } = toOrder(AgentId("any"));

    it(`${kind} of an agent that nobody knows, or that has left, is refused and changes nothing`, () => {
      const { driver, agent, agentId } = start();
      driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
      const { version } = driver.registry;
      for (const [id, why] of [
        [AgentId("nobody"), "is not known"],
        [agentId, "has left"],
      ] as const) {
        const outcome = driver.outcomeOf(driver.order(toOrder(id)));
        assert.ok(outcome !== undefined && outcome !== "done");
        assert.equal(outcome.code, "NOT_FOUND");
        assert.ok(outcome.message.endsWith(`agent_id must be of an agent of the cluster, ${id} ${why}`), outcome.message);
      }
      assert.equal(driver.registry.version, version);
    });

    it(`${kind} while another order about the agent is written is refused and changes nothing`, () => {
      const { driver, agentId } = start();
      driver.writesAtOnce = false;
      const first = driver.order({ kind: "deactivateAgent", agentId });
      const outcome = driver.outcomeOf(driver.order(toOrder(agentId)));
      assert.ok(outcome !== undefined && outcome !== "done");
      assert.deepEqual([outcome.code, driver.writes.length], ["UNAVAILABLE", 1]);
      driver.writeDone();
      assert.deepEqual([driver.outcomeOf(first), driver.writes.length], ["done", 0]);
    });
  }

  it("end with the agent's id when it drains itself at once", () => {
    const { driver, agent, agentId, registry } = withTask();
    driver.order(drainOf(agentId));
    driver.say(agent.linkId, { kind: "leaving", agentId });
    driver.say(agent.linkId, { kind: "unregister", agentId, alive: [] });
    assert.equal(registry.records.has(`deactivation/${agentId}`), false);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
  });
});
