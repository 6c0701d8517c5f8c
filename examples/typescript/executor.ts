/**
 * A custom executor in one file: runs the data of each task as a shell command, any number of them at a time. `batch.ts --executor`
 * brings it along; it is not started by hand. It outlives its agent: while that is away, tasks go on, and what they come to is told
 * when it is back.
 */

import { type ChildProcess, spawn } from "node:child_process";

import { ExecutorDriver } from "../../client/executor-driver.ts";
import type { ExecutorEvent } from "../../client/executor-event.ts";
import { type TaskInfo, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";

/** Between SIGTERM and SIGKILL when neither the kill nor the task says. */
const killGraceDefaultMs = 3_000;

const running = new Map<string, { readonly task: TaskInfo; readonly child: ChildProcess; isKilled: boolean }>();
const driver = new ExecutorDriver({ onEvent, onUpdateRefused: (error) => console.error(error.message) });

function onEvent(event: ExecutorEvent): void {
  switch (event.kind) {
    case "launch":
      launch(event.task);
      return;
    case "kill":
      kill(event.taskId, event.graceMs);
      return;
    case "shutdown":
      for (const taskId of running.keys()) kill(taskId, 0);
      return;
    default:
      return;
  }
}

function launch(task: TaskInfo): void {
  const taskId = task.taskId?.value ?? "";
  const command = Buffer.from(task.data ?? []).toString();
  // A process group of its own, so that a kill reaches all of it.
  const child = spawn("/bin/sh", ["-c", command], { detached: true, stdio: ["ignore", "inherit", "inherit"] });
  const entry = { task, child, isKilled: false };
  running.set(taskId, entry);
  driver.update(taskId, TaskState.TASK_RUNNING);
  child.on("error", (error) => end(taskId, TaskState.TASK_FAILED, error.message));
  child.on("exit", (code, signal) => {
    const how = code === null ? `ended by ${signal}` : `exited with status ${code}`;
    if (entry.isKilled) end(taskId, TaskState.TASK_KILLED, how);
    else end(taskId, code === 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED, how);
  });
}

function end(taskId: string, state: TaskState, message: string): void {
  if (running.delete(taskId)) driver.update(taskId, state, { message });
}

function kill(taskId: string, graceMs: number | undefined): void {
  const entry = running.get(taskId);
  if (entry === undefined) return;
  const own = entry.task.killPolicy?.gracePeriod?.nanoseconds;
  entry.isKilled = true;
  signal(entry.child, "SIGTERM");
  const waitMs = graceMs ?? (own === undefined ? killGraceDefaultMs : Number(own) / 1e6);
  setTimeout(() => signal(entry.child, "SIGKILL"), waitMs).unref();
}

function signal({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, name);
}

const how = await driver.run();
for (const { child } of running.values()) signal(child, "SIGKILL");
console.log(`this executor ends: ${how}`);
process.exit(0);
