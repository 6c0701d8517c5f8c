/**
 * Runs each task as processes of this machine beneath a supervisor (supervisor-script.ts) that outlives the agent. An agent that
 * starts again finds its containers by their records and adopts them by pid, start time and boot.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

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
import { LaunchPreparations, type PreparedLaunch } from "./launch-preparations.ts";
import { LaunchQueue } from "./launch-queue.ts";
import { MassKill } from "./mass-kill.ts";
import { hasLiveSupervisor, newContainer, type ProcessContainer } from "./process-container.ts";
import { readBootId, readProcess } from "./process-table.ts";
import type { ProcessTree } from "./process-tree.ts";
import { findContainer } from "./recover-container.ts";
import { ownUser } from "./run-as.ts";
import type { Sandboxes } from "./sandboxes.ts";
import { spawnSupervisor } from "./spawn-supervisor.ts";
import type { Supervisor } from "./supervisor.ts";
import { SupervisorPool } from "./supervisor-pool.ts";
import { killSupervisor, killTrees, signalSupervisor, terminateTree } from "./tree-killer.ts";

/**
 * Containers at a time, ended ones that were not removed included. Each is at least two processes, and Linux has 32,768
 * pids by default.
 */
const containersMax = 10_000;

/** How soon after a SIGKILL to look whether it was enough, at first and at last; each time takes twice as long as the one before. */
const recheckMinMs = 5;
const recheckMaxMs = 1_000;

/** A process may hang in the kernel (a dead network disk) and not die. After this its container's end is reported all the same. */
const leftoverTimeoutMs = 5_000;

/** Scanning /proc may take at most one part in this many of the agent's time. */
const scanTimeShare = 4;

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
  readonly #ending = new Set<ProcessContainer>();
  readonly #beside: BesideCommands;
  #sweepTimer: NodeJS.Timeout | undefined;
  #sweepTookMs = 0;
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

  /** Of containers that have not ended. */
  trees(): readonly ProcessTree[] {
    return [...this.#containers.values()].filter(({ phase }) => phase !== "ended").map(({ tree }) => tree);
  }

  recover(): readonly RecoveredContainer[] {
    const names = readdirSync(this.#recordsFolder).sort();
    const found = names.map((name) => this.#recoverOne(name as ContainerId));
    this.#sandboxes.recover(this.#containers.keys());
    for (const name of this.#cgroup === undefined ? [] : childCgroups(this.#cgroup)) {
      if (this.#cgroup === undefined || this.#containers.has(name as ContainerId)) continue;
      killCgroup(join(this.#cgroup, name));
      removeCgroup(join(this.#cgroup, name));
    }
    this.#isolation.forgetAllBut(this.#containers);
    if (this.#ending.size > 0) this.#sweep();
    return found;
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
    if (container === undefined || container.phase !== "running" || this.#isKillingAll) return;
    const killAtMs = performance.now() + graceMs;
    if (container.killAtMs === undefined) this.#terminate(container);
    else if (container.killAtMs <= killAtMs) return;
    container.killAtMs = killAtMs;
    clearTimeout(container.killTimer);
    if (graceMs <= 0) this.#killUntilEnded(container, recheckMinMs);
    else container.killTimer = setTimeout(() => this.#killUntilEnded(container, recheckMinMs), graceMs);
  }

  killAll(timeoutMs: number): void {
    if (this.#isKillingAll) return;
    this.#isKillingAll = true;
    this.#preparations.cancelAll();
    this.#queued.close();
    this.#beside.close();
    clearTimeout(this.#sweepTimer);
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
      this.#ending.add(container);
      this.#sweepSoon();
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
    clearTimeout(this.#sweepTimer);
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
      supervisors: this.#supervisors,
      agentCgroup: this.#cgroup,
      recordPath: join(this.#recordsFolder, containerId),
      cancelledPath: join(this.#cancelledFolder, containerId),
      onEnd: (exit) => this.#taskEnded(containerId, exit),
    });
    if (outcome.kind === "failed") {
      this.#fail(containerId, outcome.reason);
      return;
    }
    const { supervisor, cgroup } = outcome;
    this.#add({ containerId, supervisorPid: supervisor.pid, isOurChild: true, startTicks: this.#agentStartTicks, cgroup }, supervisor);
    this.#listener({ kind: "containerStarted", containerId });
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
    if (start !== undefined) {
      // An agent that crashed while it killed everything may have left it stopped.
      signalSupervisor(tree, "SIGCONT");
      this.#adoption.add(containerId, start);
      return { containerId, state: "running" };
    }
    container.phase = "ending";
    container.endedAtMs = performance.now();
    this.#ending.add(container);
    const { exit } = record;
    if (exit === undefined) return { containerId, state: "vanished" };
    return { state: "ended", ...this.#isolation.explain(containerId, exit) };
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
    container.exit = exit;
    container.endedAtMs = performance.now();
    if (container.tree.cgroup !== undefined && killTrees([container.tree]).size === 0) {
      this.#finish(container);
      return;
    }
    this.#ending.add(container);
    this.#sweepSoon();
  }

  #sweepSoon(): void {
    const delayMs = Math.max(recheckMinMs, this.#sweepTookMs * scanTimeShare);
    this.#sweepTimer ??= setTimeout(() => this.#sweep(), delayMs);
  }

  /** Kills the leftovers of all ending containers; those that have none left are done. */
  #sweep(): void {
    this.#sweepTimer = undefined;
    const startedAtMs = performance.now();
    const alive = killTrees([...this.#ending].map((container) => container.tree));
    const nowMs = performance.now();
    this.#sweepTookMs = nowMs - startedAtMs;
    for (const container of [...this.#ending]) {
      if (!alive.has(container.tree) && !hasLiveSupervisor(container)) this.#finish(container);
      else if (nowMs - container.endedAtMs > leftoverTimeoutMs) this.#giveUp(container);
    }
    if (this.#ending.size > 0 && !this.#isClosed) this.#sweepSoon();
  }

  /** Nothing of it lives. */
  #finish(container: ProcessContainer): void {
    if (container.supervisor !== undefined) this.#supervisors.giveBack(container.supervisor);
    this.#conclude(container);
  }

  /** Something of it may still be in the supervisor's session, which nothing else may share. */
  #giveUp(container: ProcessContainer): void {
    container.supervisor?.retire();
    this.#conclude(container);
  }

  #conclude(container: ProcessContainer): void {
    const { containerId, cgroup } = container.tree;
    this.#ending.delete(container);
    container.phase = "ended";
    if (cgroup !== undefined) removeCgroup(cgroup);
    const { exit } = container;
    const end = exit && this.#isolation.explain(containerId, exit);
    this.#isolation.forget(containerId);
    if (end !== undefined) this.#listener({ kind: "containerExited", ...end });
  }

  /** Until the task has got its SIGTERM: before it is there, its supervisor gets the signal, which does not heed it. */
  #terminate(container: ProcessContainer): void {
    if (container.phase !== "running" || this.#isKillingAll || this.#isClosed) return;
    if (!terminateTree(container.tree)) setTimeout(() => this.#terminate(container), recheckMinMs);
  }

  /** Again and again, because the task may not have entered its cgroup yet, or may hang in the kernel for a while. */
  #killUntilEnded(container: ProcessContainer, delayMs: number): void {
    if (container.phase !== "running") return;
    killTrees([container.tree]);
    container.killTimer = setTimeout(() => this.#killUntilEnded(container, Math.min(delayMs * 2, recheckMaxMs)), delayMs);
  }
}
