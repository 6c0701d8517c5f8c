/** What a real agent tells operators of itself, and of the files in its sandboxes. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";
import {
  Call_AttachContainerOutput,
  Call_ListFiles,
  Call_ReadFile,
  Call_SetLoggingLevel,
  ProcessIO,
  Response_GetAgent,
  Response_GetExecutors,
  Response_GetFlags,
  Response_GetFrameworks,
  Response_GetHealth,
  Response_GetLoggingLevel,
  Response_GetMetrics,
  Response_GetOperations,
  Response_GetState,
  Response_GetTasks,
  Response_GetVersion,
  Response_ListFiles,
  Response_ReadFile,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { OneAgent } from "./one-agent.ts";
import { sandboxFolders } from "./sandbox-folders.ts";
import { until } from "./until.ts";

describe("AgentOperator of an agent process", function () {
  this.timeout(60_000);
  let one: OneAgent;

  before(async () => {
    one = await OneAgent.boot();
  });
  after(() => one.end());

  const read = (path: string, offset: bigint, length?: bigint): Promise<Response_ReadFile> =>
    one.tell("ReadFile", Response_ReadFile, Call_ReadFile.encode({ path, offset, length }).finish());

  it("tells how the process is", async () => {
    assert.equal((await one.tell("GetHealth", Response_GetHealth)).healthy, true);
    assert.match((await one.tell("GetVersion", Response_GetVersion)).versionInfo?.version ?? "", /^\d/);
    const { flags } = await one.tell("GetFlags", Response_GetFlags);
    assert.equal(flags.find(({ name }) => name === "work-dir")?.value, one.workDir);
    const { metrics } = await one.tell("GetMetrics", Response_GetMetrics);
    assert.ok(metrics.some(({ name, value }) => name === 'tepui_containers{program="agent"}' && value === 0));
    const wrong = await one.ask("GetHealth", Buffer.from([8]));
    assert.equal(wrong.code, status.INVALID_ARGUMENT);
  });

  it("logs more for a while", async () => {
    const level = async (): Promise<number> => (await one.tell("GetLoggingLevel", Response_GetLoggingLevel)).level;
    const set = (nanoseconds: bigint): ReturnType<OneAgent["ask"]> =>
      one.ask("SetLoggingLevel", Call_SetLoggingLevel.encode({ level: 1, duration: { nanoseconds } }).finish());
    assert.equal(await level(), 0);
    const refused = await set(-1n);
    assert.deepEqual([refused.code, await level()], [status.INVALID_ARGUMENT, 0]);
    assert.equal((await set(3_600_000_000_000n)).code, status.OK);
    assert.equal(await level(), 1);
    assert.equal((await set(20_000_000n)).code, status.OK);
    await until(async () => ((await level()) === 0 ? true : undefined));
  });

  it("shows a sandbox by both of its paths, while the task writes and when it has ended", async () => {
    await one.launch("writes", "echo first; while [ ! -e go ]; do sleep 0.02; done; echo second; echo oops >&2");
    await one.framework.reached("writes", TaskState.TASK_RUNNING);
    const folder = sandboxFolders(one.workDir).find((name) => name.includes("/writes/"));
    assert.ok(folder !== undefined);
    const virtual = `/frameworks/${one.framework.id}/executors/writes/runs/latest`;
    const first = await until(async () => {
      const part = await read(`${virtual}/stdout`, 0n);
      return part.size === 0n ? undefined : part;
    });
    assert.equal(Buffer.from(first.data).toString(), "first\n");
    assert.equal((await read(`${folder}/stdout`, first.size)).data.length, 0, "nothing new yet");
    writeFileSync(join(folder, "go"), "");
    await one.framework.reached("writes", TaskState.TASK_FINISHED);
    const rest = await read(`${virtual}/stdout`, first.size, 3n);
    assert.deepEqual([Buffer.from(rest.data).toString(), rest.size], ["sec", 13n]);
    assert.equal(Buffer.from((await read(`${folder}/stderr`, 0n)).data).toString(), "oops\n");

    const { fileInfos } = await one.tell("ListFiles", Response_ListFiles, Call_ListFiles.encode({ path: virtual }).finish());
    assert.deepEqual(
      fileInfos.map(({ path, size }) => [path, size]),
      [
        [`${virtual}/go`, 0n],
        [`${virtual}/stderr`, 5n],
        [`${virtual}/stdout`, 13n],
      ],
    );
  });

  it("tells of its tasks, frameworks and executors, and of itself", async () => {
    await one.launch("lives", "sleep 3600");
    await one.framework.reached("lives", TaskState.TASK_RUNNING);
    const state = await one.tell("GetState", Response_GetState);
    const ids = (tasks: readonly { taskId?: { value: string } | undefined }[] | undefined) => tasks?.map(({ taskId }) => taskId?.value);
    assert.deepEqual([ids(state.getTasks?.launchedTasks), ids(state.getTasks?.completedTasks)], [["lives"], ["writes"]]);
    const tasks = await one.tell("GetTasks", Response_GetTasks);
    assert.deepEqual([ids(tasks.launchedTasks), ids(tasks.completedTasks)], [["lives"], ["writes"]]);
    const { frameworks } = await one.tell("GetFrameworks", Response_GetFrameworks);
    assert.deepEqual(
      frameworks.map(({ frameworkInfo }) => frameworkInfo?.id?.value),
      [one.framework.id],
    );
    assert.deepEqual(await one.tell("GetExecutors", Response_GetExecutors), { executors: [], completedExecutors: [] });
    assert.deepEqual(await one.tell("GetOperations", Response_GetOperations), { operations: [] });
    const { agentInfo, drainConfig } = await one.tell("GetAgent", Response_GetAgent);
    assert.deepEqual([agentInfo?.id?.value, drainConfig], [one.agentId, undefined]);
    for (const method of ["GetState", "GetTasks", "GetFrameworks", "GetExecutors", "GetOperations", "GetAgent"]) {
      assert.equal((await one.ask(method, Buffer.from([8]))).code, status.INVALID_ARGUMENT, method);
    }
  });

  it("streams what a task writes from now on, until it has ended", async () => {
    await one.launch("streams", "echo before; while [ ! -e go ]; do sleep 0.02; done; echo out; echo err >&2");
    const { containerStatus } = await one.framework.reached("streams", TaskState.TASK_RUNNING);
    const folder = sandboxFolders(one.workDir).find((name) => name.includes("/streams/")) ?? "";
    await until(async () => ((await read(`${folder}/stdout`, 0n)).size > 0n ? true : undefined));
    const stream = one.open(
      "AttachContainerOutput",
      Call_AttachContainerOutput.encode({ containerId: containerStatus?.containerId }).finish(),
    );
    const told: ProcessIO[] = [];
    stream.on("data", (bytes: Buffer) => {
      // The first one says that nothing is missed from there on.
      if (told.push(ProcessIO.decode(bytes)) === 1) writeFileSync(join(folder, "go"), "");
    });
    await once(stream, "end");
    const text = (type: number): string =>
      told.flatMap(({ data }) => (data?.type === type ? [Buffer.from(data.data ?? []).toString()] : [])).join("");
    assert.deepEqual([told[0]?.control?.type, text(2), text(3)], [2, "out\n", "err\n"]);

    const again = one.open(
      "AttachContainerOutput",
      Call_AttachContainerOutput.encode({ containerId: containerStatus?.containerId }).finish(),
    );
    const [error] = (await once(again, "error")) as [ServiceError];
    assert.equal(error.code, status.NOT_FOUND, error.details);
  });

  it("shows nothing else of its machine", async () => {
    const folder = sandboxFolders(one.workDir).find((name) => name.includes("/writes/")) ?? "";
    symlinkSync(join(one.workDir, "checkpoint.db"), join(folder, "leak"));
    const codeOf = async (path: string): Promise<number> =>
      (await one.ask("ReadFile", Call_ReadFile.encode({ path, offset: 0n }).finish())).code;
    for (const path of [
      "/etc/passwd",
      join(one.workDir, "checkpoint.db"),
      `${folder}/leak`,
      "/frameworks/F/executors/E/runs/latest/stdout",
    ]) {
      assert.equal(await codeOf(path), status.NOT_FOUND, path);
    }
    assert.equal(await codeOf(`${folder}/../../../stdout`), status.INVALID_ARGUMENT);
  });
});
