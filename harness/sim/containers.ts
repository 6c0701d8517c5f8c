/**
 * The task processes of one agent's machine. They live on when the agent dies; a supervisor keeps each exit until the
 * agent removes the container. Processes write the ledger themselves: start, a beat every interval, end.
 */

import type { Probe, ProbeResult } from "../../agent/core/checks/check-spec.ts";
import type { AgentEffect, ContainerSpec } from "../../agent/core/effect.ts";
import type { ContainerExit, RecoveredContainer } from "../../agent/core/input.ts";
import type { TaskKey } from "../../agent/core/master-message.ts";
import type { CheckId, ContainerId } from "../../common/ids.ts";
import type { TaskPlan } from "../cluster.ts";
import type { HistoryBody, LookOutcome, LookPurpose, NodeName } from "../history/event.ts";
import { SimExecutor } from "./executor.ts";
import type { ExecutorPort } from "./executor-port.ts";
import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";
import { toPlan } from "./task-program.ts";

type StartCheck = Extract<AgentEffect, { readonly kind: "startCheck" }>;

const sigkill = 9;
const sigterm = 15;
/** One fetch in so many fails. */
const failingFetches = 4;
/** What a shell says of a program that SIGTERM ended. */
const sigtermExitCode = 143;

/** What the agent's process hears of its containers; nothing when it is dead. */
export interface ContainerWatcher {
  started(containerId: ContainerId): void;
  failed(containerId: ContainerId, reason: string): void;
  exited(containerId: ContainerId, exit: ContainerExit): void;
  checked(checkId: CheckId, result: ProbeResult): void;
  allKilled(alive: readonly ContainerId[]): void;
}

interface SimContainer {
  readonly spec: ContainerSpec;
  /** Undefined for an executor. */
  readonly task: TaskKey | undefined;
  /** Set while it runs and is an executor. */
  executor: SimExecutor | undefined;
  readonly plan: TaskPlan;
  /** Names the task's process for all time. */
  readonly process: string;
  /** `fetching`: its files are on their way, and nothing of it would outlive the agent. */
  state: "fetching" | "starting" | "running" | "ended" | "vanished";
  exit: ContainerExit | undefined;
  /** Grandchildren that left the process group; they live until their tree is killed. */
  liveDaemonCount: number;
  /** How often it was looked at. */
  readonly lookCounts: Record<LookPurpose, number>;
  /** When what is left gets SIGKILL; belongs to the agent's process and dies with it. */
  killAtMs: number | undefined;
}

export class SimContainers {
  readonly #node: NodeName;
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  readonly #record: (body: HistoryBody) => void;
  readonly #containers = new Map<ContainerId, SimContainer>();
  /** Looks that go on; they belong to the agent's process. */
  readonly #looks = new Set<CheckId>();
  #port: ExecutorPort | undefined;
  #watcher: ContainerWatcher | undefined;
  #nextPid = 100;

  constructor(node: NodeName, simulator: Simulator, options: SimOptions, record: (body: HistoryBody) => void) {
    this.#node = node;
    this.#simulator = simulator;
    this.#options = options;
    this.#record = record;
  }

  /** Where executors find the agent; without it they are containers that do nothing. */
  setExecutorPort(port: ExecutorPort): void {
    this.#port = port;
  }

  /** A new agent process attaches, and is told what there is. */
  recover(watcher: ContainerWatcher): readonly RecoveredContainer[] {
    this.#watcher = watcher;
    return [...this.#containers.values()].map(({ spec, state, exit }) => {
      if (state === "ended" && exit !== undefined) return { containerId: spec.containerId, state: "ended", exit };
      return { containerId: spec.containerId, state: state === "vanished" ? "vanished" : "running" };
    });
  }

  /**
   * The agent's process died. A launch on its way was done, or left an empty container, or never was. What ends with the agent does:
   * the main processes at once, those that left their group when the next agent finds them.
   */
  watcherDied(): void {
    this.#watcher = undefined;
    this.#looks.clear();
    for (const [containerId, container] of this.#containers) {
      container.killAtMs = undefined;
      // Nothing of it was started.
      if (container.state === "fetching") this.#containers.delete(containerId);
      const isStarting = container.state === "starting";
      const fate = isStarting ? this.#simulator.prng.nextInt(3) : 0;
      if (isStarting && fate === 0) this.#start(container);
      else if (isStarting && fate === 1) container.state = "vanished";
      else if (isStarting) this.#containers.delete(containerId);
      if (container.spec.endsWithAgent === true && container.state === "running") this.#vanish(container);
    }
  }

  launch(spec: ContainerSpec): void {
    const container: SimContainer = {
      spec,
      task: spec.task,
      executor: undefined,
      plan: toPlan(spec.command.shell ? spec.command.value : spec.command.arguments.join(" ")),
      process: `${this.#node}/${this.#nextPid++}`,
      state: spec.command.uris.length > 0 ? "fetching" : "starting",
      exit: undefined,
      liveDaemonCount: 0,
      lookCounts: { check: 0, health: 0 },
      killAtMs: undefined,
    };
    this.#containers.set(spec.containerId, container);
    if (container.state === "fetching") this.#fetchLater(container);
    else this.#startLater(container);
  }

  #fetchLater(container: SimContainer): void {
    this.#simulator.after(this.#simulator.between(0, this.#options.fetchLatencyMaxMs), () => {
      if (container.state !== "fetching" || this.#containers.get(container.spec.containerId) !== container) return;
      if (this.#simulator.prng.nextInt(failingFetches) === 0) {
        this.#giveUp(container, "command.uris[0].value must be fetched, the server answered 503");
        return;
      }
      container.state = "starting";
      this.#startLater(container);
    });
  }

  /** It is as if it had never been ordered. */
  #giveUp(container: SimContainer, reason: string): void {
    const { containerId } = container.spec;
    container.state = "vanished";
    this.#containers.delete(containerId);
    const watcher = this.#watcher;
    this.#afterSomeTime(() => {
      if (watcher !== undefined && watcher === this.#watcher) watcher.failed(containerId, reason);
    });
  }

  #startLater(container: SimContainer): void {
    const { containerId } = container.spec;
    this.#afterSomeTime(() => {
      if (container.state !== "starting" || this.#containers.get(containerId) !== container) return;
      this.#start(container);
      this.#watcher?.started(containerId);
    });
  }

  /** Finds what the task's plan says, unless the look is stopped or the task ends before. */
  startCheck({ checkId, containerId, task, purpose, probe }: StartCheck): void {
    const container = this.#containers.get(containerId);
    if (container?.state !== "running") return;
    const outcome = outcomeOf(container.plan, purpose, container.lookCounts[purpose]++);
    const { frameworkId, taskId } = task;
    this.#record({ kind: "look", node: this.#node, frameworkId, taskId, process: container.process, purpose, outcome });
    if (outcome === "hang") return;
    this.#looks.add(checkId);
    this.#afterSomeTime(() => {
      if (this.#looks.delete(checkId) && container.state === "running") this.#watcher?.checked(checkId, toResult(probe, outcome));
    });
  }

  stopCheck(checkId: CheckId): void {
    this.#looks.delete(checkId);
  }

  /** SIGTERM now, SIGKILL after the grace. */
  kill(containerId: ContainerId, graceMs: number): void {
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    if (container.state === "fetching") {
      this.#giveUp(container, "it was told to end");
      return;
    }
    const killAtMs = this.#simulator.nowMs + graceMs;
    if (container.killAtMs === undefined || killAtMs < container.killAtMs) {
      container.killAtMs = killAtMs;
      this.#simulator.at(killAtMs, () => {
        if (container.killAtMs === killAtMs) this.#endTree(container, sigkill);
      });
    }
    this.#afterSomeTime(() => {
      // A container that was told to end before its process was there never starts one.
      if (container.state === "starting" || !container.plan.ignoresSigterm) this.#endTree(container, sigterm);
    });
  }

  killAll(timeoutMs: number): void {
    this.#simulator.after(this.#simulator.between(0, Math.min(timeoutMs, this.#options.containerLatencyMaxMs)), () => {
      for (const [containerId, container] of this.#containers) {
        if (container.state === "fetching") this.#containers.delete(containerId);
        else this.#endTree(container, sigkill);
      }
      this.#watcher?.allKilled([]);
    });
  }

  #vanish(container: SimContainer): void {
    container.state = "vanished";
    container.executor?.kill();
  }

  /** Forgets the container, with whatever is left of its tree. */
  remove(containerId: ContainerId): void {
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    this.#containers.delete(containerId);
    container.liveDaemonCount = 0;
    container.executor?.kill();
    if (container.state !== "ended") container.state = "vanished";
  }

  /** Task processes that live, grandchildren included. */
  live(): readonly { readonly frameworkId: string; readonly taskId: string; readonly process: string }[] {
    const found = [];
    for (const container of this.#containers.values()) {
      const { task, executor, process } = container;
      if (task !== undefined && container.state === "running") found.push({ ...task, process });
      if (task !== undefined) for (const daemon of daemonsOf(container)) found.push({ ...task, process: daemon });
      if (executor === undefined) continue;
      const { frameworkId } = ownerOf(container.spec);
      for (const one of executor.live()) found.push({ frameworkId, taskId: one.taskId, process: one.process });
    }
    return found;
  }

  #start(container: SimContainer): void {
    container.state = "running";
    if (container.task === undefined) {
      this.#startExecutor(container);
      return;
    }
    container.liveDaemonCount = container.plan.daemonCount;
    this.#writeLedger(container, "start");
    this.#beatLater(container);
    const { durationMs, exitCode } = container.plan;
    if (durationMs === undefined) return;
    this.#simulator.after(durationMs, () => {
      if (container.state !== "running") return;
      this.#writeLedger(container, "end", { exitCode });
      this.#end(container, { kind: "exited", code: exitCode });
    });
  }

  #startExecutor(container: SimContainer): void {
    if (this.#port === undefined) return;
    const { frameworkId, executorId } = ownerOf(container.spec);
    let tasks = 0;
    container.executor = new SimExecutor({
      frameworkId,
      executorId,
      simulator: this.#simulator,
      port: this.#port,
      beatIntervalMs: this.#options.beatIntervalMs,
      checkpoint: container.spec.endsWithAgent !== true,
      newProcess: () => `${container.process}/${++tasks}`,
      writeLedger: (line, { taskId, process, exitCode }) =>
        this.#record({
          kind: "ledger",
          line,
          node: this.#node,
          frameworkId,
          taskId,
          process,
          ...(exitCode === undefined ? {} : { exitCode }),
        }),
      exit: (code) => {
        if (container.state === "running") this.#end(container, { kind: "exited", code });
      },
    });
  }

  #beatLater(container: SimContainer): void {
    this.#simulator.after(this.#options.beatIntervalMs, () => {
      if (!isAlive(container)) return;
      if (container.state === "running") this.#writeLedger(container, "beat");
      for (const process of daemonsOf(container)) this.#writeLedger(container, "beat", { process });
      this.#beatLater(container);
    });
  }

  #endTree(container: SimContainer, signal: number): void {
    if (signal === sigkill || !container.plan.ignoresSigterm) container.liveDaemonCount = 0;
    container.executor?.kill();
    // A task that takes SIGTERM has time to say so.
    if (container.state === "running" && signal === sigterm) this.#writeLedger(container, "end", { exitCode: sigtermExitCode });
    if (container.state === "running" || container.state === "starting") this.#end(container, { kind: "signalled", signal });
  }

  #end(container: SimContainer, exit: ContainerExit): void {
    container.state = "ended";
    container.exit = exit;
    const watcher = this.#watcher;
    this.#simulator.after(this.#simulator.between(0, this.#options.latencyMaxMs), () => {
      // An agent that was started since has read the exit from the supervisor's record.
      if (watcher !== undefined && watcher === this.#watcher) watcher.exited(container.spec.containerId, exit);
    });
  }

  #writeLedger(
    container: SimContainer,
    line: "start" | "beat" | "end",
    { process = container.process, exitCode }: { process?: string; exitCode?: number } = {},
  ): void {
    const { task } = container;
    if (task === undefined) return;
    const body = { kind: "ledger", line, node: this.#node, frameworkId: task.frameworkId, taskId: task.taskId, process } as const;
    this.#record(exitCode === undefined ? body : { ...body, exitCode });
  }

  #afterSomeTime(run: () => void): void {
    this.#simulator.after(this.#simulator.between(0, this.#options.containerLatencyMaxMs), run);
  }
}

function outcomeOf({ looks }: TaskPlan, purpose: LookPurpose, index: number): LookOutcome {
  const outcomes = looks?.[purpose] ?? [];
  return outcomes[index] ?? outcomes.at(-1) ?? "pass";
}

function toResult(probe: Probe, outcome: Exclude<LookOutcome, "hang">): ProbeResult {
  if (outcome === "error") return { kind: "notDone", reason: "the machine has nothing to spare" };
  const isPass = outcome === "pass";
  switch (probe.kind) {
    case "command":
      return { kind: "exited", code: isPass ? 0 : 1 };
    case "http":
      return { kind: "responded", statusCode: isPass ? 200 : 500 };
    case "tcp":
      return isPass ? { kind: "connected" } : { kind: "noAnswer", reason: "nobody listens" };
  }
}

/** Whom the agent started the executor for, by its environment. */
function ownerOf({ environment }: ContainerSpec): { readonly frameworkId: string; readonly executorId: string } {
  const values = new Map(environment);
  return { frameworkId: values.get("MESOS_FRAMEWORK_ID") ?? "", executorId: values.get("MESOS_EXECUTOR_ID") ?? "" };
}

const noDaemons: readonly string[] = [];

function isAlive(container: SimContainer): boolean {
  return container.state === "running" || container.liveDaemonCount > 0;
}

function daemonsOf(container: SimContainer): readonly string[] {
  if (container.liveDaemonCount === 0) return noDaemons;
  return Array.from({ length: container.liveDaemonCount }, (_, index) => `${container.process}.${index + 1}`);
}
