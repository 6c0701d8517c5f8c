/**
 * One leader among the masters. With several masters leadership is a lease that a silent leader loses; with one master
 * there is no lease and everybody knows its address. Masters and agents hear of changes each in their own time.
 */

import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";

export interface Candidate {
  readonly name: string;
  /** Whether it can keep a lease now: alive, not paused and not cut off. */
  canLead(): boolean;
  leadershipGained(): void;
  leadershipLost(): void;
}

/** Hears the name of the master to talk to. */
export type LeaderWatcher = (leader: string | undefined) => void;

interface Watch {
  readonly watcher: LeaderWatcher;
  told: string | undefined;
  isOver: boolean;
}

export class SimElection {
  readonly #simulator: Simulator;
  readonly #options: SimOptions;
  /** The only master, when there is only one. */
  readonly #standalone: string | undefined;
  #candidates: Candidate[] = [];
  #watches: Watch[] = [];
  #leader: Candidate | undefined;
  #term = 0;
  #isElectionDue = false;

  constructor(masters: readonly string[], simulator: Simulator, options: SimOptions) {
    this.#standalone = masters.length === 1 ? masters[0] : undefined;
    this.#simulator = simulator;
    this.#options = options;
  }

  /** The master that schedulers and agents find when they ask now. */
  get detectedLeader(): string | undefined {
    return this.#standalone ?? this.#leader?.name;
  }

  /** Whether `candidate` holds the leadership: what guards a write of the registry. */
  isLeader(candidate: Candidate): boolean {
    return this.#leader === candidate;
  }

  /** How many leaders there have been. */
  get term(): number {
    return this.#term;
  }

  contend(candidate: Candidate): void {
    this.#candidates.push(candidate);
    this.#electLater();
  }

  /** The candidate's process ended. `releasedLease`: it said so before it went. */
  withdraw(candidate: Candidate, releasedLease: boolean): void {
    this.#candidates = this.#candidates.filter((other) => other !== candidate);
    if (this.#leader !== candidate) return;
    if (releasedLease || this.#standalone !== undefined) this.#vacate(candidate);
    else this.#simulator.after(this.#simulator.between(this.#options.leaseMs / 2, this.#options.leaseMs), () => this.#vacate(candidate));
  }

  /** The candidate may have fallen silent: if it still is when its lease ends, the leadership goes. */
  fellSilent(candidate: Candidate): void {
    if (this.#standalone !== undefined || this.#leader !== candidate) return;
    const term = this.#term;
    this.#simulator.after(this.#simulator.between(this.#options.leaseMs / 2, this.#options.leaseMs), () => {
      if (this.#term !== term || this.#leader !== candidate || candidate.canLead()) return;
      this.#vacate(candidate);
      candidate.leadershipLost();
    });
  }

  /** The candidate can lead again. */
  recovered(): void {
    this.#electLater();
  }

  watch(watcher: LeaderWatcher): { stop(): void } {
    const watch: Watch = { watcher, told: undefined, isOver: false };
    this.#watches.push(watch);
    this.#tell(watch);
    return {
      stop: () => {
        watch.isOver = true;
        this.#watches = this.#watches.filter((other) => other !== watch);
      },
    };
  }

  #vacate(candidate: Candidate): void {
    if (this.#leader !== candidate) return;
    this.#leader = undefined;
    this.#tellAll();
    this.#electLater();
  }

  #electLater(): void {
    if (this.#leader !== undefined || this.#isElectionDue) return;
    this.#isElectionDue = true;
    this.#simulator.after(this.#simulator.between(1, 50), () => {
      this.#isElectionDue = false;
      const able = this.#candidates.filter((candidate) => candidate.canLead());
      if (this.#leader !== undefined || able.length === 0) return;
      const leader = this.#simulator.prng.pick(able);
      this.#leader = leader;
      this.#term++;
      leader.leadershipGained();
      this.#tellAll();
    });
  }

  #tellAll(): void {
    for (const watch of this.#watches) this.#tell(watch);
  }

  /** Only the newest leader is told, and only when it is news. */
  #tell(watch: Watch): void {
    this.#simulator.after(this.#simulator.between(0, this.#options.closeDelayMaxMs), () => {
      const leader = this.detectedLeader;
      if (watch.isOver || watch.told === leader) return;
      watch.told = leader;
      watch.watcher(leader);
    });
  }
}
