/**
 * The port through which a run breaks its cluster, and the bookkeeping around it: one fault a target as a rule, undone when
 * its time is over, each with probes that it bit and that it healed. The faults themselves belong to chaos.
 */

import type { Capability, Cluster } from "./cluster.ts";
import type { Recorder } from "./history/recorder.ts";

export interface FaultContext {
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  /** One of what `targets` answered. */
  readonly target: string;
  /** Sequence number of the history at which the fault began: probes look at what came later. */
  readonly beganSeq: number;
}

export interface Fault {
  readonly name: string;
  readonly needs: readonly Capability[];
  /** Whether another fault may hit the same target before this one is over; otherwise a target has one at a time. */
  readonly admitsOthers?: boolean;
  /** What the fault can act on now, in a fixed order: node names, or one name for the whole cluster. */
  targets(cluster: Cluster): readonly string[];
  inject(context: FaultContext): Promise<void>;
  /** Takes the fault back; for a fault that ends a node, starts it again. */
  heal(context: FaultContext): Promise<void>;
  /** Evidence that the fault had an effect; undefined while there is none. */
  hasBitten(context: FaultContext): string | undefined;
  /** Evidence that nothing of it is left; asked after `heal`. */
  hasHealed(context: FaultContext): string | undefined;
}

export interface FaultOptions {
  /** Its position among the targets that fit, counted round, or its name. */
  readonly target: number | string;
  readonly durationMs: number;
  /** If targets that fit are among these, a position means one of them. */
  readonly preferred?: ReadonlySet<string> | undefined;
}

/** What a step of a workload may do to the cluster. */
export interface FaultPort {
  /** Begins a fault on a target; false when none fits. */
  begin(name: string, options: FaultOptions): Promise<boolean>;
  /** The next instant at which a fault is over. */
  nextEndAtMs(): number | undefined;
  /** Looks at the probes, and takes back faults whose time is over. */
  poll(): Promise<void>;
  /** Takes every fault back now. */
  endAll(): Promise<void>;
}

interface ActiveFault {
  readonly number: number;
  readonly fault: Fault;
  readonly context: FaultContext;
  readonly endAtMs: number;
  hasBitten: boolean;
}

interface EndedFault {
  readonly number: number;
  readonly fault: Fault;
  readonly context: FaultContext;
}

/** Faults at one time: more leave no cluster to look at. */
const activeFaultsMax = 4;

export class Nemesis implements FaultPort {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #faults: ReadonlyMap<string, Fault>;
  #active: ActiveFault[] = [];
  /** Taken back, and not seen healed yet. */
  #ended: EndedFault[] = [];

  /** Faults that need what the cluster cannot do are left out. */
  constructor(cluster: Cluster, recorder: Recorder, faults: readonly Fault[]) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    const possible = faults.filter((fault) => fault.needs.every((need) => cluster.capabilities.has(need)));
    this.#faults = new Map(possible.map((fault) => [fault.name, fault]));
  }

  /** Names of the faults that can be had here. */
  get names(): readonly string[] {
    return [...this.#faults.keys()];
  }

  /** Names of faults that were taken back and whose probe has not seen them healed. */
  get unhealed(): readonly string[] {
    return [...this.#active, ...this.#ended].map(({ fault, context }) => `${fault.name} on ${context.target}`);
  }

  async begin(name: string, { target: chosen, durationMs, preferred }: FaultOptions): Promise<boolean> {
    const fault = this.#faults.get(name);
    if (fault === undefined || this.#active.length >= activeFaultsMax) return false;
    const exclusive = this.#active.filter((active) => active.fault.admitsOthers !== true || active.fault === fault);
    const busy = new Set(exclusive.map((active) => active.context.target));
    const targets = fault.targets(this.#cluster).filter((target) => !busy.has(target));
    const wanted = targets.filter((one) => preferred?.has(one) === true);
    const fitting = wanted.length > 0 ? wanted : targets;
    const target = typeof chosen === "string" ? targets.find((one) => one === chosen) : fitting[chosen % Math.max(1, fitting.length)];
    if (target === undefined) return false;
    const number = this.#recorder.nextFault();
    const { seq } = this.#recorder.record({ kind: "faultBegin", fault: number, name, target });
    const context: FaultContext = { cluster: this.#cluster, recorder: this.#recorder, target, beganSeq: seq };
    this.#active.push({ number, fault, context, endAtMs: this.#cluster.nowMs() + durationMs, hasBitten: false });
    await fault.inject(context);
    return true;
  }

  nextEndAtMs(): number | undefined {
    let earliest: number | undefined;
    for (const { endAtMs } of this.#active) if (earliest === undefined || endAtMs < earliest) earliest = endAtMs;
    return earliest;
  }

  async poll(): Promise<void> {
    this.#lookAtProbes();
    for (const active of [...this.#active]) {
      if (active.endAtMs <= this.#cluster.nowMs()) await this.#end(active);
    }
  }

  async endAll(): Promise<void> {
    this.#lookAtProbes();
    for (const active of [...this.#active]) await this.#end(active);
  }

  #lookAtProbes(): void {
    for (const active of this.#active) this.#lookForBite(active);
    this.#ended = this.#ended.filter(({ number, fault, context }) => {
      const evidence = fault.hasHealed(context);
      if (evidence !== undefined) this.#recorder.record({ kind: "faultProbe", fault: number, result: "healed", evidence });
      return evidence === undefined;
    });
  }

  #lookForBite(active: ActiveFault): void {
    if (active.hasBitten) return;
    const evidence = active.fault.hasBitten(active.context);
    if (evidence === undefined) return;
    active.hasBitten = true;
    this.#recorder.record({ kind: "faultProbe", fault: active.number, result: "bit", evidence });
  }

  async #end(active: ActiveFault): Promise<void> {
    this.#active = this.#active.filter((other) => other !== active);
    await active.fault.heal(active.context);
    // Taking it back may have waited for the bite.
    this.#lookForBite(active);
    this.#recorder.record({ kind: "faultEnd", fault: active.number });
    this.#ended.push(active);
  }
}
