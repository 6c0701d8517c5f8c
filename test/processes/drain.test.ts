/** Orders of an operator about a real agent, over the real service: drain, deactivate, reactivate, gone. */

import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { OperatorClient } from "../../client/operator-client.ts";
import { TaskState, TaskStatus_Reason } from "../../protos/gen/mesos/v1/mesos.ts";
import { offersIn, oneTask, SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

/** Ignores SIGTERM, so that only the end of its grace ends it; says in its sandbox when it has begun to. */
const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.1; done";

const killedByDrain = { state: TaskState.TASK_KILLED, reason: TaskStatus_Reason.REASON_AGENT_DRAINING };

describe("an operator's orders about a real agent", () => {
  let cluster: SdkCluster;
  let operator: OperatorClient;

  beforeEach(async () => {
    cluster = await SdkCluster.start({ name: "drained", masterFlags: ["--heartbeat-interval=200ms"] });
    operator = new OperatorClient({ masters: [cluster.masterAddress] });
  });
  afterEach(async () => {
    operator[Symbol.dispose]();
    await cluster.stop();
  });

  /** Launches a task that is to run when this resolves; answers the agent's id. */
  async function runTask(command: string): Promise<string> {
    const agentId = await cluster.launch((agentId) => [oneTask(agentId, command)]);
    await cluster.reached("t", TaskState.TASK_RUNNING);
    return agentId;
  }

  function isReady(): boolean {
    return globSync(join(cluster.workDir, "**", "ready")).length > 0;
  }

  /** Of the newest update. */
  function told(): unknown {
    const { state, reason } = cluster.updates().at(-1) ?? {};
    return { state, reason };
  }

  const offerCount = (): number => offersIn(cluster.heard).length;

  async function drainState(): Promise<number | undefined> {
    return (await operator.getAgents()).agents[0]?.drainInfo?.state;
  }

  it("drains an agent with a bound on the grace, offers it no more, and gives it back", async () => {
    const agentId = await runTask(stubborn);
    await until(isReady);
    await operator.drainAgent(agentId, { maxGraceMs: 300 });
    await until(async () => (await drainState()) === 2);
    assert.deepEqual(told(), killedByDrain);
    const seen = offerCount();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(offerCount(), seen);
    await operator.reactivateAgent(agentId);
    await until(() => offerCount() > seen);
  });

  it("goes on with a drain when master and agent are killed in the middle of it", async () => {
    const agentId = await runTask(stubborn);
    await until(isReady);
    await operator.drainAgent(agentId, { maxGraceMs: 60_000 });
    assert.equal(await drainState(), 1);
    await Promise.all([cluster.master.end("SIGKILL"), cluster.agent.end("SIGKILL")]);
    await cluster.startMaster();
    await cluster.startAgent();
    assert.equal(await drainState(), 1);
    await assert.rejects(operator.reactivateAgent(agentId), /FAILED_PRECONDITION: .*is draining/);
    await operator.drainAgent(agentId, { maxGraceMs: 100 });
    await until(async () => (await drainState()) === 2);
    assert.deepEqual(told(), killedByDrain);
  });

  it("marks an agent gone: it is told to end, its task is announced, and the same place gets a new id", async () => {
    const agentId = await runTask("sleep 600");
    await operator.markAgentGone(agentId);
    await cluster.agent.exited;
    await until(() => cluster.updates().some(({ state }) => state === TaskState.TASK_GONE_BY_OPERATOR));
    await cluster.startAgent();
    const [registered] = (await operator.getAgents()).agents;
    assert.notEqual(registered?.agentInfo?.id?.value, agentId);
  });

  it("is done with `tepui agent`, too", async () => {
    const agentId = await runTask("sleep 600");
    const tepui = (...words: string[]): Promise<string> => cluster.tepui("agent", ...words);
    assert.match(
      await cluster.refused("agent", "drain", "no-id"),
      /NOT_FOUND: .*no-id is not known.*\nGive the id of an agent; `tepui agent list` shows it\./,
    );
    assert.match(await tepui("list"), new RegExp(`^ID .*\n${agentId} +\\S+ +active +1/4 +0/1024 `));
    assert.equal(
      await tepui("drain", agentId, "--max-grace", "100ms"),
      `agent ${agentId} drains; \`tepui agent list\` says when it is done\n`,
    );
    await until(async () => (await drainState()) === 2);
    assert.match(await tepui("list"), / drained +0\/4/);
    assert.deepEqual(JSON.parse(await tepui("reactivate", agentId, "--json")), { agent_id: agentId, ok: true });
    assert.equal((await operator.getAgents()).agents[0]?.active, true);
  });

  it("says what is wrong with an order", async () => {
    const agentId = await runTask("sleep 600");
    await assert.rejects(
      operator.drainAgent("nobody"),
      /NOT_FOUND: drain_agent.agent_id must be of an agent of the cluster, nobody is not known/,
    );
    await assert.rejects(operator.reactivateAgent(agentId), /FAILED_PRECONDITION: .*is active/);
    await assert.rejects(
      operator.drainAgent(agentId, { maxGraceMs: -5_000 }),
      /INVALID_ARGUMENT: drain_agent.max_grace_period must not be negative/,
    );
    assert.equal(cluster.updates().at(-1)?.state, TaskState.TASK_RUNNING);
  });
});
