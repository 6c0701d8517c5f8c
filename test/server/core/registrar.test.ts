/** Writes to the registry: one at a time, batched, and nothing is visible before. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FrameworkId } from "../../../common/ids.ts";
import { cpusAndMem, describeAgent, MasterDriver, TestRegistry } from "./master-driver.ts";

describe("registrar", () => {
  it("operations that come during a write leave as one batch with the next version", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const links = ["a", "b", "c"].map((hostname) => {
      const linkId = driver.openLink();
      driver.say(linkId, { kind: "register", agent: describeAgent(cpusAndMem(1, 100), hostname) });
      return linkId;
    });
    assert.deepEqual(
      driver.writes.map((write) => [write.expectedVersion, write.changes.length]),
      [[1, 1]],
    );
    driver.writeDone();
    assert.deepEqual(
      driver.writes.map((write) => [write.expectedVersion, write.changes.length]),
      [[2, 2]],
    );
    assert.deepEqual(
      links.map((linkId) => driver.takeMessages(linkId, "registered").length),
      [1, 0, 0],
    );
    driver.writeDone();
    assert.deepEqual(
      links.map((linkId) => driver.takeMessages(linkId, "registered")[0]?.agentId),
      [undefined, "M1-S1", "M1-S2"],
    );
  });

  it("a key is written once in a batch, as it is last", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    driver.openLink();
    const streamId = driver.openStream({ framework: { failoverTimeoutMs: 10_000 } });
    const second = driver.openStream({ frameworkId: FrameworkId("M1-0000") });
    driver.writeDone();
    driver.closeStream({ frameworkId: FrameworkId("M1-0000"), streamId });
    driver.closeStream({ frameworkId: FrameworkId("M1-0000"), streamId: second });
    driver.writeDone();
    assert.deepEqual(
      driver.writes[0]?.changes.map((change) => [
        change.key,
        change.kind === "put" && change.record.kind === "framework" && change.record.state.kind,
      ]),
      [["framework/M1-0000", "disconnected"]],
    );
  });

  it("an agent is not offered and a framework not subscribed before they are durable", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    driver.writesAtOnce = false;
    const linkId = driver.openLink();
    driver.say(linkId, { kind: "register", agent: describeAgent(cpusAndMem(1, 100), "a") });
    const streamId = driver.openStream({});
    driver.advance(5_000);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    assert.equal(driver.takeEvents(streamId, "subscribed").length, 0);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
    driver.writeDone();
    driver.writeDone();
    assert.equal(driver.takeOffers(scheduler).length, 1);
    assert.equal(driver.takeEvents(streamId, "subscribed").length, 1);
  });

  it("a store that cannot write ends the master", () => {
    const driver = new MasterDriver({}, new TestRegistry()).lead();
    driver.input({ kind: "registryFailed", reason: "disk full" });
    assert.match(driver.exitReason ?? "", /disk full/);
  });
});
