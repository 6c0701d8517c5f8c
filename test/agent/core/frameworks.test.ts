/** What the agent does when a framework is shut down or changes its description. */

import assert from "node:assert/strict";
import { FrameworkId } from "../../../common/ids.ts";
import { AgentDriver, frameworkId, frameworkInfo, task } from "./agent-driver.ts";

describe("the end of a framework on an agent", () => {
  it("kills what runs, launches nothing more, forwards nothing, and leaves no record", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("runs", { capabilities: ["TASK_KILLING_STATE"] }));
    const ended = driver.runUntilRunning(task("ended"));
    driver.exited(ended, 0);
    driver.settle();
    driver.run(task("new"));
    const sentBefore = driver.sentStates.length;
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 3_000 }]);
    assert.deepEqual([...driver.disk.keys()], ["agent", `framework/${frameworkId}`, `task/${frameworkId}/runs`]);
    driver.run(task("late"));
    driver.exited(containerId, 143);
    driver.confirm();
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 2);
    assert.equal(driver.sentStates.length, sentBefore);
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
    assert.deepEqual(driver.of("removeContainer").at(-1), { kind: "removeContainer", containerId });
  });

  it("lets a container go only when its task is durably forgotten", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    driver.exited(containerId, 143);
    assert.deepEqual(driver.of("removeContainer"), []);
    driver.settle();
    assert.deepEqual(driver.of("removeContainer"), [{ kind: "removeContainer", containerId }]);
  });

  it("kills a task that is being launched, and says nothing of it", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.settle();
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    assert.equal(driver.of("killContainer").length, 1);
    driver.step({ kind: "containerStarted", containerId: driver.containerOf(task("t1")) });
    assert.equal(driver.of("killContainer").length, 2);
    assert.deepEqual(driver.sentStates, []);
  });

  it("means nothing when the agent has nothing of it", () => {
    const driver = AgentDriver.running();
    const stranger = FrameworkId("M1-0009");
    assert.deepEqual(driver.master({ kind: "shutdownFramework", frameworkId: stranger }), []);
    assert.deepEqual(
      driver.master({ kind: "updateFramework", frameworkId: stranger, framework: frameworkInfo(), sameScheduler: false }),
      [],
    );
  });
});
