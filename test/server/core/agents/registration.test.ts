/** New agents. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { cpusAndMem, describeAgent, MasterDriver } from "../master-driver.ts";

const agent = describeAgent(cpusAndMem(1, 100), "a");

describe("registration of agents", () => {
  it("gives each agent an id of its own, written into its AgentInfo and the registry", () => {
    const driver = new MasterDriver().lead();
    assert.equal(driver.register().agentId, "M1-S0");
    assert.equal(driver.register().agentId, "M1-S1");
    assert.equal(driver.operator("getAgents").agents.agents[1]?.agentInfo?.id?.value, "M1-S1");
    assert.ok(driver.registry.records.has("agent/M1-S1"));
  });

  it("ignores a second registration while the first is written, and answers a later one with the same id", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const linkId = driver.openLink();
    driver.say(linkId, { kind: "register", agent });
    driver.say(linkId, { kind: "register", agent });
    driver.writeDone();
    assert.equal(driver.writes.length, 0);
    driver.say(linkId, { kind: "register", agent });
    assert.deepEqual(
      driver.takeMessages(linkId, "registered").map((message) => message.agentId),
      ["M1-S0", "M1-S0"],
    );
  });

  it("an agent whose link closed during the write must register again in time", () => {
    const driver = new MasterDriver({ agentReregisterTimeoutMs: 30_000 }).lead();
    const scheduler = driver.subscribe();
    driver.writesAtOnce = false;
    const linkId = driver.openLink();
    driver.say(linkId, { kind: "register", agent });
    driver.input({ kind: "agentLinkClosed", linkId });
    driver.writeDone();
    driver.writesAtOnce = true;
    driver.advance(29_999);
    assert.equal(driver.takeEvents(scheduler, "failure").length, 0);
    driver.advance(1);
    assert.equal(driver.takeEvents(scheduler, "failure").length, 1);
    assert.equal(driver.takeOffers(scheduler).length, 0);
  });

  it("messages of a link that nobody opened have no effect", () => {
    const driver = new MasterDriver().lead();
    const linkId = driver.openLink();
    driver.input({ kind: "agentLinkClosed", linkId });
    driver.say(linkId, { kind: "register", agent });
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
  });
});
