/** What the steps of a workload act on: a cluster, the frameworks on it by position, its operator, and the faults that may be had. */

import type { Cluster } from "../cluster.ts";
import type { LeaderSnapshot, NodeName } from "../history/event.ts";
import type { Recorder } from "../history/recorder.ts";
import type { FaultPort } from "../nemesis.ts";
import { EventReader } from "./event-reader.ts";
import { Framework, type FrameworkBehaviour } from "./framework.ts";
import { Impostor } from "./impostor.ts";
import { Operator } from "./operator.ts";

export interface WorldOptions {
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  /** One a position; a framework that ended is followed by a new one of the same behaviour. */
  readonly behaviours: readonly FrameworkBehaviour[];
  readonly faults?: FaultPort | undefined;
  /** Whether somebody reads the operators' event stream. */
  readonly readsEvents?: boolean | undefined;
}

export class World {
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  readonly operator: Operator;
  readonly impostor: Impostor;
  readonly faults: FaultPort | undefined;
  readonly #reader: EventReader | undefined;
  readonly #all: Framework[] = [];
  readonly #current: Framework[] = [];

  constructor(options: WorldOptions) {
    this.cluster = options.cluster;
    this.recorder = options.recorder;
    this.operator = new Operator(options.cluster, options.recorder);
    this.impostor = new Impostor(options.cluster, options.recorder);
    this.faults = options.faults;
    this.#reader = options.readsEvents === true ? new EventReader(options.cluster, options.recorder) : undefined;
    for (const behaviour of options.behaviours) this.#current.push(this.#newFramework(behaviour));
  }

  /** Every framework of the run, ended ones included. */
  get frameworks(): readonly Framework[] {
    return this.#all;
  }

  /** The framework at a position, counted round. */
  framework(position: number): Framework {
    return at(this.#current, position);
  }

  /** Another framework than the one at `position`, when there is one. */
  otherFramework(position: number): Framework | undefined {
    return this.#current.length > 1 ? at(this.#current, position + 1) : undefined;
  }

  /** The nodes on which a framework knows a task that runs, and which no operator empties. */
  busyNodes(): ReadonlySet<NodeName> {
    const nodes = new Set<NodeName>();
    const withheld = new Set(this.operator.agentIds("withheld"));
    for (const framework of this.#current) {
      for (const { agentId, state } of framework.liveTasks()) {
        const node = state === "TASK_RUNNING" && !withheld.has(agentId) ? this.operator.nodeOf(agentId) : undefined;
        if (node !== undefined) nodes.add(node);
      }
    }
    return nodes;
  }

  /** Puts a new framework in the place of one that ended. */
  replaceEnded(position: number): void {
    const index = position % this.#current.length;
    const framework = at(this.#current, index);
    if (framework.isEnded) this.#current[index] = this.#newFramework(framework.behaviour);
  }

  /** Lets time pass in pieces, so that faults end and frameworks come back in between. */
  async advance(durationMs: number): Promise<void> {
    const endAtMs = this.cluster.nowMs() + durationMs;
    for (let nowMs = this.cluster.nowMs(); nowMs < endAtMs; nowMs = this.cluster.nowMs()) {
      const faultEndAtMs = this.faults?.nextEndAtMs() ?? Number.POSITIVE_INFINITY;
      const pieceMs = Math.min(endAtMs, nowMs + pieceMaxMs, Math.max(faultEndAtMs, nowMs + 1)) - nowMs;
      await this.cluster.advance(Math.max(1, pieceMs));
      await this.afterStep();
    }
  }

  /** What happens between steps without anybody asking. */
  async afterStep(): Promise<void> {
    if (this.faults !== undefined) await this.faults.poll();
    const nowMs = this.cluster.nowMs();
    await this.operator.tick(nowMs);
    this.#reader?.tick(nowMs);
    for (const framework of this.#current) framework.tick(nowMs);
  }

  /** Asks the leader for its state and the machines for their processes, and writes both to the history. */
  async snapshot(): Promise<LeaderSnapshot | undefined> {
    const snapshot = await this.cluster.snapshot();
    if (snapshot === undefined) return undefined;
    this.recorder.record({ kind: "snapshot", snapshot });
    await this.cluster.recordProcesses();
    return snapshot;
  }

  #newFramework(behaviour: FrameworkBehaviour): Framework {
    const framework = new Framework(`framework-${this.#all.length + 1}`, behaviour, this.cluster, this.recorder);
    this.#all.push(framework);
    return framework;
  }
}

/** Frameworks look at the time at least this often, in milliseconds. */
const pieceMaxMs = 1_000;

/** The item at a position, counted round. The list is not empty. */
export function at<T>(list: readonly T[], position: number): T {
  return list[position % list.length] as T;
}
