/**
 * W1: many short tasks through one master, over real gRPC, with agents that hold them in memory: first as many as it takes,
 * then at a steady rate to see how long one launch takes. Floor: the same bytes through a bare gRPC server.
 */

import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { BenchFramework, type BenchOffer, type BenchUpdate } from "../bench-framework.ts";
import { type EchoResult, measureEcho, measureRoundTrips } from "../floors/echo.ts";
import { atLeast, atMost, type Figure, type Measurement, type RunContext, type Workload } from "../measurement.ts";
import { MemoryAgent } from "../memory-agent.ts";
import { type MasterNode, startMaster, startProfiledMaster } from "../node-process.ts";
import { percentile } from "../percentile.ts";
import { cpuMs, peakRssBytes } from "../process-usage.ts";
import { type WorkKind, workShares } from "../profile-shares.ts";
import { SteadyLaunches } from "../steady-launches.ts";
import { taskTemplate } from "../tasks.ts";
import { Traffic } from "../traffic.ts";

const usualSizes = { tasks: 100_000, agents: 100, slots: 50, steadySeconds: 10, steadyRate: 1_000, profiledTasks: 30_000 };
type Sizes = typeof usualSizes;

/** Often enough that no agent stands idle for long; an operator of short tasks would set it so. */
const masterFlags = ["--allocation-interval=50ms"];

/** Of the floor: about what is under way on these streams in the workload. */
const frameworkWindowMessages = 1_000;
const agentWindowMessages = 2;

/** A task that makes no progress for so long will not come. */
const stallMs = 20_000;

/** What is offered when no task is left to launch is not offered again until the next phase. */
const declineSeconds = 3_600;

export const churn: Workload<Sizes> = {
  name: "churn",
  summary: "W1: short tasks through one master with agents in memory",
  sizes: usualSizes,
  run,
};

async function run(sizes: Sizes, context: RunContext): Promise<Measurement> {
  const master = await startMaster(context, masterFlags);
  try {
    const cluster = await ChurnCluster.start(sizes, master);
    context.progress(`${sizes.agents} agents are registered; ${sizes.tasks} tasks follow`);
    const full = await cluster.launchAll(sizes.tasks);
    const streams = cluster.streams();
    context.progress(`${Math.round(full.rate)} tasks/s; now ${sizes.steadyRate} tasks/s for ${sizes.steadySeconds} s`);
    const latencies = await cluster.launchSteadily(sizes);
    const peak = { master: peakRssBytes(master.process.pid), bench: peakRssBytes(process.pid) };
    cluster.close();
    context.progress("the same bytes through a bare gRPC server");
    const floor = await measureEcho(context, streams);
    const [bytes, rate, seconds] = [meanOf(streams[0]?.sizes ?? []), sizes.steadyRate, sizes.steadySeconds];
    const roundTrips = await measureRoundTrips(context, { bytes, rate, seconds });
    context.progress(`${sizes.profiledTasks} tasks through a master with a profiler`);
    const profiled = await profile(sizes, context);
    const figures = [...toFigures({ full, floor }), ...toLatencyFigures(latencies, roundTrips), ...toShareFigures(full, profiled.shares)];
    return { figures, peakRssBytes: peak, problems: [...cluster.problems(), ...profiled.problems] };
  } finally {
    await master.process.stop();
  }
}

/** Where the CPU of a master goes that does the same for fewer tasks: the profiler takes some itself, so only the shares count. */
async function profile(
  sizes: Sizes,
  context: RunContext,
): Promise<{ readonly shares: ReadonlyMap<WorkKind, number>; readonly problems: readonly string[] }> {
  const master = await startProfiledMaster(context, masterFlags);
  try {
    const cluster = await ChurnCluster.start(sizes, master);
    await cluster.launchAll(sizes.profiledTasks);
    cluster.close();
    await master.process.stop();
    return { shares: workShares(master.profileOf()), problems: cluster.problems() };
  } finally {
    await master.process.stop();
  }
}

function meanOf(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length));
}

interface FullSpeed {
  /** Tasks per second. */
  readonly rate: number;
  readonly taskCount: number;
  readonly masterCpuMs: number;
  readonly messageCount: number;
  readonly benchCpuMs: number;
}

class ChurnCluster {
  readonly #master: MasterNode;
  readonly #traffic = new Traffic();
  readonly #agentTraffic: readonly Traffic[];
  readonly #problems: string[] = [];
  readonly #newTask = taskTemplate("true");
  /** States seen, by task. */
  readonly #states = new Map<string, TaskState>();
  readonly #runningAtMs = new Map<string, number>();
  #agents: readonly MemoryAgent[] = [];
  #framework: BenchFramework | undefined;
  #finishedCount = 0;
  #onOffers: (offers: readonly BenchOffer[]) => void = () => {};
  #onFinished: () => void = () => {};

  private constructor(master: MasterNode, agentCount: number) {
    this.#master = master;
    this.#agentTraffic = Array.from({ length: agentCount }, () => new Traffic());
  }

  static async start({ agents, slots }: Sizes, master: MasterNode): Promise<ChurnCluster> {
    const cluster = new ChurnCluster(master, agents);
    const onProblem = (problem: string): void => cluster.#problem(problem);
    const { port } = master;
    cluster.#agents = await Promise.all(
      cluster.#agentTraffic.map((traffic, index) =>
        MemoryAgent.register({ port, name: `agent-${index}`, taskCount: slots, traffic, onProblem }),
      ),
    );
    cluster.#framework = await BenchFramework.subscribe({
      port,
      onOffers: (offers) => cluster.#onOffers(offers),
      onRescind: (offerId) => onProblem(`offer ${offerId} was rescinded`),
      onUpdate: (update) => cluster.#update(update),
      onProblem,
      traffic: cluster.#traffic,
    });
    return cluster;
  }

  /** Launches on each offer as much as fits, until all tasks are finished. */
  async launchAll(taskCount: number): Promise<FullSpeed> {
    const before = { masterCpuMs: cpuMs(this.#master.process.pid), benchCpu: process.cpuUsage(), messages: this.#messageCount() };
    const beganAtMs = performance.now();
    let launched = 0;
    const done = Promise.withResolvers<void>();
    this.#onOffers = (offers) => {
      for (const offer of offers) {
        const room = Math.min(offer.room, taskCount - launched);
        if (room > 0) this.#launch(offer, room);
        else this.#framework?.decline(offer, declineSeconds);
        launched += room;
      }
    };
    this.#onFinished = () => {
      if (this.#finishedCount === taskCount) done.resolve();
    };
    await this.#orStalled(done.promise);
    await this.#acknowledgedAll();
    const seconds = (performance.now() - beganAtMs) / 1000;
    const benchCpu = process.cpuUsage(before.benchCpu);
    return {
      rate: taskCount / seconds,
      taskCount,
      masterCpuMs: cpuMs(this.#master.process.pid) - before.masterCpuMs,
      messageCount: this.#messageCount() - before.messages,
      benchCpuMs: (benchCpu.user + benchCpu.system) / 1000,
    };
  }

  /** One task with each ACCEPT, at a steady rate; answers milliseconds from ACCEPT to RUNNING. */
  async launchSteadily({ steadyRate, steadySeconds }: Sizes): Promise<readonly number[]> {
    const total = steadyRate * steadySeconds;
    const target = this.#finishedCount + total;
    const offers: BenchOffer[] = [];
    const done = Promise.withResolvers<void>();
    this.#onOffers = (more) => offers.push(...more);
    this.#onFinished = () => {
      if (this.#finishedCount === target) done.resolve();
    };
    this.#runningAtMs.clear();
    this.#framework?.revive();
    const launchOne = (): string | undefined => {
      const offer = offers.shift();
      return offer === undefined ? undefined : this.#launch(offer, 1)[0];
    };
    const launches = new SteadyLaunches({ total, rate: steadyRate, launchOne });
    await this.#orStalled(done.promise).finally(() => launches.stop());
    await this.#acknowledgedAll();
    return launches.latencies(this.#runningAtMs);
  }

  /** What the master got on each of its streams so far, as the floor sends it. */
  streams(): { readonly sizes: readonly number[]; readonly windowMessages: number }[] {
    const links = this.#agentTraffic.map(({ sizes }) => ({ sizes: [...sizes], windowMessages: agentWindowMessages }));
    return [{ sizes: [...this.#traffic.sizes], windowMessages: frameworkWindowMessages }, ...links];
  }

  /** Everything that was not exactly as it must be. */
  problems(): readonly string[] {
    const acknowledged = this.#acknowledgedCount();
    if (acknowledged !== this.#states.size) this.#problem(`${acknowledged} ends were acknowledged to agents, of ${this.#states.size}`);
    const running = this.#agents.reduce((sum, agent) => sum + agent.runningCount, 0);
    if (running > 0) this.#problem(`${running} tasks are still on agents`);
    return this.#problems;
  }

  close(): void {
    this.#framework?.close();
    for (const agent of this.#agents) agent.close();
  }

  #launch(offer: BenchOffer, count: number): string[] {
    const taskIds = Array.from({ length: count }, () => {
      const taskId = `task-${this.#states.size}`;
      this.#states.set(taskId, TaskState.TASK_STAGING);
      return taskId;
    });
    this.#framework?.launch(
      offer,
      taskIds.map((taskId) => this.#newTask(taskId, offer.agentId)),
    );
    return taskIds;
  }

  /** Each task runs exactly once and finishes exactly once, in this order. */
  #update({ taskId, state, message }: BenchUpdate): void {
    const before = this.#states.get(taskId);
    this.#states.set(taskId, state);
    if (before === TaskState.TASK_STAGING && state === TaskState.TASK_RUNNING) {
      this.#runningAtMs.set(taskId, performance.now());
    } else if (before === TaskState.TASK_RUNNING && state === TaskState.TASK_FINISHED) {
      this.#finishedCount += 1;
      this.#onFinished();
    } else {
      this.#problem(`${taskId} went from state ${before} to ${state}: ${message}`);
    }
  }

  #messageCount(): number {
    return [this.#traffic, ...this.#agentTraffic].reduce((sum, { messageCount }) => sum + messageCount, 0);
  }

  /** The last acknowledgements are on their way to the agents when the framework has seen the last end. */
  async #acknowledgedAll(): Promise<void> {
    const deadlineMs = performance.now() + stallMs;
    while (this.#acknowledgedCount() < this.#finishedCount && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  #acknowledgedCount(): number {
    return this.#agents.reduce((sum, agent) => sum + agent.finishedCount, 0);
  }

  async #orStalled(done: Promise<void>): Promise<void> {
    const stalled = Promise.withResolvers<void>();
    let lastCount = -1;
    const timer = setInterval(() => {
      if (this.#finishedCount === lastCount) {
        stalled.reject(new Error(`no task finished for ${stallMs} ms, ${lastCount} had: ${this.#problems[0] ?? "no problem was seen"}`));
      }
      lastCount = this.#finishedCount;
    }, stallMs);
    await Promise.race([done, stalled.promise]).finally(() => clearInterval(timer));
  }

  /** The first ones tell enough. */
  #problem(problem: string): void {
    if (this.#problems.length < 20) this.#problems.push(problem);
  }
}

function toFigures({ full, floor }: { full: FullSpeed; floor: EchoResult }): Figure[] {
  const { rate, taskCount, masterCpuMs, benchCpuMs, messageCount } = full;
  const floorUsPerMessage = (1000 * floor.cpuMs) / floor.messageCount;
  return [
    { name: "throughput", unit: "tasks/s", value: rate, floor: (1000 * taskCount) / floor.wallMs, target: atLeast(10_000) },
    { name: "master CPU per task", unit: "us", value: (1000 * masterCpuMs) / taskCount, target: atMost(130) },
    {
      name: "master CPU per message",
      unit: "us",
      value: (1000 * masterCpuMs) / messageCount,
      floor: floorUsPerMessage,
      ratioTarget: atMost(2),
    },
    { name: "messages per task", unit: "", value: messageCount / taskCount },
    { name: "CPU of agents and framework per task", unit: "us", value: (1000 * benchCpuMs) / taskCount },
  ];
}

/** The floor: as many messages at the same rate, two round trips for each. */
function toLatencyFigures(latencies: readonly number[], roundTrips: readonly number[]): Figure[] {
  return ([50, 99] as const).map((percent) => ({
    name: `ACCEPT to RUNNING p${percent}`,
    unit: "ms",
    value: percentile(latencies, percent),
    floor: percentile(roundTrips, percent),
    target: atMost(percent === 50 ? 1.5 : 5),
  }));
}

function toShareFigures({ masterCpuMs, taskCount }: FullSpeed, shares: ReadonlyMap<WorkKind, number>): Figure[] {
  return [...shares].map(([kind, share]) => ({
    name: `master CPU per task: ${kind}`,
    unit: "us",
    value: (share * 1000 * masterCpuMs) / taskCount,
  }));
}
