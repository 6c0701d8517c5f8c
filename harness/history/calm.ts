/**
 * When the cluster was calm: no fault at work, no node down, and after each of those enough time for links and
 * registrations to come back; and no node kept waiting by its machine. Only in calm times may a checker demand that something
 * happens. A disturbance of an agent concerns that agent alone; one of a master, or of a target that is no agent, concerns everything.
 */

import type { ClusterTimings, NodeName } from "./event.ts";
import type { FaultRecord, NodeLife, Registration } from "./records.ts";
import type { Stall } from "./stalls.ts";

interface Span {
  readonly fromMs: number;
  toMs: number;
}

export interface CalmSources {
  readonly timings: ClusterTimings;
  readonly noticeMs: number;
  readonly faults: readonly FaultRecord[];
  readonly lives: ReadonlyMap<NodeName, readonly NodeLife[]>;
  readonly registrations: ReadonlyMap<NodeName, readonly Registration[]>;
  /** When the harness saw that everything had converged. */
  readonly convergedAtMs: readonly number[];
  /** Those that are too long for the epsilon. */
  readonly stalls: readonly Stall[];
}

/** Faults that are over as soon as they are done; what they leave behind shows as an exited node. */
const instantFaultPattern = /^(kill|term|drain|drop|restart|crash)/;

export class CalmTimes {
  readonly #disturbances = new ScopedSpans();
  readonly #stalls = new ScopedSpans();

  constructor(sources: CalmSources) {
    for (const fault of sources.faults) this.#disturbances.add(agentTarget(fault.target, sources), faultSpan(fault, sources));
    for (const [node, lives] of sources.lives) {
      const scope = agentTarget(node, sources);
      for (const span of downSpans(node, lives, scope !== undefined, sources)) this.#disturbances.add(scope, span);
    }
    for (const { who, fromMs, toMs } of sources.stalls) this.#stalls.add(agentTarget(who, sources), { fromMs, toMs });
  }

  /** Whether masters and connections were undisturbed strictly between the two instants, and the given agent's node, too. */
  isCalm(fromMs: number, toMs: number, node?: NodeName): boolean {
    return !this.#disturbances.overlaps(fromMs, toMs, node) && !this.isStalled(fromMs, toMs, node);
  }

  /** The end of the first calm of masters and connections that begins at or after an instant and lasts so long; Infinity for none. */
  firstCalmEnd(fromMs: number, lengthMs: number): number {
    let beginMs = fromMs;
    for (;;) {
      const nextMs = Math.max(this.#disturbances.endOf(beginMs, beginMs + lengthMs), this.#stalls.endOf(beginMs, beginMs + lengthMs));
      if (nextMs <= beginMs) return beginMs + lengthMs;
      beginMs = nextMs;
    }
  }

  /** Whether the machine kept the harness, a master or the given agent's node waiting between the two instants. Such times are not calm. */
  isStalled(fromMs: number, toMs: number, node?: NodeName): boolean {
    return this.#stalls.overlaps(fromMs, toMs, node);
  }
}

/** Spans that concern everything, and others that concern one agent. Merged once all are there. */
class ScopedSpans {
  readonly #everywhere: Span[] = [];
  readonly #byNode = new Map<NodeName, Span[]>();
  readonly #merged = new Map<readonly Span[], readonly Span[]>();

  /** Undefined: everything. */
  add(node: NodeName | undefined, span: Span): void {
    if (node === undefined) this.#everywhere.push(span);
    else this.#byNode.get(node)?.push(span) ?? this.#byNode.set(node, [span]);
  }

  overlaps(fromMs: number, toMs: number, node: NodeName | undefined): boolean {
    const own = node === undefined ? undefined : this.#byNode.get(node);
    return overlaps(this.#mergedOf(this.#everywhere), fromMs, toMs) || (own !== undefined && overlaps(this.#mergedOf(own), fromMs, toMs));
  }

  /** When the first span that concerns everything and overlaps the two instants is over; -Infinity when none does. */
  endOf(fromMs: number, toMs: number): number {
    const span = firstEndingAfter(this.#mergedOf(this.#everywhere), fromMs);
    return span !== undefined && span.fromMs < toMs ? span.toMs : Number.NEGATIVE_INFINITY;
  }

  #mergedOf(spans: readonly Span[]): readonly Span[] {
    const known = this.#merged.get(spans);
    if (known !== undefined) return known;
    const found = merged(spans);
    this.#merged.set(spans, found);
    return found;
  }
}

export function isMasterNode(node: NodeName): boolean {
  return node.startsWith("master");
}

function agentTarget(target: string, sources: CalmSources): NodeName | undefined {
  if (isMasterNode(target)) return undefined;
  return target.startsWith("agent-") || sources.registrations.has(target) ? target : undefined;
}

/** How long after its end a disturbance may still be felt. */
function settleMs(sources: CalmSources, silent: boolean): number {
  const { registrationBackoffMaxMs, pingTimeoutMs, pingTimeoutsMax } = sources.timings;
  return 2 * registrationBackoffMaxMs + sources.noticeMs + (silent ? pingTimeoutMs * (pingTimeoutsMax + 1) : 0);
}

function firstFrom(instants: readonly number[], fromMs: number): number {
  return instants.find((atMs) => atMs >= fromMs) ?? Number.POSITIVE_INFINITY;
}

function faultSpan(fault: FaultRecord, sources: CalmSources): Span {
  const instant = instantFaultPattern.test(fault.name);
  const toMs = instant ? fault.beginAtMs : fault.endAtMs;
  return { fromMs: fault.beginAtMs, toMs: Math.min(toMs + settleMs(sources, !instant), firstFrom(sources.convergedAtMs, toMs)) };
}

/** The times before, between and after a node's lives, each until it is back in the cluster. */
function downSpans(node: NodeName, lives: readonly NodeLife[], isAgent: boolean, sources: CalmSources): Span[] {
  const registeredAtMs = (sources.registrations.get(node) ?? []).map((registration) => registration.atMs);
  const spans: Span[] = [];
  let downFromMs = Number.NEGATIVE_INFINITY;
  for (const life of lives) {
    const startedAtMs = life.startedAtMs;
    const first = downFromMs === Number.NEGATIVE_INFINITY;
    if (!first || startedAtMs !== Number.NEGATIVE_INFINITY) {
      const registered = isAgent ? firstFrom(registeredAtMs, startedAtMs) : Number.POSITIVE_INFINITY;
      const settled = startedAtMs + (first && !isAgent ? 0 : settleMs(sources, !isAgent));
      const returned = Number.isFinite(registered) ? registered : settled;
      spans.push({ fromMs: downFromMs, toMs: Math.min(returned, firstFrom(sources.convergedAtMs, startedAtMs)) });
    }
    downFromMs = life.exitedAtMs;
  }
  if (Number.isFinite(downFromMs)) spans.push({ fromMs: downFromMs, toMs: Number.POSITIVE_INFINITY });
  return spans;
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => (a.fromMs === b.fromMs ? 0 : a.fromMs - b.fromMs))) {
    const last = result.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else result.push({ ...span });
  }
  return result;
}

/** Spans are merged and sorted, so the first that ends after `fromMs` decides. */
function overlaps(spans: readonly Span[], fromMs: number, toMs: number): boolean {
  const span = firstEndingAfter(spans, fromMs);
  return span !== undefined && span.fromMs < toMs;
}

function firstEndingAfter(spans: readonly Span[], fromMs: number): Span | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.toMs ?? 0) > fromMs) high = middle;
    else low = middle + 1;
  }
  return spans[low];
}
