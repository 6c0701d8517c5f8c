/** Frameworks that do not checkpoint: nothing of them is written, nothing waits for a write, and the next start ends what it finds. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AgentDriver, frameworkInfo, task } from "./agent-driver.ts";

/** A task of a framework that does not checkpoint. */
function volatileTask(id: string) {
  return { ...task(id), framework: { ...frameworkInfo(), checkpoint: false } };
}

describe("a framework without checkpoint", () => {
  it("H8: leaves no record, from its first task to the end of the last one", () => {
    const driver = AgentDriver.running();
    const before = [...driver.disk.keys()];
    driver.run(volatileTask("t1"));
    const containerId = driver.containerOf(volatileTask("t1"));
    assert.equal(driver.of("launchContainer")[0]?.spec.endsWithAgent, true);
    driver.step({ kind: "containerStarted", containerId });
    driver.acknowledge("t1", driver.lastStatus.uuid);
    driver.exited(containerId, 0);
    driver.acknowledge("t1", driver.lastStatus.uuid);
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_FINISHED"]);
    assert.equal(driver.of("checkpoint").length, 0, "nothing is written");
    assert.deepEqual([...driver.disk.keys()], before);
    assert.equal(driver.agent.describe().frameworkCount, 0);
  });

  it("waits for no write of its own, and for one in flight, so that the order of what is said stays", () => {
    const driver = AgentDriver.running();
    driver.run(task("kept"));
    driver.run(volatileTask("t1"));
    assert.equal(driver.of("launchContainer").length, 0);
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 2);
  });

  it("H7: is ended by the next start, which reports none of its tasks", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(volatileTask("t1"));
    const effects = driver.restart([{ containerId, state: "running" }]);
    assert.deepEqual(
      effects.filter(({ kind }) => kind === "killContainer" || kind === "removeContainer"),
      [
        { kind: "killContainer", containerId, graceMs: 0 },
        { kind: "removeContainer", containerId },
      ],
    );
    driver.connect();
    assert.deepEqual(driver.sent("reregister")[0]?.tasks, []);
    assert.deepEqual(driver.sent("statusUpdate"), []);
  });
});
