/**
 * W6: SIGUSR1 to an agent with many tasks, stubborn ones and daemons among them: how long until the framework has heard
 * that each is lost, whether all were dead by then, how long until the agent has exited. Floor: a bare loop that kills the
 * same process trees, known one by one, and waits until they are dead.
 */

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { atMost, type Figure, type Measurement, type RunContext, type Workload } from "../measurement.ts";
import { type MasterNode, startAgent, startMaster } from "../node-process.ts";
import { percentile } from "../percentile.ts";
import { commandLineOf, isAlive, peakRssBytes, processesIn } from "../process-usage.ts";
import { TaskLog } from "../task-log.ts";
import { resourcesFlag, taskTemplate } from "../tasks.ts";

const usualSizes = { rounds: 20, tasks: 100 };
type Sizes = typeof usualSizes;

/** One that ends when asked, one that does not, one whose grandchild has left the session; with the processes of each. */
const kinds = [
  { command: "sleep 3600", processes: 1 },
  { command: "trap '' TERM; while :; do sleep 3600; done", processes: 2 },
  { command: "setsid sh -c 'sleep 3600 & exit 0' & sleep 3600", processes: 3 },
] as const;

/** Which kind each of ten tasks is: most are plain, one in ten is stubborn, one in ten has a grandchild. */
const mixture = [0, 0, 0, 0, 1, 0, 0, 0, 0, 2] as const;

function kindOf(index: number): (typeof kinds)[number] {
  return kinds[mixture[index % mixture.length] ?? 0];
}

const masterFlags = ["--allocation-interval=20ms"];

/** What was killed and still lives after this was not killed. */
const goneTimeoutMs = 1_000;

export const drainNow: Workload<Sizes> = {
  name: "drain-now",
  summary: "W6: SIGUSR1 to an agent with many tasks",
  sizes: usualSizes,
  run,
};

interface Round {
  readonly lostMs: number;
  readonly exitMs: number;
  readonly floorMs: number;
  readonly agentPeakBytes: number;
}

async function run({ rounds, tasks }: Sizes, context: RunContext): Promise<Measurement> {
  const master = await startMaster(context, masterFlags);
  const log = await TaskLog.subscribe(master.port);
  try {
    const results: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const drain = await drainOnce(context, { master, log, round, tasks });
      results.push({ ...drain, floorMs: await killBare(join(context.folder, `floor-${round}`), tasks) });
      context.progress(`round ${round + 1}: last TASK_LOST after ${drain.lostMs.toFixed(1)} ms, exit after ${drain.exitMs.toFixed(1)} ms`);
    }
    const peak = { master: peakRssBytes(master.process.pid), agent: Math.max(...results.map((each) => each.agentPeakBytes)) };
    return { figures: toFigures(results), peakRssBytes: peak, problems: log.problems };
  } finally {
    log.framework.close();
    await master.process.stop();
  }
}

async function drainOnce(
  context: RunContext,
  { master, log, round, tasks }: { readonly master: MasterNode; readonly log: TaskLog; readonly round: number; readonly tasks: number },
): Promise<Omit<Round, "floorMs">> {
  const workDir = join(context.folder, `agent-${round}`);
  const agent = await startAgent(context, { master, workDir, flags: [resourcesFlag(tasks)] });
  const lostBefore = log.count(TaskState.TASK_LOST);
  await launchAll(log, round, tasks);
  const pids = await settledProcesses(workDir, tasks);
  const agentPeakBytes = peakRssBytes(agent.pid);
  const beganAtMs = performance.now();
  agent.signal("SIGUSR1");
  await log.until("each task to be lost", () => log.count(TaskState.TASK_LOST) === lostBefore + tasks);
  const lostMs = performance.now() - beganAtMs;
  const alive = pids.filter(isAlive);
  if (alive.length > 0) log.problems.push(`round ${round}: ${alive.length} processes lived when the last task was announced lost`);
  const { code, atMs } = await agent.exited;
  if (code !== 0) log.problems.push(`round ${round}: the agent exited with ${code}`);
  if (!(await areGone(workDir))) log.problems.push(`round ${round}: processes live long after the agent has exited`);
  return { lostMs, exitMs: atMs - beganAtMs, agentPeakBytes };
}

/** The agent has killed its supervisors when it exits; the kernel may need some moments for them. */
async function areGone(folder: string): Promise<boolean> {
  const deadlineMs = performance.now() + goneTimeoutMs;
  while (processesIn(folder).length > 0) {
    if (performance.now() > deadlineMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}

async function launchAll(log: TaskLog, round: number, tasks: number): Promise<void> {
  const templates = new Map(kinds.map((kind) => [kind, taskTemplate(kind.command)]));
  const runningBefore = log.count(TaskState.TASK_RUNNING);
  let launched = 0;
  while (launched < tasks) {
    const offer = await log.takeOffer();
    const taskInfos = Array.from({ length: Math.min(offer.room, tasks - launched) }, () => {
      const taskId = `round-${round}-${launched}`;
      log.launched(taskId);
      return templates.get(kindOf(launched++))?.(taskId, offer.agentId);
    });
    log.framework.launch(
      offer,
      taskInfos.filter((task) => task !== undefined),
    );
  }
  await log.until("all tasks to run", () => log.count(TaskState.TASK_RUNNING) === runningBefore + tasks);
}

/**
 * The processes of all tasks, once every one is there. Supervisors are not among them: they can start nothing any more when
 * the news leaves, and are killed before the agent exits.
 */
async function settledProcesses(folder: string, tasks: number): Promise<readonly number[]> {
  const wanted = Array.from({ length: tasks }, (_, index) => kindOf(index).processes);
  const wantedCount = wanted.reduce<number>((sum, count) => sum + count, 0);
  for (let attempt = 0; attempt < 100; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const pids = processesIn(folder).filter((pid) => !commandLineOf(pid).includes("tepui-supervisor"));
    if (pids.length >= wantedCount) return pids;
  }
  throw new Error(`the processes of ${tasks} tasks are not all there, ${wantedCount} are wanted`);
}

/** Milliseconds from the first SIGKILL until the last process of the same trees is dead. */
async function killBare(folder: string, tasks: number): Promise<number> {
  mkdirSync(folder);
  for (let index = 0; index < tasks; index++) {
    spawn("/bin/sh", ["-c", kindOf(index).command], { cwd: folder, detached: true, stdio: "ignore" });
  }
  const pids = await settledProcesses(folder, tasks);
  const beganAtMs = performance.now();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  let alive = pids.filter(isAlive);
  while (alive.length > 0) alive = alive.filter(isAlive);
  return performance.now() - beganAtMs;
}

function toFigures(rounds: readonly Round[]): Figure[] {
  const lost = rounds.map((round) => round.lostMs);
  const exits = rounds.map((round) => round.exitMs);
  const floors = rounds.map((round) => round.floorMs);
  const floor = { p50: percentile(floors, 50), p99: percentile(floors, 99) };
  return [
    { name: "SIGUSR1 to last TASK_LOST p50", unit: "ms", value: percentile(lost, 50), floor: floor.p50 },
    { name: "SIGUSR1 to last TASK_LOST p99", unit: "ms", value: percentile(lost, 99), floor: floor.p99, target: atMost(20) },
    { name: "SIGUSR1 to exit of the agent p50", unit: "ms", value: percentile(exits, 50) },
    { name: "SIGUSR1 to exit of the agent p99", unit: "ms", value: percentile(exits, 99), target: atMost(200) },
  ];
}
