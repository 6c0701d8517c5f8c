/** An operator's event stream: the state, then each change of it in order. That nothing is missing is shown by the random walk. */

import assert from "node:assert/strict";
import { operatorStreamsMax } from "../../../../server/core/limits.ts";
import type { OperatorEvent } from "../../../../server/core/operator/operator-event.ts";
import { cpusAndMem, MasterDriver } from "../master-driver.ts";

/** An event in a few words. */
function brief(event: OperatorEvent): string {
  switch (event.kind) {
    case "subscribed":
      return `subscribed ${event.state.agents.agents.length} ${event.state.frameworks.frameworks.length}`;
    case "heartbeat":
      return "heartbeat";
    case "taskAdded":
      return `taskAdded ${event.task.taskId?.value} ${event.task.state}`;
    case "taskUpdated":
      return `taskUpdated ${event.status.taskId?.value} ${event.state}`;
    case "agentAdded":
      return `agentAdded ${event.agent.active ? "active" : "inactive"}${event.agent.deactivated ? " deactivated" : ""}`;
    case "agentRemoved":
      return "agentRemoved";
    case "frameworkAdded":
    case "frameworkUpdated":
      return `${event.kind} ${event.framework.connected ? "connected" : "disconnected"}`;
    case "frameworkRemoved":
      return `frameworkRemoved ${event.info.name}`;
  }
}

describe("an operator's event stream", () => {
  it("begins with the state and a heartbeat, and tells what happens from then on", () => {
    const driver = new MasterDriver().lead();
    driver.register();
    const streamId = driver.watch();
    const take = (): readonly string[] => driver.takeOperatorEvents(streamId).map(brief);
    assert.deepEqual(take(), ["subscribed 1 0", "heartbeat"]);
    const agent = driver.register(cpusAndMem(4, 4_096), "other");
    const scheduler = driver.subscribe();
    assert.deepEqual(take(), ["agentAdded active", "frameworkAdded connected"]);
    const offer = driver.takeOffers(scheduler).find(({ agentId }) => agentId === agent.agentId);
    assert.ok(offer !== undefined);
    driver.launch(scheduler, offer);
    driver.update(agent, scheduler, "TASK_RUNNING");
    driver.update(agent, scheduler, "TASK_FINISHED");
    assert.deepEqual(take(), ["taskAdded task 6", "taskUpdated task TASK_RUNNING", "taskUpdated task TASK_FINISHED"]);
    driver.order({ kind: "deactivateAgent", agentId: agent.agentId });
    driver.closeLink(agent);
    driver.order({ kind: "markAgentGone", agentId: agent.agentId });
    const inactive = "agentAdded inactive deactivated";
    assert.deepEqual(take(), [inactive, inactive, "agentRemoved"]);
    driver.closeStream(scheduler);
    driver.order({ kind: "teardown", frameworkId: scheduler.frameworkId });
    const after = take();
    assert.deepEqual([after[0], after.at(-1)], ["frameworkUpdated disconnected", "frameworkRemoved framework"]);
  });

  it("tells what becomes of tasks that nobody reports on: lost with their agent, killed with their framework", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const aware = driver.subscribe({ partitionAware: true });
    driver.launch(aware, driver.takeOffer(aware));
    const streamId = driver.watch();
    driver.takeOperatorEvents(streamId);
    driver.closeLink(agent);
    driver.advance(700_000);
    const events = driver
      .takeOperatorEvents(streamId)
      .map(brief)
      .filter((event) => event !== "heartbeat");
    assert.deepEqual(events, ["agentAdded inactive", "taskUpdated task TASK_UNREACHABLE", "agentRemoved"]);
    driver.order({ kind: "teardown", frameworkId: aware.frameworkId });
    const ends = driver.takeOperatorEvents(streamId).map(brief);
    assert.deepEqual(ends.slice(-2), ["taskUpdated task TASK_KILLED", "frameworkRemoved framework"]);
  });

  it("says nothing twice: a repeated update, a reconnection that changes nothing of it", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.update(agent, scheduler, "TASK_RUNNING");
    const streamId = driver.watch();
    driver.takeOperatorEvents(streamId);
    const repeated = driver.effects.length;
    const { agentId, linkId } = agent;
    driver.order({ kind: "deactivateAgent", agentId });
    driver.order({ kind: "deactivateAgent", agentId });
    driver.say(linkId, { kind: "pong", number: 1 });
    assert.ok(driver.effects.length > repeated);
    assert.deepEqual(driver.takeOperatorEvents(streamId).map(brief), ["agentAdded inactive deactivated"]);
  });

  it("has a heartbeat in each interval, until it is closed", () => {
    const driver = new MasterDriver({ heartbeatIntervalMs: 1_000 }).lead();
    const streamId = driver.watch();
    driver.takeOperatorEvents(streamId);
    driver.advance(3_000);
    assert.deepEqual(driver.takeOperatorEvents(streamId).map(brief), ["heartbeat", "heartbeat", "heartbeat"]);
    driver.input({ kind: "operatorStreamClosed", streamId });
    driver.advance(10_000);
    driver.register();
    assert.deepEqual(driver.takeOperatorEvents(streamId), []);
  });

  it("ends for the oldest when there are too many, with the limit", () => {
    const driver = new MasterDriver().lead();
    const streams = Array.from({ length: operatorStreamsMax + 1 }, () => driver.watch());
    const [first, second] = streams;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual([...driver.closedStreams.keys()], [first]);
    assert.match(driver.closedStreams.get(first)?.message ?? "", /^event streams of operators must be at most 1000/);
    driver.takeOperatorEvents(first);
    driver.register();
    assert.deepEqual(driver.takeOperatorEvents(first), []);
    assert.equal(driver.takeOperatorEvents(second).at(-1)?.kind, "agentAdded");
  });

  it("is refused by a master that does not lead", () => {
    const driver = new MasterDriver();
    const streamId = driver.watch();
    assert.notEqual(driver.closedStreams.get(streamId), undefined);
    assert.deepEqual(driver.takeOperatorEvents(streamId), []);
  });
});
