/** The reference's own cases of DRAIN_AGENT and REACTIVATE_AGENT with a real master, real agents and real tasks. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import type { AgentProcess } from "./agent-process.ts";
import { CaseCluster, type CaseFramework, stubborn } from "./case-cluster.ts";
import { until } from "./until.ts";

interface Running {
  readonly agent: AgentProcess;
  readonly agentId: string;
  readonly framework: CaseFramework;
}

describe("the reference's cases of draining on a real cluster", () => {
  let cluster: CaseCluster;

  before(async () => {
    cluster = await CaseCluster.start(["--agent-reregister-timeout=3s"]);
  });
  after(() => cluster.end());
  afterEach(() => cluster.endCase());

  const drained = (agentId: string): Promise<boolean> => until(() => cluster.isDrained(agentId));

  async function running(hostname: string, command = "sleep 600"): Promise<Running> {
    const { agent, agentId } = await cluster.startAgent(hostname);
    const framework = await cluster.subscribe({ partitionAware: true });
    await framework.runTask(agentId, { command });
    return { agent, agentId, framework };
  }

  /** Its one task has ended, so the agent's id is in its checkpoint by now: a crash does not make it another agent. */
  async function idle(hostname: string): Promise<Running> {
    const one = await running(hostname, "true");
    await until(() => one.framework.heard.at(-1)?.startsWith("TASK_FINISHED") === true);
    return one;
  }

  /** Killed like a crash: its tasks live on. Resolves when the master has seen it. */
  async function crash(agent: AgentProcess, agentId: string): Promise<void> {
    await agent.end("SIGKILL");
    await until(async () => (await cluster.agent(agentId))?.active !== true);
  }

  it("M13: an idle agent is drained at once, and shows it", async () => {
    const { agentId } = await cluster.startAgent("m13");
    await cluster.operator.drainAgent(agentId);
    await drained(agentId);
    assert.ok((await cluster.agent(agentId))?.estimatedDrainStartTime !== undefined);
  });

  it("M14: a drained agent that is reactivated while it is away is offered when it is back", async () => {
    const { agent, agentId, framework } = await idle("m14");
    await cluster.operator.drainAgent(agentId);
    await drained(agentId);
    await crash(agent, agentId);
    await cluster.operator.reactivateAgent(agentId);
    assert.deepEqual([...framework.offers.keys()], []);
    assert.equal((await cluster.startAgent("m14")).agentId, agentId);
    await framework.runTask(agentId, { name: "after" });
  });

  it("M15: an idle agent with mark_gone is gone at once", async () => {
    const { agent, agentId } = await cluster.startAgent("m15");
    await cluster.operator.drainAgent(agentId, { markGone: true });
    assert.equal((await agent.exited).code, 3);
    assert.equal(await cluster.agent(agentId), undefined);
  });

  it("M16: a disconnected agent is drained when it returns", async () => {
    const { agent, agentId } = await idle("m16");
    await crash(agent, agentId);
    await cluster.operator.drainAgent(agentId);
    await cluster.startAgent("m16");
    await drained(agentId);
  });

  it("M17: an unreachable agent is drained when it returns", async () => {
    const { agent, agentId } = await idle("m17");
    await agent.end("SIGKILL");
    await until(async () => (await cluster.agent(agentId)) === undefined);
    await cluster.operator.drainAgent(agentId);
    assert.equal((await cluster.startAgent("m17")).agentId, agentId);
    await drained(agentId);
  });

  it("M18: a running task is killed; after the acknowledgement the agent is drained, and offered again when reactivated", async () => {
    const { agentId, framework } = await running("m18", stubborn);
    await cluster.operator.drainAgent(agentId, { maxGraceMs: 0 });
    await drained(agentId);
    assert.equal(framework.heard.at(-1), "TASK_KILLED REASON_AGENT_DRAINING");
    assert.deepEqual([...framework.offers.keys()], []);
    await cluster.operator.reactivateAgent(agentId);
    await framework.offerOf(agentId);
  });

  it("M19: with mark_gone the agent is gone after the acknowledgement", async () => {
    const { agent, agentId, framework } = await running("m19");
    await cluster.operator.drainAgent(agentId, { maxGraceMs: 0, markGone: true });
    assert.equal((await agent.exited).code, 3);
    assert.equal(
      framework.heard.find((line) => !line.startsWith("TASK_RUNNING")),
      "TASK_GONE_BY_OPERATOR REASON_AGENT_DRAINING",
    );
    assert.equal(await cluster.agent(agentId), undefined);
  });

  it("M20: a disconnected agent with a task that lives is drained when it returns", async () => {
    const { agent, agentId, framework } = await running("m20");
    await crash(agent, agentId);
    await cluster.operator.drainAgent(agentId, { maxGraceMs: 0 });
    assert.equal((await cluster.startAgent("m20")).agentId, agentId);
    await drained(agentId);
    assert.equal(framework.heard.at(-1), "TASK_KILLED REASON_AGENT_DRAINING");
    await cluster.operator.reactivateAgent(agentId);
    await framework.offerOf(agentId);
  });

  it("M21: an unreachable agent with a task that lives is drained when it returns", async () => {
    const { agent, agentId, framework } = await running("m21");
    await agent.end("SIGKILL");
    await until(() => framework.heard.at(-1) === "FAILURE");
    assert.equal(framework.heard.at(-2), "TASK_UNREACHABLE REASON_AGENT_REMOVED");
    await cluster.operator.drainAgent(agentId, { maxGraceMs: 0 });
    assert.equal((await cluster.startAgent("m21")).agentId, agentId);
    await drained(agentId);
    assert.deepEqual(
      framework.heard.slice(-2).map((line) => line.split(" ")[0]),
      ["TASK_RUNNING", "TASK_KILLED"],
    );
    await cluster.operator.reactivateAgent(agentId);
    await framework.offerOf(agentId);
  });

  it("M22: an agent cannot be reactivated while it drains", async () => {
    const { agentId } = await running("m22", stubborn);
    await cluster.operator.drainAgent(agentId, { maxGraceMs: 3_600_000 });
    await assert.rejects(cluster.operator.reactivateAgent(agentId), /FAILED_PRECONDITION: .*is draining/);
  });
});
