/** What operators hear of an agent's tasks, executors, frameworks and operations: what is durable, by stage, and what has ended. */

import assert from "node:assert/strict";
import type { OperatorAnswer, OperatorQuestion } from "../../../../agent/core/operator/operator-answer.ts";
import { encodeOperatorAnswer } from "../../../../agent/wire/operator.ts";
import { OperationId, Uuid } from "../../../../common/ids.ts";
import { toResources } from "../../../../common/resources.ts";
import { Response_GetAgent, Response_GetState, type Response_GetTasks } from "../../../../protos/gen/mesos/v1/agent/agent.ts";
import { AgentInfo, Offer_Operation_Type, OperationState, TaskState } from "../../../../protos/gen/mesos/v1/mesos.ts";
import { AgentDriver, agentId, frameworkId, leader, task } from "../agent-driver.ts";
import { ExecutorPeer, executorId, executorTask, update } from "../executor-driver.ts";

function ask<Question extends OperatorQuestion>(driver: AgentDriver, question: Question): Extract<OperatorAnswer, { kind: Question }> {
  const answer = driver.agent.answer(question);
  assert.ok(answer?.kind === question);
  return answer as Extract<OperatorAnswer, { kind: Question }>;
}

/** Ids and states by stage, stages without tasks left out. */
function stages(driver: AgentDriver): Record<string, string[]> {
  const { tasks } = ask(driver, "getTasks");
  const names: readonly (keyof Response_GetTasks)[] = ["pendingTasks", "queuedTasks", "launchedTasks", "terminatedTasks", "completedTasks"];
  const told = names.map((name) => [name, tasks[name].map(({ taskId, state }) => `${taskId?.value} ${stateName(state)}`)] as const);
  return Object.fromEntries(told.filter(([, list]) => list.length > 0));
}

function stateName(state: TaskState): string {
  return Object.entries(TaskState).find(([, value]) => value === state)?.[0] ?? String(state);
}

function acknowledgeAll(driver: AgentDriver, id: string): void {
  for (const { status } of driver.sent("statusUpdate").filter((message) => message.status.taskId === id)) {
    driver.acknowledge(id, status.uuid);
    driver.settle();
  }
}

describe("answers of an agent's core", () => {
  it("are not given before the checkpoint is read", () => {
    const driver = new AgentDriver();
    assert.equal(driver.agent.answer("getState"), undefined);
    driver.recover();
    assert.notEqual(driver.agent.answer("getState"), undefined);
  });

  it("show a task in each stage of its life, and its end only when that is durable", () => {
    const driver = AgentDriver.running();
    const order = task("t1");
    driver.run(order);
    assert.deepEqual(stages(driver), { pendingTasks: ["t1 TASK_STAGING"] });
    driver.settle();
    assert.deepEqual(stages(driver), { queuedTasks: ["t1 TASK_STAGING"] });
    const containerId = driver.containerOf(order);
    driver.step({ kind: "containerStarted", containerId });
    driver.settle();
    assert.deepEqual(stages(driver), { launchedTasks: ["t1 TASK_RUNNING"] });
    driver.exited(containerId, 1);
    assert.deepEqual(stages(driver), { launchedTasks: ["t1 TASK_RUNNING"] });
    driver.settle();
    assert.deepEqual(stages(driver), { terminatedTasks: ["t1 TASK_FAILED"] });
    acknowledgeAll(driver, "t1");
    acknowledgeAll(driver, "t1");
    assert.deepEqual(stages(driver), { completedTasks: ["t1 TASK_FAILED"] });
    const [done] = ask(driver, "getTasks").tasks.completedTasks;
    assert.equal(done?.statuses[0]?.message, "command exited with status 1");
    assert.deepEqual([done?.name, done?.agentId?.value], ["name of t1", agentId]);
  });

  it("say which update of a task is waited for", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.exited(containerId, 0);
    driver.settle();
    const [told] = ask(driver, "getTasks").tasks.terminatedTasks;
    assert.deepEqual([told?.state, told?.statusUpdateState], [TaskState.TASK_FINISHED, TaskState.TASK_RUNNING]);
  });

  it("do not take an answer about a task that the agent never had for a task", () => {
    const driver = new AgentDriver();
    driver.recover();
    driver.connect({ reconcile: [] });
    driver.settle();
    driver.master({ kind: "drain", maxGraceMs: undefined, markGone: false });
    driver.run(task("t1"));
    driver.settle();
    assert.deepEqual(stages(driver), {});
    acknowledgeAll(driver, "t1");
    assert.deepEqual(stages(driver), {});
  });

  it("list executors and frameworks, and keep the last ones that ended", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    const containerId = peer.start(executorTask("t1"));
    const ids = (infos: readonly { executorInfo?: { executorId?: { value: string } | undefined } | undefined }[]) =>
      infos.map(({ executorInfo }) => executorInfo?.executorId?.value);
    let { executors } = ask(driver, "getExecutors");
    assert.deepEqual([ids(executors.executors), ids(executors.completedExecutors)], [[executorId], []]);
    assert.deepEqual(ask(driver, "getFrameworks").frameworks.completedFrameworks, []);
    assert.equal(ask(driver, "getFrameworks").frameworks.frameworks[0]?.frameworkInfo?.id?.value, frameworkId);

    peer.say(update("t1", "TASK_FINISHED"));
    driver.settle();
    driver.exited(containerId, 0);
    driver.settle();
    acknowledgeAll(driver, "t1");
    ({ executors } = ask(driver, "getExecutors"));
    assert.deepEqual([ids(executors.executors), ids(executors.completedExecutors)], [[], [executorId]]);
    const { frameworks } = ask(driver, "getFrameworks");
    assert.deepEqual(
      [frameworks.frameworks.length, frameworks.completedFrameworks.map(({ frameworkInfo }) => frameworkInfo?.id?.value)],
      [0, [frameworkId]],
    );
    driver.run(task("t2"));
    assert.equal(ask(driver, "getFrameworks").frameworks.completedFrameworks.length, 0, "it is back");
  });

  it("take the tasks of a framework that is shut down for killed", () => {
    const driver = AgentDriver.running();
    const containerId = driver.runUntilRunning(task("t1"));
    driver.master({ kind: "shutdownFramework", frameworkId });
    driver.settle();
    driver.exited(containerId, 0);
    driver.settle();
    assert.deepEqual(stages(driver), { completedTasks: ["t1 TASK_KILLED"] });
  });

  it("keep the last 1,000 tasks that ended", () => {
    const driver = AgentDriver.running();
    for (let index = 0; index < 1_003; index++) {
      driver.effects = [];
      driver.exited(driver.runUntilRunning(task(`t${index}`)), 0);
      driver.settle();
      acknowledgeAll(driver, `t${index}`);
      acknowledgeAll(driver, `t${index}`);
    }
    const { completedTasks } = ask(driver, "getTasks").tasks;
    assert.deepEqual(
      [completedTasks.length, completedTasks[0]?.taskId?.value, completedTasks.at(-1)?.taskId?.value],
      [1_000, "t3", "t1002"],
    );
  });

  it("list operations that nobody acknowledged, once they are durable, also after a restart", () => {
    const disk = { name: "disk", value: { kind: "scalar", milli: 10_000 }, reservations: [] } as const;
    const reserved = { ...disk, reservations: [{ type: "DYNAMIC", role: "web" }] } as const;
    const driver = new AgentDriver({ resources: toResources([disk]) });
    driver.recover();
    driver.connect();
    driver.settle();
    const resourceVersion = driver.sent("register").at(-1)?.holdings.resourceVersion;
    const key = { uuid: Uuid("1".repeat(32)), frameworkId, operationId: OperationId("op") };
    const operation = { kind: "reserve", source: [], resources: toResources([reserved]) } as const;
    driver.master({ kind: "applyOperation", key, operation, resourceVersion });
    assert.deepEqual(ask(driver, "getOperations").operations.operations, []);
    driver.settle();
    const told = ask(driver, "getOperations").operations.operations;
    assert.deepEqual(
      told.map(({ info, latestStatus }) => [info?.type, info?.id?.value, info?.reserve?.resources[0]?.name, latestStatus?.state]),
      [[Offer_Operation_Type.RESERVE, "op", "disk", OperationState.OPERATION_FINISHED]],
    );
    driver.restart();
    assert.deepEqual(ask(driver, "getOperations").operations.operations, told);
  });

  it("say how the agent is drained, and since when", () => {
    const driver = AgentDriver.running();
    assert.deepEqual(ask(driver, "getAgent").agent, { agentId });
    driver.master({ kind: "drain", maxGraceMs: 1_500, markGone: true });
    driver.settle();
    const since = 1_700_000_000_000 + driver.nowMs;
    driver.nowMs += 5_000;
    driver.master({ kind: "drain", maxGraceMs: 1_500, markGone: true });
    driver.settle();
    const drainConfig = { maxGracePeriod: { nanoseconds: 1_500_000_000n }, markGone: true };
    const estimatedDrainStartTime = { nanoseconds: BigInt(since) * 1_000_000n };
    assert.deepEqual(ask(driver, "getAgent").agent, { agentId, drainConfig, estimatedDrainStartTime });
    driver.restart();
    assert.notEqual(ask(driver, "getAgent").agent.estimatedDrainStartTime, undefined);
    driver.step({ kind: "leaderDetected", leader });
    driver.openLink();
    driver.master(driver.answerTo());
    driver.master({ kind: "endDrain" });
    assert.deepEqual(ask(driver, "getAgent").agent, { agentId });
  });

  it("become the messages of Mesos, the agent with its id", () => {
    const driver = AgentDriver.running();
    driver.runUntilRunning(task("t1"));
    const info = AgentInfo.fromPartial({ hostname: "host", port: 6051 });
    const state = Response_GetState.decode(encodeOperatorAnswer(ask(driver, "getState"), info));
    assert.deepEqual(
      [state.getTasks?.launchedTasks.length, state.getExecutors?.executors.length, state.getFrameworks?.frameworks.length],
      [1, 0, 1],
    );
    const agent = Response_GetAgent.decode(encodeOperatorAnswer(ask(driver, "getAgent"), info));
    assert.deepEqual([agent.agentInfo?.id?.value, agent.agentInfo?.hostname, agent.drainConfig], [agentId, "host", undefined]);
  });
});
