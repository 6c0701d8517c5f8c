/** RECONCILE: every row of the table, for frameworks that are partition aware and others. */

import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { AgentId, TaskId } from "../../../../common/ids.ts";
import { cpusAndMem, MasterDriver, reportTask, TestRegistry, wallStartMs } from "../master-driver.ts";

/** What the agent that is back says of its task's checks. */
const checked = { healthy: false, checkStatus: { type: 2, http: { statusCode: 503 } } } as const;

/** A master after a failover: agent `back` has registered again, `late` has not, `away` is unreachable, `gone` has unregistered. */
function start(partitionAware: boolean) {
  const registry = new TestRegistry();
  const first = new MasterDriver({}, registry).lead();
  const { frameworkId } = first.subscribe({ partitionAware });
  const agents = ["back", "late", "away", "gone"].map((hostname) => first.register(cpusAndMem(4, 4_096), hostname));
  const [back, late, away, gone] = agents;
  assert.ok(back !== undefined && late !== undefined && away !== undefined && gone !== undefined);
  first.advanceAlive(100_000, [back, late, gone]);
  first.say(gone.linkId, { kind: "unregister", agentId: gone.agentId, alive: [] });
  const driver = new MasterDriver({}, registry);
  driver.nowMs = first.nowMs;
  driver.lead();
  const scheduler = driver.subscribe({ partitionAware }, frameworkId);
  const returned = driver.reregister(back.agentId, {
    agent: { hostname: "back", resources: cpusAndMem(4, 4_096), version: "1", info: { hostname: "back", resources: [], attributes: [] } },
    tasks: [reportTask(frameworkId, { taskId: TaskId("known"), statusUpdateState: "TASK_STARTING", checked })],
  });
  const ask = (taskId: string, agentId: AgentId | undefined) => {
    driver.takeUpdates(scheduler);
    driver.call(scheduler, { kind: "reconcile", tasks: [{ taskId: TaskId(taskId), agentId }] });
    return driver.takeUpdates(scheduler);
  };
  return { driver, scheduler, returned, ask, back: back.agentId, late: late.agentId, away: away.agentId, gone: gone.agentId };
}

for (const partitionAware of [true, false]) {
  describe(`explicit RECONCILE (partition aware: ${partitionAware})`, () => {
    const orLost = (state: string) => (partitionAware ? state : "TASK_LOST");
    let cluster: ReturnType<typeof start>;
    before(() => {
      cluster = start(partitionAware);
    });
    const states = (taskId: string, agentId: AgentId | undefined) => cluster.ask(taskId, agentId).map((status) => status.state);

    it("Q1: answers a known task with its last acknowledgeable state, whatever agent was named", () => {
      assert.deepEqual(states("known", cluster.back), ["TASK_STARTING"]);
      assert.deepEqual(states("known", undefined), ["TASK_STARTING"]);
      assert.deepEqual(states("known", AgentId("wrong")), ["TASK_STARTING"]);
    });

    it("Q1: says what the checks of the task found last", () => {
      assert.deepEqual(cluster.ask("known", cluster.back)[0]?.extra, checked);
    });

    it("Q2a: is silent about an agent that may come back", () => assert.deepEqual(states("t", cluster.late), []));
    it("Q2b: is silent without an agent while any may come back", () => assert.deepEqual(states("t", undefined), []));
    it("Q3: answers GONE for a registered agent", () => assert.deepEqual(states("t", cluster.back), [orLost("TASK_GONE")]));
    it("Q4: answers UNREACHABLE, with the time, for an unreachable agent", () => {
      const status = cluster.ask("t", cluster.away)[0];
      assert.equal(status?.state, orLost("TASK_UNREACHABLE"));
      assert.ok((status?.unreachableAtMs ?? 0) > wallStartMs);
    });
    it("Q6: answers UNKNOWN for an agent that unregistered", () => assert.deepEqual(states("t", cluster.gone), [orLost("TASK_UNKNOWN")]));
    it("Q6: answers UNKNOWN for an agent that nobody knows", () => assert.deepEqual(states("t", AgentId("x")), [orLost("TASK_UNKNOWN")]));

    it("comes from the master, with the reason, without a uuid", () => {
      const status = cluster.ask("known", cluster.back)[0];
      assert.deepEqual([status?.source, status?.reason, status?.uuid], ["SOURCE_MASTER", "REASON_RECONCILIATION", undefined]);
    });
  });
}

describe("RECONCILE", () => {
  it("Q6: without an agent answers UNKNOWN when no agent may come back any more", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe({ partitionAware: true });
    driver.call(scheduler, { kind: "reconcile", tasks: [{ taskId: TaskId("t"), agentId: undefined }] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_UNKNOWN");
  });

  it("Q0: of everything answers own tasks only, ended ones until they are acknowledged, none on unreachable agents", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe({ partitionAware: true });
    driver.launch(scheduler, driver.takeOffer(scheduler));
    const other = driver.subscribe();
    const all = (asking: typeof scheduler) => {
      driver.takeUpdates(asking);
      driver.call(asking, { kind: "reconcile", tasks: [] });
      return driver.takeUpdates(asking).map((status) => status.state);
    };
    assert.deepEqual(all(other), []);
    assert.deepEqual(all(scheduler), ["TASK_STAGING"]);
    const uuid = driver.update(agent, scheduler, "TASK_FINISHED");
    assert.deepEqual(all(scheduler), ["TASK_FINISHED"]);
    driver.call(scheduler, { kind: "acknowledge", agentId: agent.agentId, taskId: TaskId("task"), uuid });
    assert.deepEqual(all(scheduler), []);
    driver.advanceAlive(1_000, [agent]);
    driver.launch(scheduler, driver.takeOffer(scheduler) ?? driver.takeOffer(other));
    driver.advance(90_000);
    assert.deepEqual(all(scheduler), []);
  });

  it("Q0, Q1: of a task whose end the framework was not sent yet answers the state before", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.update(agent, scheduler, "TASK_RUNNING", "TASK_FINISHED");
    driver.call(scheduler, { kind: "reconcile", tasks: [] });
    assert.equal(driver.takeUpdates(scheduler)[0]?.state, "TASK_RUNNING");
  });
});
