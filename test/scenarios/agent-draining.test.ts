/** The reference's own cases of DRAIN_AGENT and REACTIVATE_AGENT, as the master and its frameworks see them. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type AgentId, TaskId } from "../../common/ids.ts";
import type { OperatorCall } from "../../server/core/operator/operator-call.ts";
import { ordered, refusalOf } from "../server/core/maintenance/windows.ts";
import { type ConnectedAgent, MasterDriver, reportTask } from "../server/core/master-driver.ts";

const drain = (agentId: AgentId, markGone = false): OperatorCall => ({ kind: "drainAgent", agentId, maxGraceMs: 0, markGone });
const reactivate = (agentId: AgentId): OperatorCall => ({ kind: "reactivateAgent", agentId });
const agentMessage = (driver: MasterDriver) => driver.operator("getAgents").agents.agents[0];
const standingOf = (driver: MasterDriver) => [agentMessage(driver)?.deactivated, agentMessage(driver)?.drainInfo?.state];
const draining = [true, 1];
const drained = [true, 2];

function idle() {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }).lead();
  const agent = driver.register();
  return { driver, agent, agentId: agent.agentId };
}

function running() {
  const { driver, agent, agentId } = idle();
  const scheduler = driver.subscribe({ partitionAware: true });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  driver.takeAllEvents(scheduler);
  /** The agent's side of the drain, and the acknowledgement. */
  const endTask = (on: ConnectedAgent, state: "TASK_KILLED" | "TASK_GONE_BY_OPERATOR"): void => {
    const uuid = driver.update(on, scheduler, state);
    driver.call(scheduler, { kind: "acknowledge", agentId, taskId: TaskId("task"), uuid });
  };
  return { driver, agent, agentId, scheduler, endTask };
}

describe("the reference's cases of draining", () => {
  it("M13: an idle agent is drained at once, and shows it", () => {
    const { driver, agentId } = idle();
    ordered(driver, drain(agentId));
    assert.deepEqual(standingOf(driver), drained);
    assert.ok(agentMessage(driver)?.estimatedDrainStartTime !== undefined);
  });

  it("M14: a drained agent that is reactivated while it is away is offered when it is back", () => {
    const { driver, agent, agentId } = idle();
    const scheduler = driver.subscribe();
    ordered(driver, drain(agentId));
    driver.closeLink(agent);
    driver.takeAllEvents(scheduler);
    ordered(driver, reactivate(agentId));
    assert.deepEqual(driver.takeOffers(scheduler), []);
    const back = driver.reregister(agentId);
    driver.launch(scheduler, driver.takeOffer(scheduler));
    assert.equal(driver.takeMessages(back, "runTask").length, 1);
  });

  it("M15: an idle agent with mark_gone is gone at once", () => {
    const { driver, agent, agentId } = idle();
    ordered(driver, drain(agentId, true));
    assert.equal(driver.takeMessages(agent, "refuse").length, 1);
    assert.equal(agentMessage(driver), undefined);
  });

  for (const [name, waitMs] of [
    ["M16: a disconnected agent", 0],
    ["M17: an unreachable agent", 60_000],
  ] as const) {
    it(`${name} is drained when it returns`, () => {
      const { driver, agent, agentId } = idle();
      driver.closeLink(agent);
      driver.advance(waitMs);
      ordered(driver, drain(agentId));
      const back = driver.reregister(agentId);
      assert.equal(driver.takeMessages(back, "drain").length, 1);
      assert.deepEqual(standingOf(driver), drained);
    });
  }

  it("M18: a running task is killed; after the acknowledgement the agent is drained, and offered again when reactivated", () => {
    const { driver, agent, agentId, scheduler, endTask } = running();
    ordered(driver, drain(agentId));
    assert.deepEqual(driver.takeMessages(agent, "drain"), [{ kind: "drain", maxGraceMs: 0, markGone: false }]);
    assert.deepEqual(standingOf(driver), draining);
    endTask(agent, "TASK_KILLED");
    assert.deepEqual(standingOf(driver), drained);
    ordered(driver, reactivate(agentId));
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("M19: with mark_gone the agent is gone after the acknowledgement", () => {
    const { driver, agent, agentId, endTask } = running();
    ordered(driver, drain(agentId, true));
    assert.equal(driver.takeMessages(agent, "refuse").length, 0);
    endTask(agent, "TASK_GONE_BY_OPERATOR");
    assert.equal(driver.takeMessages(agent, "refuse").length, 1);
  });

  for (const [name, waitMs, told] of [
    ["M20: a disconnected agent", 0, []],
    ["M21: an unreachable agent", 60_000, ["TASK_RUNNING"]],
  ] as const) {
    it(`${name} with a task that lives is drained when it returns`, () => {
      const { driver, agent, agentId, scheduler, endTask } = running();
      driver.closeLink(agent);
      driver.advance(waitMs);
      driver.takeAllEvents(scheduler);
      ordered(driver, drain(agentId));
      const back = driver.reregister(agentId, { tasks: [reportTask(scheduler.frameworkId)] });
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ state }) => state),
        told,
      );
      endTask(back, "TASK_KILLED");
      assert.deepEqual(standingOf(driver), drained);
      ordered(driver, reactivate(agentId));
      assert.equal(driver.takeOffers(scheduler).length, 1);
    });
  }

  it("M22: an agent cannot be reactivated while it drains", () => {
    const { driver, agentId } = running();
    ordered(driver, drain(agentId));
    assert.equal(refusalOf(driver, reactivate(agentId)).code, "FAILED_PRECONDITION");
  });
});
