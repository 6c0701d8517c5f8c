/** New agents. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { assertDefined } from "../../../../common/assert.ts";
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

  describe("in the place of another agent", () => {
    const placed = { ...agent, resources: cpusAndMem(4, 4_096), info: { ...agent.info, port: 6051 } };

    function registerPlaced(driver: MasterDriver) {
      const linkId = driver.openLink();
      driver.say(linkId, { kind: "register", agent: placed, holdings: undefined });
      return { linkId, agentId: assertDefined(driver.takeMessages(linkId, "registered")[0], "registered").agentId };
    }

    it("H16: means that the one before is gone: its tasks are announced, its id is retired", () => {
      const driver = new MasterDriver().lead();
      const scheduler = driver.subscribe();
      const before = registerPlaced(driver);
      driver.launch(scheduler, driver.takeOffer(scheduler), { agentId: before.agentId });
      driver.update(before, scheduler, "TASK_RUNNING");
      driver.takeAllEvents(scheduler);
      driver.closeLink(before);
      const after = registerPlaced(driver);
      assert.notEqual(after.agentId, before.agentId);
      const [status] = driver.takeUpdates(scheduler);
      assert.deepEqual([status?.state, status?.reason], ["TASK_LOST", "REASON_AGENT_REMOVED"]);
      assert.deepEqual(
        driver.operator("getAgents").agents.agents.map(({ agentInfo }) => agentInfo?.id?.value),
        [after.agentId],
      );
      const back = driver.reregister(before.agentId);
      assert.equal(driver.takeMessages(back, "refuse").length, 1);
    });

    it("S23: waits as long as the one before is connected, since every process of the machine could say that it is there", () => {
      const driver = new MasterDriver().lead();
      const scheduler = driver.subscribe();
      const before = registerPlaced(driver);
      driver.launch(scheduler, driver.takeOffer(scheduler), { agentId: before.agentId });
      driver.update(before, scheduler, "TASK_RUNNING");
      driver.takeAllEvents(scheduler);
      const linkId = driver.openLink();
      const register = () => driver.say(linkId, { kind: "register", agent: placed, holdings: undefined });
      register();
      assert.deepEqual([driver.takeMessages(linkId, "registered"), driver.takeAllEvents(scheduler)], [[], []]);
      assert.equal(driver.closedLinks.has(before.linkId), false);
      driver.closeLink(before);
      register();
      assert.equal(driver.takeMessages(linkId, "registered").length, 1);
      assert.deepEqual(
        driver.takeUpdates(scheduler).map(({ state }) => state),
        ["TASK_LOST"],
      );
    });

    it("also ends an id that its agent never heard of, because the link died during the write", () => {
      const driver = new MasterDriver().lead();
      driver.writesAtOnce = false;
      const linkId = driver.openLink();
      driver.say(linkId, { kind: "register", agent: placed, holdings: undefined });
      driver.input({ kind: "agentLinkClosed", linkId });
      driver.writesAtOnce = true;
      driver.writeDone();
      const after = registerPlaced(driver);
      assert.deepEqual(
        driver.operator("getAgents").agents.agents.map(({ agentInfo }) => agentInfo?.id?.value),
        [after.agentId],
      );
    });

    it("is not taken for the same agent that returns with its id", () => {
      const driver = new MasterDriver().lead();
      const before = registerPlaced(driver);
      driver.closeLink(before);
      driver.reregister(before.agentId, { agent: placed });
      assert.equal(driver.operator("getAgents").agents.agents.length, 1);
    });
  });
});
