/** Nobody but the agent itself speaks for its id, wherever the master finds that. */

import assert from "node:assert/strict";
import { assertDefined } from "../../../../common/assert.ts";
import { type AgentId, type LinkId, Uuid } from "../../../../common/ids.ts";
import { cpusAndMem, describeAgent, MasterDriver, reportTask, type Scheduler, TestRegistry } from "../master-driver.ts";

const [own, guessed] = [Uuid("0a".repeat(16)), Uuid("0b".repeat(16))];
const describedBy = (credential: Uuid | undefined) => ({ ...describeAgent(cpusAndMem(4, 4_096), "host"), credential });

interface Cluster {
  readonly driver: MasterDriver;
  readonly scheduler: Scheduler;
  readonly agentId: AgentId;
  readonly linkId: LinkId;
}

/** An agent with a credential and a running task. */
function start(credential: Uuid | undefined = own, registry = new TestRegistry()): Cluster {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, registry).lead();
  const linkId = driver.openLink();
  driver.say(linkId, { kind: "register", agent: describedBy(credential) });
  const { agentId } = assertDefined(driver.takeMessages(linkId, "registered")[0], "registered");
  const scheduler = driver.subscribe({ partitionAware: true });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update({ linkId, agentId }, scheduler, "TASK_RUNNING");
  driver.takeAllEvents(scheduler);
  return { driver, scheduler, agentId, linkId };
}

/** Where a master may find the id of an agent. */
const places: Readonly<Record<string, () => Cluster>> = {
  connected: () => start(),
  disconnected: () => {
    const cluster = start();
    cluster.driver.input({ kind: "agentLinkClosed", linkId: cluster.linkId });
    return cluster;
  },
  unreachable: () => {
    const cluster = start();
    cluster.driver.advance(75_000);
    return cluster;
  },
  "known from the registry": () => {
    const registry = new TestRegistry();
    const before = start(own, registry);
    const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000 }, registry).lead();
    return { ...before, driver, scheduler: driver.subscribe({ partitionAware: true }, before.scheduler.frameworkId) };
  },
};

describe("the identity of agents", () => {
  for (const [place, found] of Object.entries(places)) {
    it(`S23: with another credential nobody takes over an agent that is ${place}, or says that it leaves`, () => {
      const { driver, scheduler, agentId } = found();
      driver.takeAllEvents(scheduler);
      const message = `credential must be that of agent ${agentId}`;
      for (const credential of [guessed, undefined]) {
        const { linkId } = driver.reregister(agentId, { agent: describedBy(credential), tasks: [] });
        assert.deepEqual(driver.closedLinks.get(linkId), { code: "PERMISSION_DENIED", message });
        const farewell = driver.openLink();
        driver.say(farewell, { kind: "unregister", agentId, credential, alive: [] });
        assert.deepEqual(driver.closedLinks.get(farewell), { code: "PERMISSION_DENIED", message });
      }
      assert.deepEqual(driver.takeAllEvents(scheduler), [], "no framework hears of it");
      const record = driver.registry.records.get(`agent/${agentId}`);
      assert.notEqual(record?.kind === "agent" && record.state.kind, "removed");

      const tasks = [reportTask(scheduler.frameworkId)];
      const back = driver.reregister(agentId, { agent: describedBy(own), tasks });
      assert.equal(driver.takeMessages(back, "reregistered").length, 1, "the agent itself comes back");
    });
  }

  it("S23: a stranger does not cut the link of the agent that it means", () => {
    const { driver, agentId, linkId } = start();
    driver.reregister(agentId, { agent: describedBy(guessed) });
    assert.equal(driver.closedLinks.has(linkId), false);
    assert.equal(driver.operator("getAgents").agents.agents[0]?.active, true);
  });

  it("an agent that was admitted without a credential gets one when it comes back with it", () => {
    const { driver, agentId } = start(undefined);
    driver.reregister(agentId, { agent: describedBy(own) });
    const record = driver.registry.records.get(`agent/${agentId}`);
    assert.equal(record?.kind === "agent" && record.agent.credential, own);
    const { linkId } = driver.reregister(agentId, { agent: describedBy(guessed) });
    assert.equal(driver.closedLinks.get(linkId)?.code, "PERMISSION_DENIED");
  });
});
