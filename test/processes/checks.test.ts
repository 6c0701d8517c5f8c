/** Checks, health checks and completion times on real processes: all three kinds, and agents that are killed in between. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

import { readProcess } from "../../agent/containers/process-table.ts";
import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
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
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { sandboxFolders } from "./sandbox-folders.ts";

type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];

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
  let folder: string;
  let folders = 0;
  let workDir: string;
  let master: MasterProcess;
  let agent: AgentProcess;
  let driver: SchedulerDriver;
  let run: Promise<void>;
  let heard: SchedulerEvent[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-checks-"));
  });
  beforeEach(async () => {
    workDir = join(folder, `agent-${folders++}`);
    heard = [];
    master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    await startAgent();
    driver = new SchedulerDriver({
      masters: [(await master.leading()).address],
      framework: { user: "root", name: "checks", failoverTimeout: 60, checkpoint: true, capabilities: [{ type: 5 }] },
      onEvent: (event) => void heard.push(event),
    });
    run = driver.run();
  });
  afterEach(async () => {
    driver.stop();
    await run;
    if (agent.isRunning) assert.equal((await agent.end("SIGUSR1")).code, 0);
    await master.end("SIGKILL");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function startAgent(): Promise<void> {
    const { address } = await master.leading();
    const fixed = ["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:1024"];
    agent = new AgentProcess([...fixed, "--update-retry-min=200ms", "--registration-backoff-max=200ms"]);
    await agent.registered();
  }

  async function launch(fields: TaskFields): Promise<void> {
    const offer = await until(() => heard.flatMap((event) => (event.kind === "offers" ? event.offers : [])).at(-1));
    const task = TaskInfo.fromPartial({
      name: "t",
      taskId: { value: "t" },
      agentId: { value: offer.agentId?.value ?? "" },
      resources: [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 0.1 } }],
      command: { value: "sleep 600" },
      ...fields,
    });
    await driver.launch([offer.id?.value ?? ""], [task], 0);
  }

  const updates = (): TaskStatus[] => heard.flatMap((event) => (event.kind === "update" ? [event.status] : []));
  const told = (isIt: (status: TaskStatus) => boolean): Promise<TaskStatus> => until(() => updates().find(isIt));
  const sandbox = (name: string): string => join(sandboxFolders(workDir)[0] ?? "", name);

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
    const reasons = new Set(updates().map(({ reason }) => reason));
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
    const after = updates().length;
    await until(() =>
      updates()
        .slice(after)
        .find(({ checkStatus }) => checkStatus?.command?.exitCode === undefined),
    );
    await until(() => (existsSync(sandbox("child")) ? true : undefined));
    const pid = (): number => Number(readFileSync(sandbox("child"), "utf8").trim() || "0");
    const first = await until(() => (pid() > 0 ? pid() : undefined));
    await until(() => readProcess(first)?.isDead !== false || undefined);
    const second = await until(() => (pid() > 0 && readProcess(pid())?.isDead === false ? pid() : undefined));
    await agent.end("SIGKILL");
    await until(() => readProcess(second)?.isDead !== false || undefined);
    await startAgent();
    rmSync(sandbox("hang"));
    const before = updates().length;
    await until(() =>
      updates()
        .slice(before)
        .find(({ checkStatus }) => checkStatus?.command?.exitCode === 3),
    );
  });

  it("go on after the agent was killed: what is reconciled says the last result, and the task still ends by its health", async () => {
    await launch({
      healthCheck: { type: HealthCheck_Type.COMMAND, command: { value: "test ! -e sick" }, ...often, consecutiveFailures: 3 },
    });
    await told(({ healthy }) => healthy === true);
    await agent.end("SIGKILL");
    writeFileSync(sandbox("sick"), "");
    await startAgent();
    await driver.reconcile([{ taskId: "t" }]);
    await told(({ reason, healthy }) => reason === TaskStatus_Reason.REASON_RECONCILIATION && healthy !== undefined);
    const end = await told(({ state }) => state === TaskState.TASK_KILLED);
    assert.equal(end.healthy, false);
    const messages = updates().flatMap(({ healthy, message }) => (healthy === false && message !== undefined ? [message] : []));
    assert.ok(messages.some((message) => message.includes("3 in a row, 3 end the task")));
  });

  it("let a task run for its max_completion_time and no longer, also when the agent is away at that moment", async () => {
    await launch({ maxCompletionTime: { nanoseconds: 1_500_000_000n }, command: { value: "trap : TERM; while :; do sleep 1; done" } });
    await told(({ state }) => state === TaskState.TASK_RUNNING);
    await agent.end("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await startAgent();
    const end = await told(({ state }) => state === TaskState.TASK_FAILED);
    assert.equal(end.reason, TaskStatus_Reason.REASON_MAX_COMPLETION_TIME_REACHED);
  });
});

/** The first value that is not undefined; the test's own timeout ends a wait in vain. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
