/**
 * A whole framework in one file: runs a small batch of shell commands on a tepui cluster, each to its end exactly
 * once, and launches a task anew when its agent is lost.
 *
 *   npm run example:typescript -- --master 127.0.0.1:6050 --tasks 6 --command 'sleep 0.2'
 *
 * With --executor it brings an executor of its own (executor.ts beside this file), one for each agent, which runs the commands there.
 */

import { parseArgs } from "node:util";
import { CallError } from "../../client/call-error.ts";
import { SchedulerDriver, SubscriptionRefusedError } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
import { type Offer, TaskInfo, TaskState, type TaskStatus, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";

const flags = readFlags();
const taskCount = Number(flags.tasks);
if (!Number.isInteger(taskCount) || taskCount < 1) misused(`--tasks must be a whole number of at least 1, is "${flags.tasks}"`);

/** The same for all tasks: the first on an agent starts it, the others go to it. */
const executor = {
  executorId: { value: "batch" },
  command: { shell: false, value: process.execPath, arguments: [process.execPath, new URL("executor.ts", import.meta.url).pathname] },
};

const cpusPerTask = 0.1;
const memPerTaskMb = 32;

/** Numbers of the tasks that still have to be launched. */
const waiting = Array.from({ length: taskCount }, (_, index) => index);
/** Task id -> number of the task. An id is used once: a task that is launched anew gets a new one. */
const live = new Map<string, number>();
let launches = 0;
let finished = 0;
/** Why the batch cannot be finished. */
let failure: string | undefined;

const driver = new SchedulerDriver({
  masters: flags.master,
  framework: { user: "root", name: "batch-typescript", failoverTimeout: 60, checkpoint: true },
  onEvent,
  onDisconnected: (reason, retryInMs) => console.log(`disconnected (${reason}), next attempt in ${retryInMs} ms`),
});

/** Hears one event after the other: the next one waits until this returns. */
async function onEvent(event: SchedulerEvent): Promise<void> {
  try {
    await answer(event);
  } catch (error) {
    // A call that fails with the connection is no reason to end: the next `subscribed` event sorts it out.
    if (!(error instanceof CallError)) throw error;
    console.log(error.message);
  }
}

async function answer(event: SchedulerEvent): Promise<void> {
  switch (event.kind) {
    case "subscribed":
      console.log(`subscribed as ${event.frameworkId}`);
      return proceed();
    case "heartbeat":
      return proceed();
    case "offers":
      for (const offer of event.offers) await answerOffer(offer);
      return;
    case "update":
      onUpdate(event.status);
      if (isDone()) await driver.teardown();
      else if (waiting.length > 0) await driver.revive();
      return;
    default:
      return;
  }
}

function isDone(): boolean {
  return failure !== undefined || finished === taskCount;
}

/** What was launched may have changed while nobody listened, and a launch may have got lost with its connection: ask for the tasks. */
async function proceed(): Promise<void> {
  if (isDone()) await driver.teardown();
  else if (live.size > 0) await driver.reconcile([...live.keys()].map((taskId) => ({ taskId })));
}

async function answerOffer(offer: Offer): Promise<void> {
  const offerId = offer.id?.value ?? "";
  const room = Math.floor(Math.min(scalar(offer, "cpus") / cpusPerTask, scalar(offer, "mem") / memPerTaskMb) + 1e-9);
  const numbers = waiting.splice(0, room);
  if (numbers.length === 0) return driver.decline([offerId], 3600);
  const tasks = numbers.map((number) => task(number, offer));
  console.log(`launching ${tasks.length} on agent ${offer.agentId?.value}`);
  try {
    await driver.launch([offerId], tasks);
  } catch (error) {
    // A refused launch had no effect. What became of one whose answer got lost, reconciliation tells.
    if (error instanceof CallError && error.refused) for (const number of numbers) forget(number);
    throw error;
  }
}

function task(number: number, offer: Offer): TaskInfo {
  const taskId = `task-${number}-${launches++}`;
  live.set(taskId, number);
  return TaskInfo.fromPartial({
    name: `task ${number}`,
    taskId: { value: taskId },
    agentId: offer.agentId,
    resources: [
      { name: "cpus", type: Value_Type.SCALAR, scalar: { value: cpusPerTask } },
      { name: "mem", type: Value_Type.SCALAR, scalar: { value: memPerTaskMb } },
    ],
    ...(flags.executor ? { executor, data: Buffer.from(flags.command) } : { command: { shell: true, value: flags.command } }),
  });
}

function onUpdate(status: TaskStatus): void {
  const taskId = status.taskId?.value ?? "";
  const number = live.get(taskId);
  if (number === undefined) return;
  console.log(`${taskId}: ${stateName(status.state)}${status.message ? ` (${status.message})` : ""}`);
  switch (status.state) {
    case TaskState.TASK_FINISHED:
      live.delete(taskId);
      finished++;
      return;
    case TaskState.TASK_LOST:
    case TaskState.TASK_DROPPED:
    case TaskState.TASK_GONE:
    case TaskState.TASK_GONE_BY_OPERATOR:
    case TaskState.TASK_KILLED:
      live.delete(taskId);
      waiting.push(number);
      return;
    case TaskState.TASK_FAILED:
    case TaskState.TASK_ERROR:
      failure = `${taskId} cannot succeed: ${status.message}`;
      return;
    default:
      return;
  }
}

/** A launch was refused, so that nothing of it runs: the task waits again. */
function forget(number: number): void {
  for (const [taskId, other] of live) if (other === number) live.delete(taskId);
  waiting.push(number);
}

function scalar(offer: Offer, name: string): number {
  return offer.resources.reduce((sum, resource) => sum + (resource.name === name ? (resource.scalar?.value ?? 0) : 0), 0);
}

function stateName(state: number): string {
  return Object.entries(TaskState).find(([, value]) => value === state)?.[0] ?? `state ${state}`;
}

function readFlags(): { master: string[]; tasks: string; command: string; executor: boolean } {
  try {
    return parseArgs({
      options: {
        master: { type: "string", multiple: true, default: ["127.0.0.1:6050"] },
        tasks: { type: "string", default: "6" },
        command: { type: "string", default: "sleep 0.2" },
        executor: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    misused(error instanceof Error ? error.message : String(error));
  }
}

function misused(reason: string): never {
  console.error(reason);
  process.exit(2);
}

try {
  await driver.run();
} catch (error) {
  if (!(error instanceof SubscriptionRefusedError)) throw error;
  // A TEARDOWN whose answer got lost with its connection: that the framework is gone is what was asked for.
  if (!isDone()) failure = `the master refuses this framework: ${error.message}`;
}
if (failure !== undefined) console.error(failure);
else console.log(`all ${taskCount} tasks finished`);
process.exitCode = failure === undefined ? 0 : 1;
