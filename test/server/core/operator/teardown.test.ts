/** TEARDOWN by an operator: as by the framework itself, wherever its scheduler is. */

import assert from "node:assert/strict";
import { FrameworkId } from "../../../../common/ids.ts";
import { MasterDriver } from "../master-driver.ts";

describe("TEARDOWN by an operator", () => {
  it("is answered when it is durable; nothing of the framework is left", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.writesAtOnce = false;
    const callId = driver.order({ kind: "teardown", frameworkId: scheduler.frameworkId });
    assert.equal(driver.outcomeOf(callId), undefined);
    assert.deepEqual(driver.takeMessages(agent, "shutdownFramework"), []);
    driver.writeDone();
    assert.equal(driver.outcomeOf(callId), "done");
    assert.equal(driver.isAnswered(callId), false, "no scheduler waited");
    assert.deepEqual([...driver.closedStreams.entries()], [[scheduler.streamId, undefined]]);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
    assert.equal(driver.operator("getFrameworks").frameworks.completedFrameworks.length, 1);
    assert.deepEqual(
      driver.operator("getTasks").tasks.completedTasks.map((task) => task.state),
      [4],
    );
    assert.equal(driver.takeEvents(driver.openStream({ frameworkId: scheduler.frameworkId }), "error").length, 1);
  });

  it("ends a framework whose scheduler is away, and one that has not come back since a failover", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    driver.closeStream(scheduler);
    assert.equal(driver.outcomeOf(driver.order({ kind: "teardown", frameworkId: scheduler.frameworkId })), "done");
    const other = driver.subscribe();
    const next = new MasterDriver({}, driver.registry).lead();
    assert.equal(next.outcomeOf(next.order({ kind: "teardown", frameworkId: other.frameworkId })), "done");
    assert.equal(next.takeEvents(next.openStream({ frameworkId: other.frameworkId }), "error").length, 1);
  });

  it("is refused for a framework that nobody knows, that has ended or is ending, without effect", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    const refusal = (frameworkId: FrameworkId) => driver.refusalOf(driver.order({ kind: "teardown", frameworkId }));
    const must = "teardown.framework_id must be of a framework of the cluster";
    assert.deepEqual(refusal(FrameworkId("x")), { code: "NOT_FOUND", message: `${must}, x is not known` });
    driver.writesAtOnce = false;
    const first = driver.order({ kind: "teardown", frameworkId: scheduler.frameworkId });
    assert.equal(refusal(scheduler.frameworkId)?.code, "UNAVAILABLE");
    driver.writeDone();
    assert.equal(driver.outcomeOf(first), "done");
    assert.deepEqual(refusal(scheduler.frameworkId), { code: "NOT_FOUND", message: `${must}, ${scheduler.frameworkId} has ended` });
    assert.equal(driver.writes.length, 0);
  });
});
