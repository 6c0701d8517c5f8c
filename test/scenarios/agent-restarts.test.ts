/** An agent that dies at one named moment and starts again: rows H4 and H14, on the core with its checkpoint in hand. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentDriver, task } from "../agent/core/agent-driver.ts";

describe("an agent that restarts", () => {
  it("H4: between a kill and the launch of its task says TASK_KILLED, and launches nothing", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.confirm();
    driver.kill("t1", 1_000);
    driver.write();
    driver.restart();
    driver.settle();
    driver.connect();
    assert.deepEqual(driver.sentStates, ["TASK_KILLED"]);
    assert.equal(driver.lastStatus.reason, "REASON_TASK_KILLED_DURING_LAUNCH");
    assert.deepEqual(driver.of("launchContainer"), []);
  });

  it("H4: after a kill of a task that it had only recorded keeps the end that it said, and says it again", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.kill("t1");
    driver.settle();
    const said = driver.sent("statusUpdate");
    assert.deepEqual(driver.sentStates, ["TASK_KILLED"]);
    driver.restart();
    driver.settle();
    driver.connect();
    assert.deepEqual(driver.sent("statusUpdate"), said);
  });

  it("H14, B11: before the launch of a task drops it, and never launches it late", () => {
    for (const [capabilities, state] of [
      [["PARTITION_AWARE" as const], "TASK_DROPPED"],
      [[], "TASK_LOST"],
    ] as const) {
      const driver = AgentDriver.running();
      driver.run(task("t1", { capabilities: [...capabilities] }));
      driver.confirm();
      driver.restart();
      driver.settle();
      driver.connect();
      assert.deepEqual([driver.sentStates, driver.lastStatus.reason], [[state], "REASON_AGENT_RESTARTED"]);
      assert.deepEqual(driver.of("launchContainer"), []);
    }
  });
});
