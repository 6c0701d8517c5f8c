/** Group commit as it looks from outside: batches, what waits for them, and a disk that is full. */

import assert from "node:assert/strict";
import { AgentDriver, task } from "./agent-driver.ts";

describe("the checkpoint of an agent", () => {
  it("lets changes that come while a batch is in flight leave as one batch", () => {
    const driver = AgentDriver.running();
    driver.run(task("t1"));
    driver.run(task("t2"));
    driver.run(task("t3"));
    assert.equal(driver.of("checkpoint").length, 1);
    driver.confirm();
    const [first, second] = driver.of("checkpoint");
    assert.equal(first?.changes.length, 2);
    assert.deepEqual(
      second?.changes.map((change) => change.key.split("/").at(-1)),
      ["t2", "t3"],
    );
    assert.deepEqual(
      driver.of("launchContainer").map(({ spec }) => spec.task?.taskId),
      ["t1"],
    );
    driver.confirm();
    assert.equal(driver.of("launchContainer").length, 3);
  });

  it("that cannot be written ends the agent, with nothing said of what waited", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t0"));
    driver.effects = [];
    driver.run(task("t1"));
    const effects = driver.step({ kind: "checkpointFailed", batch: 2, reason: "database or disk is full" });
    assert.deepEqual(effects, [{ kind: "exit", code: 1, reason: "the checkpoint cannot be written: database or disk is full" }]);
    assert.deepEqual(driver.of("launchContainer"), []);
    assert.deepEqual(driver.step({ kind: "tick" }), []);
    assert.equal(driver.agent.nextDeadlineMs(), undefined);
  });

  it("that is confirmed without having been asked for is a bug", () => {
    const driver = AgentDriver.running();
    assert.throws(() => driver.step({ kind: "checkpointed", batch: 77 }), /batch 77 became durable while none was in flight/);
  });
});
