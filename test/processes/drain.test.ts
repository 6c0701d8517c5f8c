/** Orders of an operator about a real agent, over the real service: drain, deactivate, reactivate, gone. */

import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorClient } from "../../client/operator-client.ts";
import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import { FrameworkInfo_Capability_Type, TaskInfo, TaskState, TaskStatus_Reason, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { Tool } from "../cli/tool.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";

/** Ignores SIGTERM, so that only the end of its grace ends it; says in its sandbox when it has begun to. */
const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.1; done";

describe("an operator's orders about a real agent", () => {
  let folder: string;
  let port: number;
  let master: MasterProcess;
  let agent: AgentProcess;
  let operator: OperatorClient;
  let driver: SchedulerDriver;
  let run: Promise<void>;
  let offersSeen = 0;
  let heard: { readonly state: string; readonly reason: string }[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-drain-"));
    port = await freePort();
    heard = [];
    offersSeen = 0;
    await startMaster();
    await startAgent();
    operator = new OperatorClient({ masters: [`127.0.0.1:${port}`] });
  });
  afterEach(async () => {
    operator[Symbol.dispose]();
    driver.stop();
    await run;
    if (agent.isRunning) await agent.end("SIGUSR1");
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function startMaster(): Promise<void> {
    master = new MasterProcess([
      `--port=${port}`,
      `--work-dir=${join(folder, "master")}`,
      "--allocation-interval=50ms",
      "--heartbeat-interval=200ms",
    ]);
    await master.leading();
  }

  async function startAgent(): Promise<void> {
    const flags = ["--master", `127.0.0.1:${port}`, "--work-dir", join(folder, "agent"), "--resources=cpus:4;mem:1024"];
    agent = new AgentProcess([...flags, "--update-retry-min=200ms", "--registration-backoff-max=200ms"]);
    await agent.registered();
  }

  /** A partition-aware framework with one running task; answers the agent's id. */
  async function runTask(command: string): Promise<string> {
    const running = Promise.withResolvers<string>();
    let launched = false;
    driver = new SchedulerDriver({
      masters: [`127.0.0.1:${port}`],
      framework: {
        user: "root",
        name: "drained",
        failoverTimeout: 60,
        checkpoint: true,
        capabilities: [{ type: FrameworkInfo_Capability_Type.PARTITION_AWARE }],
      },
      reconnectMinMs: 20,
      reconnectMaxMs: 100,
      onEvent: async (event, own) => {
        if (event.kind === "offers") {
          offersSeen += event.offers.length;
          const [offer] = event.offers;
          if (launched || offer === undefined) return;
          launched = true;
          const resources = [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 1 } }];
          const task = TaskInfo.fromPartial({
            name: "t",
            taskId: { value: "t" },
            agentId: offer.agentId,
            resources,
            command: { value: command },
          });
          await own.launch([offer.id?.value ?? ""], [task], 0);
        }
        if (event.kind !== "update") return;
        const { state, reason, agentId } = event.status;
        heard.push({ state: nameOf(TaskState, state), reason: nameOf(TaskStatus_Reason, reason) });
        if (state === TaskState.TASK_RUNNING) running.resolve(agentId?.value ?? "");
      },
    });
    run = driver.run();
    return running.promise;
  }

  function isReady(): boolean {
    return globSync(join(folder, "agent", "**", "ready")).length > 0;
  }

  async function drainState(): Promise<number | undefined> {
    return (await operator.getAgents()).agents[0]?.drainInfo?.state;
  }

  it("drains an agent with a bound on the grace, offers it no more, and gives it back", async () => {
    const agentId = await runTask(stubborn);
    await until(isReady);
    await operator.drainAgent(agentId, { maxGraceMs: 300 });
    await until(async () => (await drainState()) === 2);
    assert.deepEqual(heard.at(-1), { state: "TASK_KILLED", reason: "REASON_AGENT_DRAINING" });
    const seen = offersSeen;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(offersSeen, seen);
    await operator.reactivateAgent(agentId);
    await until(() => offersSeen > seen);
  });

  it("goes on with a drain when master and agent are killed in the middle of it", async () => {
    const agentId = await runTask(stubborn);
    await until(isReady);
    await operator.drainAgent(agentId, { maxGraceMs: 60_000 });
    assert.equal(await drainState(), 1);
    await Promise.all([master.end("SIGKILL"), agent.end("SIGKILL")]);
    await startMaster();
    await startAgent();
    assert.equal(await drainState(), 1);
    await assert.rejects(operator.reactivateAgent(agentId), /FAILED_PRECONDITION: .*is draining/);
    await operator.drainAgent(agentId, { maxGraceMs: 100 });
    await until(async () => (await drainState()) === 2);
    assert.deepEqual(heard.at(-1), { state: "TASK_KILLED", reason: "REASON_AGENT_DRAINING" });
  });

  it("marks an agent gone: it is told to end, its task is announced, and the same place gets a new id", async () => {
    const agentId = await runTask("sleep 600");
    await operator.markAgentGone(agentId);
    await agent.exited;
    await until(() => heard.some(({ state }) => state === "TASK_GONE_BY_OPERATOR"));
    await startAgent();
    const [registered] = (await operator.getAgents()).agents;
    assert.notEqual(registered?.agentInfo?.id?.value, agentId);
  });

  it("is done with `tepui agent`, too", async () => {
    const agentId = await runTask("sleep 600");
    const tepui = async (...words: string[]): Promise<string> => {
      const tool = new Tool(["cli/main.ts", "agent", ...words], { environment: { TEPUI_MASTER: `127.0.0.1:${port}` } });
      assert.equal(await tool.exited, 0, tool.error);
      return tool.out;
    };
    const byHostname = new Tool(["cli/main.ts", "agent", "drain", "no-id", "--master", `127.0.0.1:${port}`]);
    assert.equal(await byHostname.exited, 1);
    assert.match(byHostname.error, /NOT_FOUND: .*no-id is not known.*\nGive the id of an agent; `tepui agent list` shows it\./);
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
    assert.equal(heard.at(-1)?.state, "TASK_RUNNING");
  });
});

function nameOf(names: Readonly<Record<string, number | string>>, value: number | undefined): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? "none";
}

/** Resolves as soon as it holds; mocha's own limit ends a wait for something that never does. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
