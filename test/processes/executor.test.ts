/** Custom executors on real processes: one executor runs many tasks, outlives its agent, and every task ends exactly once. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, it } from "mocha";

import { CallError } from "../../client/call-error.ts";
import { Subscription } from "../../client/subscription.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/executor/executor.ts";
import { TaskInfo, TaskState, TaskStatus_Reason, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

const program = new URL("executor-program.ts", import.meta.url).pathname;

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

/** On a busy machine an executor may need more than the two seconds that are usual to find its agent again. */
const patience = "--executor-reregistration-timeout=15s";

describe("custom executors and real processes", function () {
  this.timeout(timeoutMs);
  let cluster: SdkCluster;

  beforeEach(async () => {
    cluster = await SdkCluster.start({ name: "executors", masterFlags: ["--registry=memory"], agentFlags: [patience] });
  });
  afterEach(() => cluster.stop());

  /** Launches tasks of executor "E". */
  function launch(tasks: Readonly<Record<string, number>>, command = `exec ${process.execPath} ${program}`): Promise<string> {
    return cluster.launch((agentId) => Object.entries(tasks).map(([taskId, exit]) => task(taskId, exit, { agentId, command })));
  }

  function sandbox(): string {
    const found = sandboxFolders(cluster.workDir);
    assert.equal(found.length, 1, "one executor has one sandbox");
    return found[0] ?? "";
  }
  const release = (taskId: string): void => writeFileSync(join(sandbox(), `go-${taskId}`), "");
  const ledger = (): string[] => readFileSync(join(sandbox(), "ledger"), "utf8").trim().split("\n");

  it("runs several tasks in one executor, and passes on what that says of them", async () => {
    await launch({ T1: 0, T2: 1 });
    await cluster.reached("T1", TaskState.TASK_RUNNING);
    await launch({ T3: 0 });
    await cluster.reached("T3", TaskState.TASK_RUNNING);
    for (const taskId of ["T1", "T2", "T3"]) release(taskId);
    const finished = await cluster.reached("T1", TaskState.TASK_FINISHED);
    await cluster.reached("T2", TaskState.TASK_FAILED);
    await cluster.reached("T3", TaskState.TASK_FINISHED);
    assert.equal(Buffer.from(finished.data ?? []).toString(), "last words of T1");
    assert.equal(finished.executorId?.value, "E");
    assert.equal(cluster.updatesOf("T1")[0]?.labels?.labels[0]?.value, "executor");
    assert.deepEqual(
      new Set(["T1", "T2", "T3"].map((taskId) => cluster.updatesOf(taskId)[0]?.message)).size,
      1,
      "one process speaks for all",
    );
    assert.deepEqual((await cluster.offer()).executorIds, [{ value: "E" }]);
  });

  it("G8: keeps the executor through kill -9 of the agent: it reconnects and every task ends exactly once", async () => {
    await launch({ before: 0, while: 1, after: 0, killed: 0 });
    for (const taskId of ["before", "while", "after", "killed"]) await cluster.reached(taskId, TaskState.TASK_RUNNING);
    release("before");
    await cluster.reached("before", TaskState.TASK_FINISHED);
    await cluster.agent.end("SIGKILL");
    release("while");
    await until(() => ledger().find((line) => line === "end while"));
    await cluster.startAgent();
    await cluster.reached("while", TaskState.TASK_FAILED);
    release("after");
    await cluster.reached("after", TaskState.TASK_FINISHED);
    await cluster.driver.kill("killed");
    await cluster.reached("killed", TaskState.TASK_KILLED);
    await launch({ later: 0 });
    release("later");
    await cluster.reached("later", TaskState.TASK_FINISHED);
    const { TASK_RUNNING, TASK_FINISHED, TASK_FAILED, TASK_KILLED } = TaskState;
    assert.deepEqual(cluster.statesOf("before"), [TASK_RUNNING, TASK_FINISHED]);
    assert.deepEqual(cluster.statesOf("while"), [TASK_RUNNING, TASK_FAILED]);
    assert.deepEqual(cluster.statesOf("after"), [TASK_RUNNING, TASK_FINISHED]);
    assert.deepEqual(cluster.statesOf("killed"), [TASK_RUNNING, TASK_KILLED]);
    assert.deepEqual(cluster.statesOf("later"), [TASK_RUNNING, TASK_FINISHED]);
    const lines = ledger();
    assert.equal(new Set(lines).size, lines.length, "each task starts and ends once");
  });

  it("passes messages in both directions and shuts the executor down, with its failure told", async () => {
    const agentId = await launch({ T1: 0 });
    await cluster.reached("T1", TaskState.TASK_RUNNING);
    await cluster.driver.sendMessage("E", agentId, Buffer.from("hello"));
    const message = await until(() => cluster.heard.find((event) => event.kind === "message"));
    assert.ok(message.kind === "message");
    assert.equal(Buffer.from(message.data).toString(), "echo hello");
    await cluster.driver.shutdownExecutor("E", agentId);
    await cluster.reached("T1", TaskState.TASK_KILLED);
    const failure = await until(() => cluster.heard.find((event) => event.kind === "failure"));
    assert.deepEqual(failure, { kind: "failure", agentId, executorId: "E", status: 0 });
    assert.equal(ledger().at(-1), "executor shutdown");
  });

  it("ends the tasks of an executor that dies", async () => {
    const agentId = await launch({ T1: 0, T2: 0 });
    const running = await cluster.reached("T1", TaskState.TASK_RUNNING);
    await cluster.reached("T2", TaskState.TASK_RUNNING);
    process.kill(Number(/\d+/.exec(running.message ?? "")?.[0]), "SIGKILL");
    for (const taskId of ["T1", "T2"]) {
      assert.equal((await cluster.reached(taskId, TaskState.TASK_FAILED)).reason, TaskStatus_Reason.REASON_EXECUTOR_TERMINATED);
    }
    assert.deepEqual(await until(() => cluster.heard.find((event) => event.kind === "failure")), {
      kind: "failure",
      agentId,
      executorId: "E",
      status: 9,
    });
  });

  it("fails the tasks of an executor that never subscribes", async () => {
    await cluster.agent.end("SIGTERM");
    await cluster.startAgent("--executor-registration-timeout=200ms");
    await launch({ T1: 0 }, "sleep 1000");
    assert.equal((await cluster.reached("T1", TaskState.TASK_FAILED)).reason, TaskStatus_Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT);
  });

  it("calls the tasks gone whose executor does not come back after a restart of the agent", async () => {
    await launch({ T1: 0 });
    const running = await cluster.reached("T1", TaskState.TASK_RUNNING);
    const pid = Number(/\d+/.exec(running.message ?? "")?.[0]);
    process.kill(pid, "SIGSTOP");
    await cluster.agent.end("SIGKILL");
    await cluster.startAgent("--executor-reregistration-timeout=200ms");
    assert.equal((await cluster.reached("T1", TaskState.TASK_GONE)).reason, TaskStatus_Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT);
    assert.throws(() => process.kill(pid, 0), "the executor is dead before its tasks are called gone");
  });

  it("refuses strangers and calls without a subscription, each with its reason", async () => {
    await launch({ T1: 0 });
    await cluster.reached("T1", TaskState.TASK_RUNNING);
    const subscribe = (executorId: string): Subscription => {
      const call = Call.fromPartial({
        type: Call_Type.SUBSCRIBE,
        executorId: { value: executorId },
        frameworkId: { value: cluster.driver.frameworkId ?? "" },
        subscribe: {},
      });
      return new Subscription(cluster.agentAddress, Call.encode(call).finish(), "tepui.v1.Executor");
    };
    const stranger = subscribe("nobody");
    const end = await stranger.events().next();
    assert.ok(end.done);
    assert.equal(end.value.code, "INVALID_ARGUMENT");
    assert.match(end.value.reason, /executor_id .*nobody/);
    const valid = Call.encode(
      Call.fromPartial({ type: Call_Type.HEARTBEAT, executorId: { value: "E" }, frameworkId: { value: cluster.driver.frameworkId ?? "" } }),
    ).finish();
    const client = new RawCaller(cluster.agentAddress, "/tepui.v1.Executor/Call");
    for (let cut = 0; cut < valid.length; cut++) {
      const code = await client.call(valid.subarray(0, cut));
      assert.equal(code, status.INVALID_ARGUMENT, `cut after ${cut} bytes`);
    }
    assert.equal(await client.call(valid), status.OK, "a sign of life is welcome from anyone");
    client.close();
    assert.ok((await stranger.send("UPDATE", new Uint8Array()).catch((error: unknown) => error)) instanceof CallError);
  });
});

/** Sends whatever bytes it is given. */
class RawCaller {
  readonly #client: Client;
  readonly #path: string;

  constructor(address: string, path: string) {
    this.#client = new Client(address, credentials.createInsecure());
    this.#path = path;
  }

  /** The status code of the answer. */
  call(bytes: Uint8Array): Promise<number> {
    const identity = (one: Buffer): Buffer => one;
    return new Promise((resolve) => {
      const done = (error: ServiceError | null): void => resolve(error?.code ?? status.OK);
      this.#client.makeUnaryRequest(this.#path, identity, identity, Buffer.from(bytes), done);
    });
  }

  close(): void {
    this.#client.close();
  }
}

function task(taskId: string, exit: number, { agentId, command }: { agentId: string; command: string }): TaskInfo {
  const scalar = (name: string, value: number) => ({ name, type: Value_Type.SCALAR, scalar: { value } });
  return TaskInfo.fromPartial({
    name: taskId,
    taskId: { value: taskId },
    agentId: { value: agentId },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    executor: { executorId: { value: "E" }, command: { value: command }, resources: [scalar("cpus", 0.2), scalar("mem", 64)] },
    data: Buffer.from(JSON.stringify({ exit })),
  });
}
