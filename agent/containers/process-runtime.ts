/**
 * Runs each task as processes of this machine beneath a supervisor (supervisor-script.ts) that outlives the agent. An agent that
 * starts again finds its containers by their records and adopts them by pid, start time and boot.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId } from "../../common/ids.ts";
import type { ProbeResult } from "../core/checks/check-spec.ts";
import type { ContainerLimits } from "../core/container-limits.ts";
import type { ContainerSpec } from "../core/effect.ts";
import type { ContainerExit, RecoveredContainer } from "../core/input.ts";
import { Fetcher, type FetcherOptions } from "../fetcher/fetcher.ts";
import { AdoptionWatch } from "./adoption-watch.ts";
import { BesideCommands, type BesideOrder, type Place } from "./beside-commands.ts";
import { childCgroups, isCgroupPopulated, killCgroup, openAgentCgroup, removeCgroup } from "./cgroup.ts";
import { containerIdPattern } from "./container-record.ts";
import type { ContainerListener, ContainerRuntime } from "./container-runtime.ts";
import { type ControllerName, openControllers } from "./controllers.ts";
import { Isolation } from "./isolation.ts";
import { KillOrders } from "./kill-orders.ts";
import { LaunchPreparations, type PreparedLaunch } from "./launch-preparations.ts";
import { LaunchQueue } from "./launch-queue.ts";
import { Leftovers } from "./leftovers.ts";
import { MassKill } from "./mass-kill.ts";
import { newContainer, type ProcessContainer } from "./process-container.ts";
import { readBootId, readProcess } from "./process-table.ts";
import type { ProcessTree } from "./process-tree.ts";
import { findContainer } from "./recover-container.ts";
import { ownUser } from "./run-as.ts";
import type { Sandboxes } from "./sandboxes.ts";
import { type NestedSpawnOptions, type NestedSpec, spawnNested } from "./spawn-nested.ts";
import { type Spawned, spawnSupervisor } from "./spawn-supervisor.ts";
import type { Supervisor } from "./supervisor.ts";
import { SupervisorPool } from "./supervisor-pool.ts";
import { killSupervisor, killTrees, signalCommand, signalSupervisor } from "./tree-killer.ts";

/**
 * Containers at a time, ended ones that were not removed included. Each is at least two processes, and Linux has 32,768
 * pids by default.
 */
const containersMax = 10_000;

export interface ProcessRuntimeOptions {
  /** Absolute. */
  readonly workDirectory: string;
  readonly listener: ContainerListener;
  /** False leaves cgroups alone even where they can be used. */
  readonly useCgroups: boolean;
  readonly sandboxes: Sandboxes;
  /** What the kernel keeps containers from using too much of, and whether a sandbox that grew too large ends its container. */
  readonly isolation: { readonly controllers: readonly ControllerName[]; readonly enforcesDisk: boolean };
  /** Whether commands run as their users, where the agent's own user can do that. */
  readonly switchUser: boolean;
  readonly fetcher: Pick<FetcherOptions, "cacheMaxBytes" | "stallTimeoutMs">;
}

export class ProcessRuntime implements ContainerRuntime {
  readonly #listener: ContainerListener;
  readonly #workDirectory: string;
  readonly #recordsFolder: string;
  readonly #cancelledFolder: string;
  readonly #sandboxes: Sandboxes;
  readonly #cgroup: string | undefined;
  readonly #bootId = readBootId();
  readonly #supervisors = new SupervisorPool(this.#bootId);
  readonly #agentStartTicks = readProcess(process.pid)?.startTicks ?? 0;
  readonly #adoption: AdoptionWatch;
  readonly #massKill: MassKill;
  readonly #isolation: Isolation;
  readonly #containers = new Map<ContainerId, ProcessContainer>();
  readonly #preparations: LaunchPreparations;
  readonly #queued = new LaunchQueue((launch) => this.#spawn(launch));
  readonly #kills = new KillOrders();
  readonly #leftovers = new Leftovers((container, isDead) => this.#finish(container, isDead));
  /** Operators' containers within others that have not ended. */
  readonly #nested = new Set<ContainerId>();
  #recoveredNested: readonly RecoveredContainer[] = [];
  #onNestedEnd = (_containerId: ContainerId, _exit: ContainerExit): void => {};
  readonly #beside: BesideCommands;
  #isKillingAll = false;
  #isClosed = false;

  constructor(options: ProcessRuntimeOptions) {
    const { workDirectory, listener, useCgroups, sandboxes } = options;
    this.#listener = listener;
    this.#workDirectory = workDirectory;
    this.#recordsFolder = join(workDirectory, "containers", "records");
    this.#cancelledFolder = join(workDirectory, "containers", "cancelled");
    mkdirSync(this.#recordsFolder, { recursive: true });
    mkdirSync(this.#cancelledFolder, { recursive: true });
    this.#sandboxes = sandboxes;
    const users = { own: ownUser(), switchUser: options.switchUser };
    this.#beside = new BesideCommands((containerId) => this.findPlace(containerId), users);
    this.#preparations = new LaunchPreparations({
      fetcher: new Fetcher({ ...options.fetcher, cacheFolder: join(workDirectory, "fetcher-cache") }),
      ...users,
      workDirectory,
      sandboxes,
      onReady: (launch) => this.#queued.add(launch),
      onFailed: (containerId, reason) => this.#fail(containerId, reason),
    });
    // The same work directory has the same cgroup, also for the next agent.
    const name = `tepui-${createHash("sha256").update(realpathSync(workDirectory)).digest("hex").slice(0, 16)}`;
    this.#cgroup = useCgroups ? openAgentCgroup(name) : undefined;
    this.#massKill = new MassKill(this.#cgroup);
    const { controllers, enforcesDisk } = options.isolation;
    this.#isolation = new Isolation({
      controllers: controllers.length === 0 ? undefined : openControllers(controllers, name, this.#cgroup),
      enforcesDisk,
      onBreach: (containerId) => this.kill(containerId, 0),
    });
    this.#adoption = new AdoptionWatch(this.#recordsFolder, (containerId, exit) => this.#taskEnded(containerId, exit));
  }

  /** Whether containers get a cgroup: the fast and inescapable way. */
  get usesCgroups(): boolean {
    return this.#cgroup !== undefined;
  }

  /** Of containers that have not ended. What the cgroup of another one counts is not here a second time. */
  trees(): readonly ProcessTree[] {
    const live = [...this.#containers.values()].filter(({ phase }) => phase !== "ended").map(({ tree }) => tree);
    return live.filter(({ containerId, cgroup }) => cgroup === undefined || !this.#nested.has(containerId));
  }

  recover(): readonly RecoveredContainer[] {
    const names = readdirSync(this.#recordsFolder).sort();
    const found = names.map((name) => this.#recoverOne(name as ContainerId));
    const own = found.filter(({ containerId }) => !this.#nested.has(containerId));
    this.#sandboxes.recover(own.map(({ containerId }) => containerId));
    for (const name of this.#cgroup === undefined ? [] : childCgroups(this.#cgroup)) {
      if (this.#cgroup === undefined || this.#containers.has(name as ContainerId)) continue;
      killCgroup(join(this.#cgroup, name));
      removeCgroup(join(this.#cgroup, name));
    }
    this.#isolation.forgetAllBut(this.#containers);
    this.#recoveredNested = found.filter((one) => this.#nested.has(one.containerId) && this.#settleNested(one));
    this.#leftovers.sweep();
    return own;
  }

  launch(spec: ContainerSpec): void {
    const { containerId } = spec;
    const problem = this.#launchProblem(containerId);
    if (problem !== undefined) {
      this.#listener({ kind: "containerFailed", containerId, reason: problem });
      return;
    }
    if (!this.#preparations.add(spec)) this.#queued.add({ spec, runAs: undefined, prefix: [] });
  }

  /** What an operator runs within a container that runs; `watchNested` hears how it ends. Answers why it cannot be started. */
  launchNested(spec: NestedSpec): string | undefined {
    const { containerId } = spec;
    const problem = this.#launchProblem(containerId);
    if (problem !== undefined) return problem;
    const outcome = spawnNested(spec, this.#spawnOptions(containerId));
    if (outcome.kind === "failed") return outcome.reason;
    this.#nested.add(containerId);
    this.#addSpawned(containerId, outcome);
    return undefined;
  }

  killNested(containerId: ContainerId): void {
    const container = this.#containers.get(containerId);
    if (container !== undefined) this.#kills.killNow(container);
  }

  /** Answers those that an earlier agent started, which are not among what `recover` answers. */
  watchNested(onEnd: (containerId: ContainerId, exit: ContainerExit) => void): readonly RecoveredContainer[] {
    this.#onNestedEnd = onEnd;
    return this.#recoveredNested;
  }

  /** To the command of a container that runs; false when that has not begun yet. */
  signalCommand(containerId: ContainerId, signal: number): boolean {
    const container = this.#containers.get(containerId);
    return container?.phase === "running" && signalCommand(container.tree, signal);
  }

  runBeside(order: BesideOrder, onEnd: (result: ProbeResult) => void): () => void {
    return this.#beside.start(order, onEnd);
  }

  limit(containerId: ContainerId, limits: ContainerLimits): void {
    if (this.#containers.get(containerId)?.phase === "running") this.#isolation.limit(containerId, limits);
  }

  /** What the sandbox of a container was found to hold. */
  diskMeasured(containerId: ContainerId, bytes: number): void {
    if (this.#containers.get(containerId)?.phase === "running") this.#isolation.diskMeasured(containerId, bytes);
  }

  kill(containerId: ContainerId, graceMs: number): void {
    if (this.#preparations.cancel(containerId)) {
      this.#fail(containerId, "it was told to end");
      return;
    }
    // A container that waits to be started is started and then killed: one way for all, and its end is recorded.
    this.#queued.launchNow(containerId);
    const container = this.#containers.get(containerId);
    if (container !== undefined) this.#kills.give(container, graceMs);
  }

  killAll(timeoutMs: number): void {
    if (this.#isKillingAll) return;
    this.#isKillingAll = true;
    this.#preparations.cancelAll();
    this.#queued.close();
    this.#beside.close();
    this.#leftovers.close();
    this.#kills.close();
    this.#adoption.close();
    const doomed = [...this.#containers.values()].filter((container) => container.phase !== "ended");
    for (const container of doomed) clearTimeout(container.killTimer);
    this.#massKill.start(doomed, timeoutMs, (alive) => this.#listener({ kind: "allContainersKilled", alive }));
  }

  remove(containerId: ContainerId): void {
    const container = this.#containers.get(containerId);
    if (container === undefined) {
      // One whose files were still on their way, or that only had others within it.
      this.#preparations.cancel(containerId);
      this.#sandboxes.retire(containerId);
      return;
    }
    if (container.phase === "running") {
      // Nobody wants to hear of its end any more; the sweep goes on until nothing of it lives.
      killTrees([container.tree]);
      killSupervisor(container.tree);
      container.phase = "ending";
      container.endedAtMs = performance.now();
      clearTimeout(container.killTimer);
      this.#killNestedIn(containerId);
      this.#leftovers.add(container);
    }
    container.exit = undefined;
    this.#containers.delete(containerId);
    rmSync(join(this.#recordsFolder, containerId), { force: true });
    rmSync(join(this.#cancelledFolder, containerId), { force: true });
    this.#sandboxes.retire(containerId);
  }

  close(): void {
    this.#isClosed = true;
    this.#preparations.cancelAll();
    this.#queued.close();
    this.#beside.close();
    this.#adoption.close();
    this.#leftovers.close();
    this.#kills.close();
    this.#isolation.close();
    this.#massKill.close();
    for (const container of this.#containers.values()) clearTimeout(container.killTimer);
    this.#supervisors.close();
    // A supervisor that was just started still needs its cgroup, empty as it is.
    const isRunning = [...this.#containers.values()].some(({ phase }) => phase === "running" && !this.#isKillingAll);
    if (this.#cgroup !== undefined && !isRunning && !isCgroupPopulated(this.#cgroup)) removeCgroup(this.#cgroup);
  }

  /** Where the commands of a container that runs are at home; "later" as long as it is on its way, or is being found again. */
  findPlace(containerId: ContainerId): Place | "later" | undefined {
    const container = this.#containers.get(containerId);
    if (container?.phase !== "running" || this.#isKillingAll || this.#isClosed) return undefined;
    const { cgroup } = container.tree;
    const folder = this.#sandboxes.folderOf(containerId);
    // Nothing may be in the cgroup before the container's own process.
    if (folder === undefined || (cgroup !== undefined && !container.hasEnteredCgroup)) return "later";
    return { folder, cgroup, groups: this.#isolation.groups(containerId) };
  }

  #launchProblem(containerId: ContainerId): string | undefined {
    if (!containerIdPattern.test(containerId)) return `container id must match ${containerIdPattern}, is "${containerId}"`;
    if (this.#isKillingAll || this.#isClosed) return "the agent is leaving";
    if (this.#containers.has(containerId) || this.#queued.has(containerId) || this.#preparations.has(containerId))
      return `container ${containerId} exists already`;
    if (this.#containers.size + this.#queued.size + this.#preparations.size >= containersMax)
      return `the agent has ${containersMax} containers, its limit`;
    return undefined;
  }

  /** Nothing of it was started; what its sandbox has stays for whoever looks for the reason. */
  #fail(containerId: ContainerId, reason: string): void {
    this.#sandboxes.retire(containerId);
    this.#listener({ kind: "containerFailed", containerId, reason });
  }

  #spawn(launch: PreparedLaunch): void {
    const { containerId } = launch.spec;
    const outcome = spawnSupervisor({
      launch,
      isolation: this.#isolation,
      workDirectory: this.#workDirectory,
      sandboxes: this.#sandboxes,
      agentCgroup: this.#cgroup,
      ...this.#spawnOptions(containerId),
    });
    if (outcome.kind === "failed") {
      this.#fail(containerId, outcome.reason);
      return;
    }
    this.#addSpawned(containerId, outcome);
    this.#listener({ kind: "containerStarted", containerId });
  }

  #spawnOptions(containerId: ContainerId): NestedSpawnOptions {
    return {
      supervisors: this.#supervisors,
      recordPath: join(this.#recordsFolder, containerId),
      cancelledPath: join(this.#cancelledFolder, containerId),
      onEnd: (exit) => this.#taskEnded(containerId, exit),
    };
  }

  #addSpawned(containerId: ContainerId, { supervisor, cgroup }: Spawned): void {
    this.#add({ containerId, supervisorPid: supervisor.pid, isOurChild: true, startTicks: this.#agentStartTicks, cgroup }, supervisor);
  }

  #add(tree: ProcessTree, supervisor: Supervisor | undefined): ProcessContainer {
    const container = newContainer(tree, supervisor);
    this.#containers.set(tree.containerId, container);
    this.#massKill.prepare(container);
    return container;
  }

  #recoverOne(containerId: ContainerId): RecoveredContainer {
    const { tree, record, start } = findContainer(containerId, {
      recordsFolder: this.#recordsFolder,
      cancelledFolder: this.#cancelledFolder,
      bootId: this.#bootId,
      agentCgroup: this.#cgroup,
    });
    const container = this.#add(tree, undefined);
    if (record.isNested) this.#nested.add(containerId);
    if (start !== undefined) {
      // An agent that crashed while it killed everything may have left it stopped.
      signalSupervisor(tree, "SIGCONT");
      this.#adoption.add(containerId, start);
      return { containerId, state: "running" };
    }
    container.phase = "ending";
    container.endedAtMs = performance.now();
    this.#leftovers.add(container);
    const { exit } = record;
    if (exit === undefined) return { containerId, state: "vanished" };
    return { state: "ended", ...this.#isolation.explain(containerId, exit) };
  }

  /** Whether it is of use: one goes with the container around it, and how it ended is known as long as that is. */
  #settleNested({ containerId, state }: RecoveredContainer): boolean {
    const around = this.#containers.get(parentContainerId(containerId) ?? containerId);
    if (around === undefined) this.remove(containerId);
    else if (state === "running" && around.phase !== "running") this.killNested(containerId);
    return around !== undefined;
  }

  #killNestedIn(containerId: ContainerId): void {
    for (const nested of this.#nested) if (parentContainerId(nested) === containerId) this.killNested(nested);
  }

  #taskEnded(containerId: ContainerId, exit: ContainerExit): void {
    const container = this.#containers.get(containerId);
    if (container !== undefined) this.#end(container, exit);
  }

  /** The main process has ended: what it left behind goes, then the end is told. */
  #end(container: ProcessContainer, exit: ContainerExit): void {
    if (container.phase !== "running" || this.#isKillingAll) return;
    clearTimeout(container.killTimer);
    container.phase = "ending";
    this.#beside.closeIn(container.tree.containerId);
    this.#killNestedIn(container.tree.containerId);
    container.exit = exit;
    container.endedAtMs = performance.now();
    if (container.tree.cgroup !== undefined && killTrees([container.tree]).size === 0) this.#finish(container, true);
    else this.#leftovers.add(container);
  }

  /** Where something of it is still alive, that may be in the supervisor's session, which nothing else may share. */
  #finish(container: ProcessContainer, isDead: boolean): void {
    const { supervisor, exit, tree } = container;
    const { containerId, cgroup } = tree;
    if (!isDead) supervisor?.retire();
    else if (supervisor !== undefined) this.#supervisors.giveBack(supervisor);
    container.phase = "ended";
    if (cgroup !== undefined) removeCgroup(cgroup);
    const end = exit && this.#isolation.explain(containerId, exit);
    this.#isolation.forget(containerId);
    const isNested = this.#nested.delete(containerId);
    if (end === undefined) return;
    if (isNested) this.#onNestedEnd(containerId, end.exit);
    else this.#listener({ kind: "containerExited", ...end });
  }
}
