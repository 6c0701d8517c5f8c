/** Nobody but the agent itself speaks for its id, wherever the master finds that. */

import assert from "node:assert/strict";
import { assertDefined } from "../../../../common/assert.ts";
import { AgentId, type LinkId, OperationId, TaskId, Uuid } from "../../../../common/ids.ts";
import { TaskStatus } from "../../../../protos/gen/mesos/v1/mesos.ts";
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

  it("S23: nobody takes an id before the master has given it to an agent", () => {
    const { driver, agentId } = start();
    const next = AgentId(agentId.replace(/S0$/, "S1"));
    const { linkId } = driver.reregister(next, { agent: describedBy(guessed) });
    assert.deepEqual(driver.takeMessages(linkId, "refuse"), [
      { kind: "refuse", reason: `agent_id must be one that was given to the agent, is ${next}` },
    ]);
    const link = driver.openLink();
    driver.say(link, { kind: "register", agent: { ...describedBy(own), hostname: "elsewhere" } });
    assert.equal(driver.takeMessages(link, "registered")[0]?.agentId, next);
  });

  it("S23: an agent reports for nobody else, whether it names another agent or none", () => {
    for (const told of ["another", "none"] as const) {
      const { driver, scheduler, agentId } = start();
      const stranger = driver.openLink();
      driver.say(stranger, { kind: "register", agent: { ...describedBy(guessed), hostname: "elsewhere" } });
      driver.takeAllEvents(scheduler);
      const status = TaskStatus.create({ taskId: { value: "task" }, ...(told === "none" ? {} : { agentId: { value: agentId } }) });
      const { frameworkId } = scheduler;
      const state = "TASK_FINISHED";
      driver.say(stranger, { kind: "statusUpdate", frameworkId, taskId: TaskId("task"), state, uuid: guessed, latestState: state, status });
      assert.equal(driver.closedLinks.get(stranger)?.code, "INVALID_ARGUMENT");
      assert.deepEqual(driver.takeUpdates(scheduler), []);
    }
  });

  it("S23: an agent says nothing of operations on another, whether it names that, itself or none", () => {
    for (const told of ["another", "itself", "none"] as const) {
      const { driver, scheduler, agentId, linkId } = start();
      const stranger = driver.openLink();
      driver.say(stranger, { kind: "register", agent: { ...describedBy(guessed), hostname: "elsewhere" } });
      const itself = assertDefined(driver.takeMessages(stranger, "registered")[0], "registered").agentId;
      const { frameworkId } = scheduler;
      const key = { uuid: own, frameworkId, operationId: OperationId("op") };
      const status = { operationId: key.operationId, state: "OPERATION_FAILED", message: "", converted: [], uuid: own, agentId } as const;
      driver.say(linkId, { kind: "operationUpdate", key, status });
      driver.takeAllEvents(scheduler);
      const named = { another: agentId, itself, none: undefined }[told];
      driver.say(stranger, { kind: "operationUpdate", key, status: { ...status, agentId: named, uuid: guessed } });
      assert.equal(driver.closedLinks.has(stranger), told !== "itself");
      assert.deepEqual(
        driver.takeAllEvents(scheduler).filter(({ kind }) => kind === "operationUpdate"),
        [],
      );
    }
  });

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
