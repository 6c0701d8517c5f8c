/**
 * An executor for tests: a task's data says how it behaves, as JSON { "exit": code } for a task that waits until its sandbox has a file
 * "go-<task>". Every start and end goes to the file "ledger" of the sandbox.
 */

import { appendFileSync, existsSync } from "node:fs";

import { ExecutorDriver } from "../../client/executor-driver.ts";
import type { TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";

const pollMs = 10;
const running = new Map<string, NodeJS.Timeout>();

function launch(task: TaskInfo, driver: ExecutorDriver): void {
  const taskId = task.taskId?.value ?? "";
  const { exit } = JSON.parse(Buffer.from(task.data ?? []).toString() || "{}") as { readonly exit?: number };
  appendFileSync("ledger", `start ${taskId}\n`);
  driver.update(taskId, TaskState.TASK_RUNNING, { message: `by ${process.pid}`, labels: { labels: [{ key: "from", value: "executor" }] } });
  const look = (): void => {
    if (existsSync(`go-${taskId}`)) end(taskId, exit === 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED, driver);
  };
  running.set(taskId, setInterval(look, pollMs));
}

function end(taskId: string, state: TaskState, driver: ExecutorDriver): void {
  const timer = running.get(taskId);
  if (timer === undefined) return;
  clearInterval(timer);
  running.delete(taskId);
  appendFileSync("ledger", `end ${taskId}\n`);
  driver.update(taskId, state, { data: Buffer.from(`last words of ${taskId}`) });
}

const driver = new ExecutorDriver({
  onEvent: async (event, own) => {
    if (event.kind === "launch") launch(event.task, own);
    else if (event.kind === "launchGroup") for (const task of event.tasks) launch(task, own);
    else if (event.kind === "kill") end(event.taskId, TaskState.TASK_KILLED, own);
    else if (event.kind === "message") await own.sendMessage(Buffer.concat([Buffer.from("echo "), event.data]));
    else if (event.kind === "shutdown") for (const taskId of [...running.keys()]) end(taskId, TaskState.TASK_KILLED, own);
  },
});
const how = await driver.run();
appendFileSync("ledger", `executor ${how}\n`);
process.exit(0);
