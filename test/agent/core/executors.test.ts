/** Executors through the agent's core: every way in which one begins, comes back and ends, and what its tasks are said to be then. */

import assert from "node:assert/strict";
import { TaskId } from "../../../common/ids.ts";
import { AgentDriver, agentId, frameworkId } from "./agent-driver.ts";
import { ExecutorPeer, executorId, executorTask, update } from "./executor-driver.ts";

function running(...ids: readonly string[]) {
  const driver = AgentDriver.running();
  const peer = new ExecutorPeer(driver);
  const containerId = peer.start(...ids.map((id) => executorTask(id)));
  return { driver, peer, containerId };
}

const launched = (peer: ExecutorPeer): (string | undefined)[] => peer.heard("launch").map((event) => event.task.taskId?.value);

/** State and reason of each update sent, in order. */
const said = (driver: AgentDriver): string[] =>
  driver.sent("statusUpdate").map(({ status }) => [status.taskId, status.state, status.reason ?? "no reason"].join(" "));

describe("an executor", () => {
  it("is recorded, launched with its environment, and given its tasks when it has subscribed", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1"));
    driver.run(executorTask("t2"));
    assert.deepEqual(driver.of("launchContainer"), [], "nothing is launched before it is recorded");
    driver.settle();
    assert.equal(driver.of("launchContainer").length, 1, "one executor runs both");
    const environment = new Map(driver.of("launchContainer")[0]?.spec.environment);
    assert.equal(environment.get("MESOS_FRAMEWORK_ID"), frameworkId);
    assert.equal(environment.get("MESOS_EXECUTOR_ID"), executorId);
    assert.equal(environment.get("MESOS_AGENT_ID"), agentId);
    assert.equal(environment.get("MESOS_AGENT_ENDPOINT"), "127.0.0.1:6051");
    assert.equal(environment.get("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    assert.deepEqual(peer.events, []);
    peer.subscribe();
    assert.deepEqual(
      peer.events.map(({ kind }) => kind),
      ["subscribed", "launch", "launch"],
    );
    driver.run(executorTask("t3", { launches: false }));
    driver.settle();
    assert.deepEqual(launched(peer), ["t1", "t2", "t3"]);
  });

  it("has an update acknowledged once it is durable, and only the framework's acknowledgement lets the next one out", () => {
    const { driver, peer } = running("t1");
    const started = update("t1", "TASK_RUNNING");
    assert.equal(peer.say(started), undefined);
    assert.deepEqual(peer.heard("acknowledged"), [], "nothing durable yet");
    driver.settle();
    assert.deepEqual(peer.heard("acknowledged"), [{ kind: "acknowledged", taskId: "t1", uuid: started.uuid }]);
    peer.say(update("t1", "TASK_FINISHED"));
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    driver.acknowledge("t1", started.uuid);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_FINISHED"]);
    assert.equal(driver.lastStatus.executorId, executorId);
    assert.equal(driver.lastStatus.source, "SOURCE_EXECUTOR");
  });

  it("may repeat an update at any time: it is taken once and acknowledged again", () => {
    const { driver, peer } = running("t1");
    const started = update("t1", "TASK_RUNNING");
    peer.say(started);
    peer.say(started);
    driver.settle();
    peer.say(started);
    driver.acknowledge("t1", started.uuid);
    driver.settle();
    peer.say(started);
    driver.settle();
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    assert.equal(peer.heard("acknowledged").length, 3);
    const ended = update("t1", "TASK_FINISHED");
    peer.say(ended);
    driver.settle();
    driver.acknowledge("t1", ended.uuid);
    driver.settle();
    peer.say(ended);
    assert.equal(peer.heard("acknowledged").length, 5, "of a task that is forgotten, too");
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING", "TASK_FINISHED"]);
  });

  it("is refused updates of tasks that it does not have, of another stream, and without a stream", () => {
    const { driver, peer } = running("t1");
    const command = driver.runUntilRunning({ ...executorTask("c"), executor: undefined, command: shell });
    assert.ok(command !== peer.containerId);
    assert.match(peer.say(update("c", "TASK_RUNNING"))?.message ?? "", /task of this executor, is c/);
    const call = { kind: "update", update: update("t1", "TASK_RUNNING") } as const;
    const [reply] = driver.step({ kind: "executorCall", callId: 99, frameworkId, executorId, streamId: undefined, call });
    assert.match(reply?.kind === "replyToExecutor" ? (reply.refusal?.message ?? "") : "", /mesos-stream-id must be sent/);
    const old = peer.streamId;
    peer.subscribe({ tasks: ["t1"] });
    assert.equal(peer.say(update("t1", "TASK_RUNNING"), old)?.code, "INVALID_ARGUMENT");
    assert.ok(peer.streamId !== undefined);
    driver.step({ kind: "executorStreamClosed", streamId: peer.streamId });
    assert.equal(peer.say(update("t1", "TASK_RUNNING"))?.code, "PERMISSION_DENIED");
  });

  it("sends no more than so many updates before its framework keeps up; the end is always taken", () => {
    const { driver, peer } = running("t1");
    let refusal: string | undefined;
    for (let index = 0; index < 200 && refusal === undefined; index++) refusal = peer.say(update("t1", "TASK_RUNNING"))?.code;
    assert.equal(refusal, "RESOURCE_EXHAUSTED");
    assert.equal(peer.say(update("t1", "TASK_FINISHED")), undefined);
    driver.settle();
  });

  it("B7: takes no task when the master's books and the agent's differ about it, and the master learns that it has none", () => {
    const { driver } = running("t1");
    driver.run(executorTask("again", { launches: true }));
    driver.settle();
    assert.deepEqual(said(driver), ["again TASK_DROPPED REASON_EXECUTOR_TERMINATED"]);
    assert.deepEqual(driver.sent("exitedExecutor"), [], "it runs");
    const other = AgentDriver.running();
    other.run(executorTask("t1", { launches: false }));
    other.settle();
    assert.deepEqual(said(other), ["t1 TASK_DROPPED REASON_EXECUTOR_TERMINATED"]);
  });

  it("B10: a task that it does not have yet is killed without it", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1"));
    driver.settle();
    driver.kill("t1");
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH"]);
    driver.step({ kind: "containerStarted", containerId: peer.containerId });
    peer.subscribe();
    assert.deepEqual(
      peer.events.map(({ kind }) => kind),
      ["subscribed", "shutdown"],
      "it was started for nothing",
    );
  });

  it("is passed kills once they are durable, with the grace only where it is not the task's own", () => {
    const { driver, peer } = running("t1", "t2");
    driver.kill("t1");
    assert.deepEqual(peer.heard("kill"), []);
    driver.settle();
    driver.kill("t2", 100);
    driver.settle();
    driver.kill("t2", 100);
    assert.deepEqual(peer.heard("kill"), [
      { kind: "kill", taskId: "t1", graceMs: undefined },
      { kind: "kill", taskId: "t2", graceMs: 100 },
      { kind: "kill", taskId: "t2", graceMs: 100 },
    ]);
  });

  it("B11: a task that it does not list when it subscribes again never arrived", () => {
    const { driver, peer } = running("listed", "lost");
    peer.subscribe({ tasks: ["listed"] });
    driver.settle();
    assert.deepEqual(said(driver), ["lost TASK_DROPPED REASON_AGENT_RESTARTED"]);
    assert.deepEqual(driver.of("closeExecutorStream").length, 1, "the old stream ends");
  });

  it("hears that an update came too late only once the end of its task is durable", () => {
    const { driver, peer } = running("lost");
    peer.subscribe();
    const late = update("lost", "TASK_FINISHED");
    assert.equal(peer.say(late), undefined);
    assert.deepEqual(peer.heard("acknowledged"), []);
    driver.settle();
    assert.deepEqual(peer.heard("acknowledged"), [{ kind: "acknowledged", taskId: "lost", uuid: late.uuid }]);
    assert.deepEqual(said(driver), ["lost TASK_DROPPED REASON_AGENT_RESTARTED"]);
  });

  it("B13: did not subscribe in time: its tasks fail when it is dead", () => {
    const driver = AgentDriver.running({ executorRegistrationTimeoutMs: 1_000 });
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1"));
    driver.settle();
    const { containerId } = peer;
    driver.step({ kind: "containerStarted", containerId });
    driver.tickAtDeadline();
    assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 0 }]);
    assert.deepEqual(said(driver), []);
    driver.step({ kind: "containerExited", containerId, exit: { kind: "signalled", signal: 9 } });
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_FAILED REASON_EXECUTOR_REGISTRATION_TIMEOUT"]);
  });

  for (const [partitionAware, state] of [
    [true, "TASK_GONE"],
    [false, "TASK_LOST"],
  ] as const) {
    it(`B14: did not come back after a restart of the agent: its tasks are ${state}`, () => {
      const driver = AgentDriver.running();
      const peer = new ExecutorPeer(driver);
      const containerId = peer.start(executorTask("t1", { partitionAware }));
      driver.restart([{ containerId, state: "running" }]);
      driver.connect();
      driver.settle();
      driver.nowMs += 2_000;
      driver.step({ kind: "tick" });
      assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 0 }]);
      driver.step({ kind: "containerExited", containerId, exit: { kind: "signalled", signal: 9 } });
      driver.settle();
      assert.deepEqual(said(driver), [`t1 ${state} REASON_EXECUTOR_REREGISTRATION_TIMEOUT`]);
    });
  }

  it("H3: had not subscribed before the restart and does not afterwards either", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1"));
    driver.settle();
    const { containerId } = peer;
    driver.restart([{ containerId, state: "running" }]);
    driver.connect();
    driver.nowMs += 2_000;
    driver.step({ kind: "tick" });
    driver.step({ kind: "containerExited", containerId, exit: { kind: "signalled", signal: 9 } });
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_GONE REASON_EXECUTOR_REREGISTRATION_TIMEOUT"]);
  });

  it("B15: could not be launched", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1", { launches: true }));
    driver.settle();
    driver.step({ kind: "containerFailed", containerId: peer.containerId, reason: "no such file" });
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_FAILED REASON_CONTAINER_LAUNCH_FAILED"]);
    assert.deepEqual(driver.sent("exitedExecutor"), [{ kind: "exitedExecutor", frameworkId, executorId, waitStatus: -1 }]);
  });

  it("B20: ended: its tasks fail, the master is told, and its container goes once that is durable", () => {
    const { driver, containerId } = running("t1", "t2");
    driver.step({ kind: "containerExited", containerId, exit: { kind: "exited", code: 3 } });
    assert.deepEqual([driver.of("removeContainer"), driver.sent("exitedExecutor")], [[], []]);
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_FAILED REASON_EXECUTOR_TERMINATED", "t2 TASK_FAILED REASON_EXECUTOR_TERMINATED"]);
    assert.deepEqual(driver.of("removeContainer"), [{ kind: "removeContainer", containerId }]);
    assert.deepEqual(driver.sent("exitedExecutor"), [{ kind: "exitedExecutor", frameworkId, executorId, waitStatus: 3 * 256 }]);
  });

  it("comes back after a restart of the agent with what was not acknowledged, and nothing is said twice", () => {
    const { driver, peer, containerId } = running("t1", "t2");
    const [heard, unheard] = [update("t1", "TASK_RUNNING"), update("t2", "TASK_RUNNING")];
    peer.say(heard);
    driver.settle();
    driver.kill("t1");
    driver.settle();
    peer.say(unheard);
    driver.restart([{ containerId, state: "running" }]);
    assert.equal(peer.say(update("t1", "TASK_FINISHED"))?.code, "PERMISSION_DENIED", "the new agent does not know the stream");
    driver.connect();
    driver.settle();
    assert.deepEqual(
      driver
        .sent("reregister")
        .at(-1)
        ?.executors.map((info) => info.executorId?.value),
      ["E"],
    );
    assert.deepEqual(driver.sentStates, ["TASK_RUNNING"]);
    peer.subscribe({ updates: [heard, unheard], tasks: ["t2"] });
    driver.settle();
    assert.deepEqual(
      driver.sent("statusUpdate").map(({ status }) => status.uuid),
      [heard.uuid, unheard.uuid],
    );
    assert.deepEqual(new Set(peer.heard("acknowledged").map(({ uuid }) => uuid)), new Set([heard.uuid, unheard.uuid]));
    assert.deepEqual(peer.heard("kill"), [{ kind: "kill", taskId: TaskId("t1"), graceMs: undefined }], "the kill is said again");
    assert.deepEqual(peer.heard("launch"), [], "nothing is launched again");
    driver.acknowledge("t1", heard.uuid);
    driver.settle();
    driver.restart([{ containerId, state: "running" }]);
    driver.connect();
    peer.subscribe({ updates: [heard] });
    driver.settle();
    assert.ok(!driver.sent("statusUpdate").some(({ status }) => status.uuid === heard.uuid), "what the framework has is not said again");
  });

  it("G9: a task that waited for it at the agent's crash is dropped when it comes, and never launched late", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    driver.run(executorTask("t1"));
    driver.settle();
    const { containerId } = peer;
    driver.step({ kind: "containerStarted", containerId });
    driver.restart([{ containerId, state: "running" }]);
    driver.connect();
    peer.subscribe();
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_DROPPED REASON_AGENT_RESTARTED"]);
    assert.deepEqual(peer.heard("launch"), []);
  });

  it("G9, B20: ended while the agent was away, or was never launched", () => {
    const { driver, containerId } = running("t1");
    driver.restart([{ containerId, state: "ended", exit: { kind: "exited", code: 0 } }]);
    driver.connect();
    driver.settle();
    assert.deepEqual(said(driver), ["t1 TASK_FAILED REASON_EXECUTOR_TERMINATED"]);
    const other = AgentDriver.running();
    other.run(executorTask("t2"));
    other.write();
    other.restart();
    other.connect();
    other.settle();
    assert.deepEqual(said(other), ["t2 TASK_DROPPED REASON_AGENT_RESTARTED"]);
  });

  it("K11: is shut down on order: SHUTDOWN, its grace, the end of its container; tasks that said nothing fail", () => {
    const driver = AgentDriver.running();
    const peer = new ExecutorPeer(driver);
    const containerId = peer.start(executorTask("said", { graceMs: 700 }), executorTask("silent", { graceMs: 700 }));
    driver.master({ kind: "shutdownExecutor", frameworkId, executorId });
    assert.equal(peer.heard("shutdown").length, 1);
    peer.say(update("said", "TASK_KILLED"));
    driver.settle();
    driver.run(executorTask("late"));
    const before = driver.nowMs;
    driver.tickAtDeadline();
    assert.equal(driver.nowMs - before, 700);
    assert.deepEqual(driver.of("killContainer"), [{ kind: "killContainer", containerId, graceMs: 0 }]);
    driver.step({ kind: "containerExited", containerId, exit: { kind: "signalled", signal: 9 } });
    driver.settle();
    assert.deepEqual(said(driver), [
      "said TASK_KILLED no reason",
      "late TASK_DROPPED REASON_EXECUTOR_TERMINATED",
      "silent TASK_FAILED REASON_EXECUTOR_TERMINATED",
    ]);
  });

  it("is shut down with its framework, of which nothing is said any more", () => {
    const { driver, peer, containerId } = running("t1", "t2");
    driver.master({ kind: "shutdownFramework", frameworkId });
    assert.equal(peer.heard("shutdown").length, 1);
    peer.say(update("t1", "TASK_KILLED"));
    driver.step({ kind: "containerExited", containerId, exit: { kind: "exited", code: 0 } });
    driver.settle();
    assert.deepEqual(said(driver), []);
    assert.deepEqual(driver.agent.describe().frameworkCount, 0);
    assert.deepEqual([...driver.disk.keys()], ["agent"]);
  });

  it("gets messages while it is there, and sends its own to the master", () => {
    const { driver, peer } = running("t1");
    const data = new Uint8Array([1, 2]);
    driver.master({ kind: "messageToExecutor", frameworkId, executorId, data });
    assert.deepEqual(peer.heard("message"), [{ kind: "message", data }]);
    const { streamId } = peer;
    driver.step({ kind: "executorCall", callId: 9, frameworkId, executorId, streamId, call: { kind: "message", data } });
    assert.deepEqual(driver.sent("executorMessage"), [{ kind: "executorMessage", frameworkId, executorId, data }]);
  });

  it("hears a heartbeat every half hour", () => {
    const { driver, peer } = running("t1");
    for (let minutes = 0; minutes < 61; minutes++) {
      driver.nowMs += 60_000;
      driver.master({ kind: "ping", number: minutes, connected: true });
      driver.step({ kind: "tick" });
    }
    assert.equal(peer.heard("heartbeat").length, 2);
  });

  it("is told to shut down by an agent that leaves", () => {
    const { driver, peer } = running("t1");
    driver.step({ kind: "drainNow" });
    peer.subscribe({ tasks: ["t1"] });
    assert.equal(peer.heard("shutdown").length, 1);
    driver.step({ kind: "allContainersKilled", alive: [peer.containerId] });
    assert.deepEqual(driver.sent("unregister")[0]?.alive, [{ frameworkId, taskId: "t1" }], "its tasks are named");
    driver.settle();
    assert.deepEqual([...driver.disk.keys()], [`departed/${agentId}`]);
  });

  it("is refused as long as the agent recovers, and for good when nobody knows it", () => {
    const driver = new AgentDriver();
    const peer = new ExecutorPeer(driver);
    peer.subscribe();
    driver.recover();
    driver.connect();
    driver.settle();
    peer.subscribe();
    assert.deepEqual(
      driver.of("closeExecutorStream").map(({ refusal }) => refusal?.code),
      ["UNAVAILABLE", "INVALID_ARGUMENT"],
    );
  });
});

const shell = { shell: true, value: "sleep 1", arguments: [], environment: [], uris: [], user: undefined };
