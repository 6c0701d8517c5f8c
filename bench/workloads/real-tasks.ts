/**
 * W2: real commands through one master and one agent: how many a second, how long one launch takes, what a running task
 * costs. Floor: a bare loop that spawns the same commands.
 */

import { join } from "node:path";

import { assertDefined } from "../../common/assert.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { joinLoops, runSpawnLoop, type SpawnLoopResult } from "../floors/spawn-loop.ts";
import { atLeast, atMost, type Figure, type Measurement, type RunContext, type Workload } from "../measurement.ts";
import { type NodeProcess, startAgent, startMaster } from "../node-process.ts";
import { percentile } from "../percentile.ts";
import { cpuMs, cpuWithChildrenMs, descendantsOf, peakRssBytes, pssBytes } from "../process-usage.ts";
import { TaskLog } from "../task-log.ts";
import { resourcesFlag, taskTemplate } from "../tasks.ts";

const usualSizes = { tasks: 2_000, atOnce: 64, singles: 100, sleepers: 100 };
type Sizes = typeof usualSizes;

const command = "true";
const megabyte = 1024 * 1024;

/** Resources that come free are offered again at once, as far as a periodic allocation can. */
const masterFlags = ["--allocation-interval=20ms"];

/** A task's shell has started its command by then. */
const settleMs = 1_000;

export const realTasks: Workload<Sizes> = {
  name: "real-tasks",
  summary: "W2: real commands through one master and one agent",
  sizes: usualSizes,
  run,
};

async function run(sizes: Sizes, context: RunContext): Promise<Measurement> {
  const master = await startMaster(context, masterFlags);
  const workDir = join(context.folder, "agent");
  const flags = [resourcesFlag(Math.max(sizes.atOnce, sizes.sleepers))];
  const agent = await startAgent(context, { master, workDir, flags });
  const log = await TaskLog.subscribe(master.port);
  try {
    // Half of it before and half after: what else the machine does changes in between.
    const half = Math.ceil(sizes.tasks / 2);
    const floors = [await runSpawnLoop(command, half, sizes.atOnce)];
    const cpuBeforeMs = { master: cpuMs(master.process.pid), agent: cpuWithChildrenMs(agent.pid) };
    const seconds = await launchMany(log, sizes);
    const many: ManyTasks = {
      rate: sizes.tasks / seconds,
      masterCpuMs: (cpuMs(master.process.pid) - cpuBeforeMs.master) / sizes.tasks,
      agentCpuMs: (cpuWithChildrenMs(agent.pid) - cpuBeforeMs.agent) / sizes.tasks,
    };
    context.progress(`${Math.round(many.rate)} tasks/s; now ${sizes.singles} single launches`);
    const latencies = await launchSingles(log, sizes.singles);
    context.progress(`${sizes.sleepers} tasks that sleep`);
    const memory = await measureSleepers(log, agent, sizes.sleepers);
    const peak = { master: peakRssBytes(master.process.pid), agent: peakRssBytes(agent.pid) };
    floors.push(await runSpawnLoop(command, half, sizes.atOnce));
    const floor = joinLoops(floors);
    const figures = toFigures({ many, latencies, memory, floor });
    return { figures, peakRssBytes: peak, problems: log.problems };
  } finally {
    log.framework.close();
    agent.signal("SIGUSR1");
    await agent.exited;
    await master.process.stop();
  }
}

/** Seconds from the first ACCEPT to the last TASK_FINISHED. */
async function launchMany(log: TaskLog, { tasks, atOnce }: Sizes): Promise<number> {
  const newTask = taskTemplate(command);
  let launched = 0;
  let beganAtMs: number | undefined;
  const isDone = (): boolean => log.count(TaskState.TASK_FINISHED) === tasks;
  while (!isDone()) {
    await log.until("an offer or the end of all tasks", () => (log.offers.length > 0 && launched < tasks) || isDone());
    const offer = launched < tasks ? log.offers.shift() : undefined;
    if (offer === undefined) continue;
    const room = Math.min(offer.room, tasks - launched, atOnce - (launched - log.count(TaskState.TASK_FINISHED)));
    const taskIds = Array.from({ length: Math.max(0, room) }, () => `many-${launched++}`);
    beganAtMs ??= performance.now();
    for (const taskId of taskIds) log.launched(taskId);
    if (taskIds.length === 0) log.framework.decline(offer, 0);
    else
      log.framework.launch(
        offer,
        taskIds.map((taskId) => newTask(taskId, offer.agentId)),
      );
  }
  return (performance.now() - assertDefined(beganAtMs, "begin")) / 1000;
}

/** Milliseconds from ACCEPT to RUNNING, each after the end of the one before. */
async function launchSingles(log: TaskLog, count: number): Promise<readonly number[]> {
  const newTask = taskTemplate(command);
  const latencies: number[] = [];
  const finishedBefore = log.count(TaskState.TASK_FINISHED);
  for (let index = 0; index < count; index++) {
    const offer = await log.takeOffer();
    const taskId = `single-${index}`;
    const runningBefore = log.count(TaskState.TASK_RUNNING);
    log.launched(taskId);
    log.framework.launch(offer, [newTask(taskId, offer.agentId)]);
    await log.until(`${taskId} to run`, () => log.count(TaskState.TASK_RUNNING) > runningBefore);
    latencies.push(log.latencyMs(taskId));
    await log.until(`${taskId} to finish`, () => log.count(TaskState.TASK_FINISHED) === finishedBefore + index + 1);
  }
  return latencies;
}

interface ManyTasks {
  /** Tasks per second. */
  readonly rate: number;
  /** Per task. */
  readonly masterCpuMs: number;
  /** Per task, with everything that ran beneath the agent. */
  readonly agentCpuMs: number;
}

interface TaskMemory {
  readonly bytesPerTask: number;
  readonly agentBytes: number;
}

/** Starts tasks that sleep, weighs everything beneath the agent, and kills them. */
async function measureSleepers(log: TaskLog, agent: NodeProcess, count: number): Promise<TaskMemory> {
  const newTask = taskTemplate("sleep 3600");
  const runningBefore = log.count(TaskState.TASK_RUNNING);
  const taskIds: string[] = [];
  let agentId = "";
  while (taskIds.length < count) {
    const offer = await log.takeOffer();
    agentId = offer.agentId;
    const more = Array.from({ length: Math.min(offer.room, count - taskIds.length) }, (_, index) => `sleeper-${taskIds.length + index}`);
    taskIds.push(...more);
    for (const taskId of more) log.launched(taskId);
    log.framework.launch(
      offer,
      more.map((taskId) => newTask(taskId, agentId)),
    );
  }
  await log.until("all sleepers to run", () => log.count(TaskState.TASK_RUNNING) === runningBefore + count);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const bytes = descendantsOf(agent.pid).reduce((sum, pid) => sum + pssBytes(pid), 0);
  const memory = { bytesPerTask: bytes / count, agentBytes: pssBytes(agent.pid) };
  for (const taskId of taskIds) log.framework.kill(taskId, agentId);
  await log.until("all sleepers to be killed", () => log.count(TaskState.TASK_KILLED) === count);
  return memory;
}

function toFigures({
  many,
  latencies,
  memory,
  floor,
}: {
  many: ManyTasks;
  latencies: readonly number[];
  memory: TaskMemory;
  floor: SpawnLoopResult;
}): Figure[] {
  const { rate, masterCpuMs, agentCpuMs } = many;
  const count = floor.launchMs.length;
  const floorMs = floor.wallMs / count;
  return [
    { name: "throughput", unit: "tasks/s", value: rate, floor: 1000 / floorMs, target: atLeast(300) },
    { name: "time per task", unit: "ms", value: 1000 / rate, floor: floorMs, ratioTarget: atMost(1.5) },
    { name: "CPU per task, agent and its processes", unit: "ms", value: agentCpuMs, floor: floor.cpuMs / count },
    { name: "CPU per task, master", unit: "ms", value: masterCpuMs },
    {
      name: "ACCEPT to RUNNING p50",
      unit: "ms",
      value: percentile(latencies, 50),
      floor: percentile(floor.launchMs, 50),
      target: atMost(15),
    },
    {
      name: "ACCEPT to RUNNING p99",
      unit: "ms",
      value: percentile(latencies, 99),
      floor: percentile(floor.launchMs, 99),
      target: atMost(40),
    },
    { name: "memory per running task (PSS)", unit: "MB", value: memory.bytesPerTask / megabyte, target: atMost(1) },
    { name: "memory of the agent (PSS)", unit: "MB", value: memory.agentBytes / megabyte, target: atMost(100) },
  ];
}
