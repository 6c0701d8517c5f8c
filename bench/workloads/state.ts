/**
 * What a reader of the whole state costs everybody else. A cluster with many agents and tasks, and one launch after the other at a
 * steady rate: first alone, which is the floor, then while another process asks for GetState without a pause.
 */

import type { Client } from "@grpc/grpc-js";

import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { createChannel } from "../../runtime/grpc/channel.ts";
import { BenchFramework, type BenchOffer, type BenchUpdate } from "../bench-framework.ts";
import type { Figure, Measurement, RunContext, Workload } from "../measurement.ts";
import { MemoryAgent } from "../memory-agent.ts";
import { type MasterNode, NodeProcess, startMaster } from "../node-process.ts";
import { percentile } from "../percentile.ts";
import { peakRssBytes } from "../process-usage.ts";
import { SteadyLaunches } from "../steady-launches.ts";
import { taskTemplate } from "../tasks.ts";
import { Traffic } from "../traffic.ts";

const usualSizes = { tasks: 100_000, agents: 10_000, seconds: 20, rate: 50 };
type Sizes = typeof usualSizes;

/** Agents that share a connection, and register together. A master allows a thousand streams on one. */
const agentsPerChannel = 500;

/** A task that makes no progress for so long will not come. */
const stallMs = 60_000;

/** Offers soon, and no pings: they are no part of what is measured. */
const masterFlags = ["--allocation-interval=50ms", "--agent-ping-timeout=10m"];

export const state: Workload<Sizes> = {
  name: "state",
  summary: "launches beside a reader of the whole state",
  sizes: usualSizes,
  run,
};

async function run(sizes: Sizes, context: RunContext): Promise<Measurement> {
  const master = await startMaster(context, masterFlags);
  try {
    const cluster = await StateCluster.start(sizes, master);
    context.progress(`${sizes.agents} agents are registered; ${sizes.tasks} tasks follow`);
    await cluster.fill(sizes);
    await cluster.launchSteadily({ ...sizes, seconds: 1 });
    context.progress(`${sizes.tasks} tasks run; ${sizes.rate} launches/s for ${sizes.seconds} s, first without a reader`);
    const alone = await cluster.launchSteadily(sizes);
    const reader = new NodeProcess("bench/state-reader.ts", [String(master.port)], { profileFolder: context.profileFolder });
    await reader.logged("read");
    const beside = await cluster.launchSteadily(sizes);
    const answers = reader.linesOf("read");
    await reader.stop();
    const peak = { master: peakRssBytes(master.process.pid) };
    cluster.close();
    return { figures: [...toLatencyFigures(beside, alone), ...toAnswerFigures(answers)], peakRssBytes: peak, problems: cluster.problems };
  } finally {
    await master.process.stop();
  }
}

class StateCluster {
  readonly problems: string[] = [];
  readonly #newTask = taskTemplate("true");
  readonly #running = new Map<string, number>();
  readonly #offers: BenchOffer[] = [];
  readonly #channels: Client[] = [];
  readonly #agents: MemoryAgent[] = [];
  #framework: BenchFramework | undefined;
  #launched = 0;
  #onOffers: (offers: readonly BenchOffer[]) => void = (offers) => void this.#offers.push(...offers);

  static async start({ agents, tasks, rate, seconds }: Sizes, { port }: MasterNode): Promise<StateCluster> {
    const cluster = new StateCluster();
    const onProblem = (problem: string): void => cluster.#problem(problem);
    // What the first tasks leave is for the steady launches: to warm up, without a reader and beside it.
    const taskCount = Math.ceil(tasks / agents) + Math.ceil((rate * (1 + 2 * seconds)) / agents) + 1;
    while (cluster.#agents.length < agents) {
      const count = Math.min(agentsPerChannel, agents - cluster.#agents.length);
      const channel = createChannel({ host: "127.0.0.1", port });
      cluster.#channels.push(channel);
      const registering = Array.from({ length: count }, (_, index) => {
        const name = `agent-${cluster.#agents.length + index}`;
        return MemoryAgent.register({ port, name, taskCount, traffic: new Traffic(), keepsTasks: true, channel, onProblem });
      });
      cluster.#agents.push(...(await Promise.all(registering)));
    }
    cluster.#framework = await BenchFramework.subscribe({
      port,
      onOffers: (offers) => cluster.#onOffers(offers),
      onRescind: (offerId) => onProblem(`offer ${offerId} was rescinded`),
      onUpdate: (update) => cluster.#update(update),
      onProblem,
    });
    return cluster;
  }

  /** As many tasks on each agent, until all run. */
  async fill({ tasks, agents }: Sizes): Promise<void> {
    const perAgent = Math.ceil(tasks / agents);
    const filled = new Set<string>();
    this.#onOffers = (offers) => {
      for (const offer of offers) {
        const count = filled.has(offer.agentId) ? 0 : Math.min(perAgent, tasks - this.#launched);
        if (count === 0) this.#offers.push(offer);
        else this.#launch(offer, count);
        filled.add(offer.agentId);
      }
    };
    this.#onOffers(this.#offers.splice(0));
    // What is left of each agent is offered by then, too.
    await this.#until(() => this.#running.size >= tasks && this.#offers.length >= agents);
    this.#onOffers = (offers) => void this.#offers.push(...offers);
  }

  /** One task with each ACCEPT; answers milliseconds from ACCEPT to RUNNING. */
  async launchSteadily({ rate, seconds }: Sizes): Promise<readonly number[]> {
    const total = rate * seconds;
    const launchOne = (): string | undefined => {
      const offer = this.#offers.shift();
      return offer === undefined ? undefined : this.#launch(offer, 1)[0];
    };
    const launches = new SteadyLaunches({ total, rate, launchOne });
    const isDone = (): boolean => {
      const taskIds = launches.taskIds();
      return taskIds.length >= total && taskIds.every((taskId) => this.#running.has(taskId));
    };
    await this.#until(isDone).finally(() => launches.stop());
    return launches.latencies(this.#running);
  }

  close(): void {
    this.#framework?.close();
    for (const agent of this.#agents) agent.close();
    for (const channel of this.#channels) channel.close();
  }

  #launch(offer: BenchOffer, count: number): readonly string[] {
    const taskIds = Array.from({ length: count }, () => `task-${this.#launched++}`);
    this.#framework?.launch(
      offer,
      taskIds.map((taskId) => this.#newTask(taskId, offer.agentId)),
    );
    return taskIds;
  }

  #update({ taskId, state: taskState, message }: BenchUpdate): void {
    if (taskState !== TaskState.TASK_RUNNING || this.#running.has(taskId)) this.#problem(`${taskId} became ${taskState}: ${message}`);
    this.#running.set(taskId, performance.now());
  }

  async #until(isDone: () => boolean): Promise<void> {
    let seen = -1;
    let deadlineMs = performance.now() + stallMs;
    while (!isDone()) {
      if (this.#running.size !== seen) deadlineMs = performance.now() + stallMs;
      seen = this.#running.size;
      if (performance.now() > deadlineMs) {
        throw new Error(`no task began for ${stallMs} ms, ${seen} run: ${this.problems[0] ?? "no problem was seen"}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The first ones tell enough. */
  #problem(problem: string): void {
    if (this.problems.length < 20) this.problems.push(problem);
  }
}

function toLatencyFigures(beside: readonly number[], alone: readonly number[]): Figure[] {
  return ([50, 99, 100] as const).map((percent) => ({
    name: `ACCEPT to RUNNING beside a reader, ${percent === 100 ? "longest" : `p${percent}`}`,
    unit: "ms",
    value: percentile(beside, percent),
    floor: percentile(alone, percent),
  }));
}

function toAnswerFigures(lines: readonly Readonly<Record<string, unknown>>[]): readonly Figure[] {
  const times = lines.map(({ ms }) => Number(ms));
  const bytes = lines.map((line) => Number(line["bytes"]));
  return [
    { name: "GetState p50", unit: "ms", value: percentile(times, 50) },
    { name: "GetState, size", unit: "MB", value: percentile(bytes, 50) / 1e6 },
  ];
}
