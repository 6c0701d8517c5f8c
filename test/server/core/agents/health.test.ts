/** Pings, missed pongs, lost links. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { MasterDriver } from "../master-driver.ts";

describe("health of agents", () => {
  it("an agent that answers stays; each ping has the next number", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const numbers: number[] = [];
    for (let count = 0; count < 20; count++) {
      for (const { number } of driver.takeMessages(agent, "ping")) {
        numbers.push(number);
        driver.say(agent.linkId, { kind: "pong", number });
      }
      driver.advance(15_000);
    }
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    assert.equal(driver.operator("getAgents").agents.agents[0]?.active, true);
  });

  it("becomes unreachable after five missed pings in a row, not after four", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    const agent = driver.register();
    driver.takeMessages(agent, "ping");
    driver.advance(74_999);
    assert.equal(driver.takeEvents(scheduler, "failure").length, 0);
    driver.advance(1);
    assert.equal(driver.takeEvents(scheduler, "failure")[0]?.agentId, agent.agentId);
    assert.equal(driver.closedLinks.get(agent.linkId)?.code, "ABORTED");
    const record = driver.registry.records.get(`agent/${agent.agentId}`);
    assert.equal(record?.kind === "agent" && record.state.kind, "unreachable");
  });

  it("one pong starts the count again", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    driver.advance(60_000);
    const last = driver.takeMessages(agent, "ping").at(-1);
    driver.say(agent.linkId, { kind: "pong", number: last?.number ?? 0 });
    driver.advance(75_000);
    assert.equal(driver.operator("getAgents").agents.agents.length, 1);
    driver.advance(15_000);
    assert.equal(driver.operator("getAgents").agents.agents.length, 0);
  });

  it("nothing is announced before unreachable is durable", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    driver.register();
    driver.writesAtOnce = false;
    driver.takeAllEvents(scheduler);
    driver.advance(75_000);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    driver.writeDone();
    assert.deepEqual(
      driver.takeAllEvents(scheduler).map((event) => event.kind),
      ["rescind", "failure"],
    );
  });

  it("a lost link rescinds the agent's offers at once, and it is not offered again until it is back", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    const agent = driver.register();
    const offer = driver.takeOffer(scheduler);
    driver.closeLink(agent);
    assert.equal(driver.takeEvents(scheduler, "rescind")[0]?.offerId, offer.offerId);
    driver.advance(10_000);
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.reregister(agent.agentId);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("a disconnected agent is unreachable after the reregister timeout", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    const agent = driver.register();
    driver.closeLink(agent);
    driver.advance(599_999);
    assert.equal(driver.takeEvents(scheduler, "failure").length, 0);
    driver.advance(1);
    assert.equal(driver.takeEvents(scheduler, "failure").length, 1);
  });
});
