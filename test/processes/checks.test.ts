/** Checks, health checks and completion times on real processes: all three kinds, and agents that are killed in between. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";

import { readProcess } from "../../agent/containers/process-table.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import {
  CheckInfo_Type,
  HealthCheck_Type,
  TaskInfo,
  TaskState,
  type TaskStatus,
  TaskStatus_Reason,
  Value_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import type { TaskFields } from "./raw-framework.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { SdkCluster } from "./sdk-cluster.ts";
import { until } from "./until.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const timeoutMs = 60_000;

const often = { delaySeconds: 0.1, intervalSeconds: 0.1, timeoutSeconds: 5, gracePeriodSeconds: 0 };

/** A server that answers with the status in the file "status", and refuses connections as long as there is none. */
const server = `exec "${process.execPath}" -e '
const { existsSync, readFileSync } = require("node:fs");
const server = require("node:http").createServer((_, response) => response.writeHead(Number(readFileSync("status", "utf8"))).end());
const timer = setInterval(() => {
  if (!existsSync("status")) return;
  clearInterval(timer);
  server.listen(Number(process.env.PORT), "127.0.0.1");
}, 20);'`;

describe("checks and real processes", function () {
  this.timeout(timeoutMs);
  let cluster: SdkCluster;

  beforeEach(async () => {
    cluster = await SdkCluster.start({ name: "checks", masterFlags: ["--registry=memory"] });
  });
  afterEach(() => cluster.stop());

  async function launch(fields: TaskFields): Promise<void> {
    await cluster.launch((agentId) => [
      TaskInfo.fromPartial({
        name: "t",
        taskId: { value: "t" },
        agentId: { value: agentId },
        resources: [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 0.1 } }],
        command: { value: "sleep 600" },
        ...fields,
      }),
    ]);
  }

  const told = (isIt: (status: TaskStatus) => boolean): Promise<TaskStatus> => until(() => cluster.updates().find(isIt));
  const sandbox = (name: string): string => join(sandboxFolders(cluster.workDir)[0] ?? "", name);

  it("over HTTP tell no result, then each change of the status, and a health check ends the task that fails it", async () => {
    const port = await freePort();
    await launch({
      command: { value: server, environment: { variables: [{ name: "PORT", value: String(port) }] } },
      check: { type: CheckInfo_Type.HTTP, http: { port, path: "/" }, ...often },
      healthCheck: { type: HealthCheck_Type.HTTP, http: { port, path: "/" }, ...often, consecutiveFailures: 2, gracePeriodSeconds: 600 },
    });
    const running = await told(({ state }) => state === TaskState.TASK_RUNNING);
    assert.deepEqual([running.healthy, running.checkStatus?.type, running.checkStatus?.http?.statusCode], [undefined, 2, undefined]);
    writeFileSync(sandbox("status"), "200");
    await told(({ healthy, checkStatus }) => healthy === true && checkStatus?.http?.statusCode === 200);
    writeFileSync(sandbox("status"), "503");
    const end = await told(({ state }) => state === TaskState.TASK_KILLED);
    assert.equal(end.healthy, false);
    const reasons = new Set(cluster.updates().map(({ reason }) => reason));
    assert.ok(reasons.has(TaskStatus_Reason.REASON_TASK_CHECK_STATUS_UPDATED));
    assert.ok(reasons.has(TaskStatus_Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED));
  });

  it("over TCP tell whether the task listens", async () => {
    const port = await freePort();
    await launch({
      command: { value: server, environment: { variables: [{ name: "PORT", value: String(port) }] } },
      check: { type: CheckInfo_Type.TCP, tcp: { port }, ...often },
    });
    await told(({ checkStatus }) => checkStatus?.tcp?.succeeded === false);
    writeFileSync(sandbox("status"), "200");
    await told(({ checkStatus }) => checkStatus?.tcp?.succeeded === true);
  });

  it("by command run in the sandbox, time out with all that they started, and outlive their agent neither", async () => {
    await launch({
      check: {
        type: CheckInfo_Type.COMMAND,
        command: { command: { value: 'if [ -e hang ]; then sh -c "echo \\$\\$ > child; sleep 600"; fi; exit 3' } },
        ...often,
        timeoutSeconds: 1,
      },
    });
    await told(({ checkStatus }) => checkStatus?.command?.exitCode === 3);
    writeFileSync(sandbox("hang"), "");
    const after = cluster.updates().length;
    await until(() =>
      cluster
        .updates()
        .slice(after)
        .find(({ checkStatus }) => checkStatus?.command?.exitCode === undefined),
    );
    await until(() => existsSync(sandbox("child")));
    const pid = (): number => Number(readFileSync(sandbox("child"), "utf8").trim() || "0");
    const first = await until(() => pid() > 0 && pid());
    await until(() => readProcess(first)?.isDead !== false);
    const second = await until(() => pid() > 0 && readProcess(pid())?.isDead === false && pid());
    await cluster.agent.end("SIGKILL");
    await until(() => readProcess(second)?.isDead !== false);
    await cluster.startAgent();
    rmSync(sandbox("hang"));
    const before = cluster.updates().length;
    await until(() =>
      cluster
        .updates()
        .slice(before)
        .find(({ checkStatus }) => checkStatus?.command?.exitCode === 3),
    );
  });

  it("go on after the agent was killed: what is reconciled says the last result, and the task still ends by its health", async () => {
    await launch({
      healthCheck: { type: HealthCheck_Type.COMMAND, command: { value: "test ! -e sick" }, ...often, consecutiveFailures: 3 },
    });
    await told(({ healthy }) => healthy === true);
    await cluster.agent.end("SIGKILL");
    writeFileSync(sandbox("sick"), "");
    await cluster.startAgent();
    await cluster.driver.reconcile([{ taskId: "t" }]);
    await told(({ reason, healthy }) => reason === TaskStatus_Reason.REASON_RECONCILIATION && healthy !== undefined);
    const end = await told(({ state }) => state === TaskState.TASK_KILLED);
    assert.equal(end.healthy, false);
    const messages = cluster.updates().flatMap(({ healthy, message }) => (healthy === false && message !== undefined ? [message] : []));
    assert.ok(messages.some((message) => message.includes("3 in a row, 3 end the task")));
  });

  it("let a task run for its max_completion_time and no longer, also when the agent is away at that moment", async () => {
    await launch({ maxCompletionTime: { nanoseconds: 1_500_000_000n }, command: { value: "trap : TERM; while :; do sleep 1; done" } });
    await told(({ state }) => state === TaskState.TASK_RUNNING);
    await cluster.agent.end("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await cluster.startAgent();
    const end = await told(({ state }) => state === TaskState.TASK_FAILED);
    assert.equal(end.reason, TaskStatus_Reason.REASON_MAX_COMPLETION_TIME_REACHED);
  });
});
