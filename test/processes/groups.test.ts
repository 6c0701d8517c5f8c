/** Groups of tasks on real processes: nested sandboxes, one that fails takes the others along, also over a crash of the agent. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";

import { readProcess } from "../../agent/containers/process-table.ts";
import { ExecutorInfo, ExecutorInfo_Type, TaskInfo, TaskState, TaskStatus_Reason, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import { SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

const program = new URL("executor-program.ts", import.meta.url).pathname;

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

/** Says where it is and who it is, and lives until its sandbox has a file "go"; then it ends with this status. */
const waiting = (status: number): string =>
  `echo $$ >pid; echo "$MESOS_EXECUTOR_ID $MESOS_TASK_ID $MESOS_SANDBOX"; while [ ! -e go ]; do sleep 0.05; done; exit ${status}`;
/** Leaves a process in a session of its own that does not care for SIGTERM. */
const stubborn = `trap "" TERM; setsid sh -c 'trap "" TERM; echo $$ >grandchild; sleep 1000' & ${waiting(0)}`;

describe("groups of tasks and real processes", function () {
  this.timeout(timeoutMs);
  let cluster: SdkCluster;

  beforeEach(async () => {
    const agentFlags = ["--resources=cpus:4;mem:1024;disk:1000"];
    cluster = await SdkCluster.start({ name: "groups", masterFlags: ["--registry=memory"], agentFlags });
  });
  afterEach(() => cluster.stop());

  /** Launches a group of these commands on the newest offer, with half a second of grace for each task. */
  async function launch(commands: Readonly<Record<string, string>>, executor: Partial<ExecutorInfo> = {}): Promise<string> {
    const { id, agentId } = await cluster.takeOffer();
    const tasks = Object.entries(commands).map(([taskId, value]) =>
      TaskInfo.fromPartial({
        name: taskId,
        taskId: { value: taskId },
        agentId: { value: agentId?.value ?? "" },
        resources: [scalar("cpus", 0.1), scalar("mem", 32)],
        killPolicy: { gracePeriod: { nanoseconds: 500_000_000n } },
        ...(executor.command === undefined ? { command: { value } } : { data: Buffer.from(value) }),
      }),
    );
    const described = ExecutorInfo.fromPartial({
      executorId: { value: "E" },
      type: ExecutorInfo_Type.DEFAULT,
      resources: [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 10)],
      ...executor,
    });
    await cluster.driver.launchGroup([id?.value ?? ""], { executor: described, tasks }, 0);
    return agentId?.value ?? "";
  }

  /** In offers that are out. */
  function offeredCpus(): number {
    const cpus = cluster.offersOut().flatMap(({ resources }) => resources.filter(({ name }) => name === "cpus"));
    return cpus.reduce((sum, { scalar: amount }) => sum + (amount?.value ?? 0), 0);
  }

  /** By task, from what each prints of itself. */
  function sandboxes(): Promise<Readonly<Record<string, string>>> {
    return until(() => {
      const entries = readdirSync(cluster.workDir, { recursive: true, encoding: "utf8" })
        .filter((path) => basename(path) === "stdout" && !path.includes("/latest/"))
        .map((path) => readFileSync(join(cluster.workDir, path), "utf8").trim().split(" "));
      const found = entries.map(([, taskId = "", sandbox = ""]): [string, string] => [taskId, sandbox]);
      return found.length === 3 && found.every(([, sandbox]) => sandbox !== "") ? Object.fromEntries(found) : undefined;
    });
  }

  it("run in nested sandboxes, fall together over kill -9 of the agent, and give their executor's resources back", async () => {
    const agentId = await launch({ good: waiting(0), bad: waiting(3), stubborn });
    for (const taskId of ["good", "bad", "stubborn"]) await cluster.reached(taskId, TaskState.TASK_RUNNING);
    const running = cluster.updatesOf("good")[0];
    assert.equal(running?.executorId?.value, "E");
    const { value, parent } = running?.containerStatus?.containerId ?? { value: "", parent: undefined };
    const own = await sandboxes();
    assert.deepEqual(new Set(Object.values(own).map((sandbox) => dirname(sandbox))).size, 1, "all lie in that of their executor");
    assert.ok(own["good"]?.endsWith(`/executors/E/runs/${parent?.value}/containers/${value}`), own["good"]);
    const grandchild = await until(() => readPid(join(own["stubborn"] ?? "", "grandchild")));
    const pids = Object.values(own).map((sandbox) => readPid(join(sandbox, "pid")) ?? 0);

    await cluster.agent.end("SIGKILL");
    writeFileSync(join(own["bad"] ?? "", "go"), "");
    await until(() => !isAlive(readPid(join(own["bad"] ?? "", "pid")) ?? 0));
    await cluster.startAgent();
    await cluster.reached("bad", TaskState.TASK_FAILED);
    const killed = await cluster.reached("good", TaskState.TASK_KILLED);
    await cluster.reached("stubborn", TaskState.TASK_KILLED);
    assert.match(killed.message ?? "", /task bad of its group is TASK_FAILED$/);
    for (const pid of [...pids, grandchild]) assert.equal(isAlive(pid), false, `process ${pid} of the group lives`);
    const { TASK_RUNNING, TASK_FAILED, TASK_KILLED } = TaskState;
    assert.deepEqual(cluster.statesOf("good"), [TASK_RUNNING, TASK_KILLED]);
    assert.deepEqual(cluster.statesOf("bad"), [TASK_RUNNING, TASK_FAILED]);
    assert.deepEqual(cluster.statesOf("stubborn"), [TASK_RUNNING, TASK_KILLED]);
    const failure = await until(() => cluster.heard.find((event) => event.kind === "failure"));
    assert.deepEqual(failure, { kind: "failure", agentId, executorId: "E", status: 0 });
    await until(() => Math.round(offeredCpus() * 10) === 40);
  });

  it("K10: end with the one that is killed, while another group of the executor goes on", async () => {
    await launch({ a: waiting(0), b: waiting(0) });
    for (const taskId of ["a", "b"]) await cluster.reached(taskId, TaskState.TASK_RUNNING);
    await launch({ other: waiting(0) });
    await cluster.reached("other", TaskState.TASK_RUNNING);
    await cluster.driver.kill("a");
    for (const taskId of ["a", "b"]) await cluster.reached(taskId, TaskState.TASK_KILLED);
    const own = await sandboxes();
    writeFileSync(join(own["other"] ?? "", "go"), "");
    await cluster.reached("other", TaskState.TASK_FINISHED);
  });

  it("are refused whole, each task with the reason, when one of them cannot be launched", async () => {
    await launch({ good: "true", bad: "" });
    for (const taskId of ["good", "bad"]) {
      const { reason, message } = await cluster.reached(taskId, TaskState.TASK_ERROR);
      assert.equal(reason, TaskStatus_Reason.REASON_TASK_GROUP_INVALID);
      assert.equal(message, "Task group: task bad: command.value must not be empty");
    }
  });

  it("reach an executor of the framework in one event", async () => {
    const command = ExecutorInfo.fromPartial({ command: { value: `exec ${process.execPath} ${program}` } }).command;
    await launch({ T1: '{"exit":0}', T2: '{"exit":0}' }, { type: ExecutorInfo_Type.CUSTOM, command });
    for (const taskId of ["T1", "T2"]) await cluster.reached(taskId, TaskState.TASK_RUNNING);
    assert.equal(cluster.updatesOf("T1")[0]?.message, cluster.updatesOf("T2")[0]?.message, "one process speaks for both");
    await cluster.driver.kill("T1");
    await cluster.reached("T1", TaskState.TASK_KILLED);
    assert.deepEqual(cluster.statesOf("T2"), [TaskState.TASK_RUNNING], "what becomes of the others is the executor's affair");
  });
});

const scalar = (name: string, value: number) => ({ name, type: Value_Type.SCALAR, scalar: { value } });

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  const found = readProcess(pid);
  // A zombie runs no more; who inherits it may take its time to bury it.
  return found !== undefined && !found.isDead;
}
