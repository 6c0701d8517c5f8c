/** MARK_AGENT_GONE: of a registered, an unreachable and a recovered agent. */

import assert from "node:assert/strict";
import { type AgentId, TaskId } from "../../../../common/ids.ts";
import { MasterDriver, reportTask, type Scheduler, TestRegistry } from "../master-driver.ts";

/** One agent with one running task "task". */
function start(partitionAware: boolean, registry = new TestRegistry()) {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, registry).lead();
  const agent = driver.register();
  const scheduler = driver.subscribe({ partitionAware });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  driver.advance(1_000);
  driver.takeAllEvents(scheduler);
  return { driver, agent, agentId: agent.agentId, scheduler, frameworkId: scheduler.frameworkId, registry };
}

function markGone(driver: MasterDriver, agentId: AgentId): void {
  assert.equal(driver.outcomeOf(driver.order({ kind: "markAgentGone", agentId })), "done");
}

function toldOf(driver: MasterDriver, scheduler: Scheduler): unknown {
  return driver.takeUpdates(scheduler).map(({ state, reason, uuid }) => [state, reason, uuid]);
}

const aware = ["TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR", undefined];
const plain = ["TASK_LOST", "REASON_AGENT_REMOVED", undefined];

describe("MARK_AGENT_GONE", () => {
  for (const partitionAware of [true, false]) {
    const told = partitionAware ? aware : plain;
    const who = partitionAware ? "a partition-aware framework" : "a framework that is not partition aware";

    it(`A7: of a registered agent tells ${who} of each task once it is durable, then the agent to end`, () => {
      const { driver, agent, agentId, scheduler, registry } = start(partitionAware);
      driver.writesAtOnce = false;
      const order = driver.order({ kind: "markAgentGone", agentId });
      assert.deepEqual(driver.takeAllEvents(scheduler), []);
      driver.writeDone();
      assert.equal(driver.outcomeOf(order), "done");
      assert.deepEqual(toldOf(driver, scheduler), [told]);
      assert.equal(driver.takeEvents(scheduler, "failure")[0]?.agentId, agentId);
      assert.match(driver.takeMessages(agent, "refuse")[0]?.reason ?? "", /marked gone by the operator/);
      const record = registry.records.get(`agent/${agentId}`);
      assert.equal(record?.kind === "agent" && record.state.kind, "gone");
    });

    it(`A8: of an unreachable agent ends what ${who} still waits for`, () => {
      const { driver, agentId, scheduler } = start(partitionAware);
      driver.advance(75_000);
      driver.takeAllEvents(scheduler);
      markGone(driver, agentId);
      assert.deepEqual(toldOf(driver, scheduler), partitionAware ? [told] : [], "TASK_LOST was final");
    });

    it(`A9: of an agent that is not back since a failover tells ${who} when the agent tries to return, once`, () => {
      const { agentId, frameworkId, registry } = start(partitionAware);
      const driver = new MasterDriver({}, registry).lead();
      const scheduler = driver.subscribe({ partitionAware }, frameworkId);
      markGone(driver, agentId);
      assert.deepEqual(toldOf(driver, scheduler), [], "nobody knows the tasks");
      for (const times of [1, 2]) {
        const back = driver.reregister(agentId, { tasks: [reportTask(frameworkId)] });
        assert.equal(driver.takeMessages(back, "refuse").length, 1);
        assert.deepEqual(toldOf(driver, scheduler), times === 1 ? [told] : []);
      }
      assert.equal(driver.operator("getAgents").agents.agents.length, 0);
    });
  }

  it("may be repeated, and holds for later leaders", () => {
    const { driver, agentId, frameworkId, registry } = start(true);
    markGone(driver, agentId);
    const { version } = registry;
    markGone(driver, agentId);
    assert.equal(registry.version, version);
    const next = new MasterDriver({}, registry).lead();
    const scheduler = next.subscribe({ partitionAware: true }, frameworkId);
    const back = next.reregister(agentId, { tasks: [reportTask(frameworkId)] });
    assert.equal(next.takeMessages(back, "refuse").length, 1);
    assert.deepEqual(toldOf(next, scheduler), [], "it was told before");
    assert.deepEqual(next.operator("getAgents").agents, { agents: [], recoveredAgents: [] });
  });

  it("Q5: is what a reconciliation answers of tasks on it", () => {
    for (const partitionAware of [true, false]) {
      const { driver, agentId, scheduler } = start(partitionAware);
      markGone(driver, agentId);
      driver.takeAllEvents(scheduler);
      driver.call(scheduler, { kind: "reconcile", tasks: [{ taskId: TaskId("task"), agentId }] });
      assert.equal(driver.takeUpdates(scheduler)[0]?.state, partitionAware ? "TASK_GONE_BY_OPERATOR" : "TASK_LOST");
    }
  });

  it("does not take back the end of a task that its framework was told", () => {
    const { driver, agent, agentId, scheduler } = start(true);
    driver.update(agent, scheduler, "TASK_FINISHED");
    driver.takeAllEvents(scheduler);
    markGone(driver, agentId);
    assert.deepEqual(toldOf(driver, scheduler), []);
  });

  it("is refused while the agent is marked unreachable", () => {
    const { driver, agentId } = start(true);
    driver.writesAtOnce = false;
    driver.advance(75_000);
    const outcome = driver.outcomeOf(driver.order({ kind: "markAgentGone", agentId }));
    assert.ok(outcome !== undefined && outcome !== "done");
    assert.equal(outcome.code, "UNAVAILABLE");
  });
});
