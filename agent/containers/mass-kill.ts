/**
 * Kills everything of every container, in the few milliseconds that "drain now" has, and says what still lives. Prepared
 * ahead, so that at the moment itself no cgroup has to be asked one by one.
 */

import type { ContainerId } from "../../common/ids.ts";
import { isCgroupPopulated, killCgroup } from "./cgroup.ts";
import { hasLiveSupervisor, type ProcessContainer } from "./process-container.ts";
import { killSupervisor, killTrees, signalSupervisor } from "./tree-killer.ts";

/** How often to look whether all are dead after a kill of everything. */
const killAllPollMs = 1;

/**
 * Stopped supervisors are killed after this, unless the agent ends before. Ending a hundred processes takes milliseconds of the kernel and
 * of this process, which the news needs on its way through the master to the frameworks.
 */
const stoppedMs = 50;

/** When to look whether new tasks have entered their cgroups; a task that ends sooner is not looked at. */
const enteringLookMs = 100;

export class MassKill {
  readonly #cgroup: string | undefined;
  /** Containers whose tasks are not known to be in their cgroups. */
  readonly #entering = new Set<ProcessContainer>();
  #enteringTimer: NodeJS.Timeout | undefined;
  /** Supervisors without a task that wait for their end. */
  readonly #stopped = new Set<ProcessContainer>();
  #stoppedTimer: NodeJS.Timeout | undefined;

  /** `cgroup` is the agent's; undefined where cgroups cannot be used. */
  constructor(cgroup: string | undefined) {
    this.#cgroup = cgroup;
  }

  /** A container was started or adopted. */
  prepare(container: ProcessContainer): void {
    if (container.tree.cgroup === undefined) return;
    this.#entering.add(container);
    this.#enteringTimer ??= setTimeout(() => this.#lookForEntered(), enteringLookMs);
  }

  /** Calls `onDone` once, when all are dead or `timeoutMs` is over, with the containers in which something lives. */
  start(doomed: readonly ProcessContainer[], timeoutMs: number, onDone: (alive: readonly ContainerId[]) => void): void {
    // Supervisors first: nothing is left then that could still enter a cgroup.
    for (const container of doomed) if (container.phase === "running") this.#disarmSupervisor(container);
    if (this.#cgroup !== undefined) killCgroup(this.#cgroup);
    this.#awaitDeath(doomed, performance.now() + timeoutMs, onDone);
  }

  /** Before the agent ends: nothing that was stopped stays behind. */
  close(): void {
    clearTimeout(this.#enteringTimer);
    this.#killStopped();
  }

  /** Done ahead of need: a kill of everything has no time to ask each cgroup. */
  #lookForEntered(): void {
    this.#enteringTimer = undefined;
    for (const container of this.#entering) {
      const { cgroup } = container.tree;
      container.hasEnteredCgroup = container.phase === "running" && cgroup !== undefined && isCgroupPopulated(cgroup);
      if (container.hasEnteredCgroup || container.phase !== "running") this.#entering.delete(container);
    }
    if (this.#entering.size > 0) this.#enteringTimer = setTimeout(() => this.#lookForEntered(), enteringLookMs);
  }

  /**
   * A process takes the kernel about 0.1 ms to end, so a hundred supervisors would hold up the news that a hundred tasks are
   * dead, and while /proc is scanned they are the way to children that hide. So a supervisor is only stopped, can do nothing
   * any more, and is killed once the news has arrived. (Should the agent crash in between, the next one lets it go on.) One whose
   * task may be on the way into its cgroup goes at once, with its process group.
   */
  #disarmSupervisor(container: ProcessContainer): void {
    if (container.hasEnteredCgroup || container.tree.cgroup === undefined) {
      signalSupervisor(container.tree, "SIGSTOP");
      this.#stopped.add(container);
    } else {
      killSupervisor(container.tree);
    }
  }

  #killStopped(): void {
    clearTimeout(this.#stoppedTimer);
    for (const container of this.#stopped) if (hasLiveSupervisor(container)) killSupervisor(container.tree);
    this.#stopped.clear();
  }

  #awaitDeath(doomed: readonly ProcessContainer[], deadlineMs: number, onDone: (alive: readonly ContainerId[]) => void): void {
    const isLate = performance.now() >= deadlineMs;
    const isWaiting = this.#cgroup !== undefined && isCgroupPopulated(this.#cgroup);
    if (!isWaiting || isLate) {
      // With the agent's cgroup empty, only trees elsewhere need a look of their own.
      const agentCgroup = this.#cgroup ?? "";
      const doubtful = doomed.filter(
        ({ tree }) => isWaiting || this.#cgroup === undefined || tree.cgroup?.startsWith(agentCgroup) !== true,
      );
      const found = killTrees(doubtful.map((container) => container.tree));
      const alive = doomed
        .filter((container) => found.has(container.tree) || (!this.#stopped.has(container) && hasLiveSupervisor(container)))
        .map((container) => container.tree.containerId);
      if (alive.length === 0 || isLate) {
        onDone(alive);
        this.#stoppedTimer = setTimeout(() => this.#killStopped(), stoppedMs);
        return;
      }
    }
    setTimeout(() => this.#awaitDeath(doomed, deadlineMs, onDone), killAllPollMs);
  }
}
