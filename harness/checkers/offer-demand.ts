/** Who would take an offer of an agent, and when one came: what L01 and L02 both need to demand one. */

import type { ResourceJson } from "../history/event.ts";
import type { CallRecord, FrameworkRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { firstIndexFrom } from "./evidence.ts";

/** Mesos: a negative refusal means the default, and none lasts longer than a year. */
const defaultRefuseSeconds = 5;
const refuseSecondsMax = 365 * 24 * 3_600;

/** The smallest amounts that are offered at all, both together to be safe. Source: Mesos src/master/constants.hpp. */
const offerableCpusMilli = 10;
const offerableMemMilli = 32_000;

interface Filter {
  readonly fromMs: number;
  /** The latest end of this filter and of all that began before it. */
  readonly latestUntilMs: number;
}

export class OfferDemand {
  readonly #view: HistoryView;
  /** By framework id and agent id, ordered by their beginning. */
  readonly #filters = new Map<string, Filter[]>();
  readonly #closures: readonly { readonly atMs: number }[];

  constructor(view: HistoryView) {
    this.#view = view;
    this.#closures = view.streams
      .filter((stream) => Number.isFinite(stream.closedAtMs))
      .map((stream) => ({ atMs: stream.closedAtMs }))
      .sort((a, b) => a.atMs - b.atMs);
    for (const call of view.calls) {
      if ((!isCall(call, "accept") && !isCall(call, "decline")) || call.outcome === "fail" || call.frameworkId === undefined) continue;
      const role = view.offersById.get(call.body.offerIds[0] ?? "")?.[0]?.role;
      const untilMs = this.filterUntilMs(call, call.body.refuseSeconds, role);
      for (const offerId of call.body.offerIds) {
        for (const offer of view.offersById.get(offerId) ?? []) this.#addFilter(call.frameworkId, offer.agentId, call.invokeAtMs, untilMs);
      }
    }
  }

  /** When a refusal made by this call is over for a role: its time passed, or a REVIVE made after it was obeyed. */
  filterUntilMs(
    call: { readonly framework: string; readonly outcomeSeq: number; readonly outcomeAtMs: number },
    refuseSeconds: number,
    role: string | undefined,
  ): number {
    const seconds = refuseSeconds < 0 ? defaultRefuseSeconds : Math.min(refuseSeconds, refuseSecondsMax);
    const untilMs = call.outcomeAtMs + seconds * 1_000;
    if (seconds === 0 || !Number.isFinite(untilMs)) return untilMs;
    const calls = this.#view.frameworks.get(call.framework)?.calls ?? [];
    let low = 0;
    let high = calls.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((calls[middle]?.invokeSeq ?? 0) > call.outcomeSeq) high = middle;
      else low = middle + 1;
    }
    for (let index = low; index < calls.length; index++) {
      const later = calls[index];
      if (later === undefined || later.invokeAtMs > untilMs) break;
      if (!isCall(later, "revive") || later.outcome !== "ok") continue;
      const { roles } = later.body;
      if (roles.length === 0 || (role !== undefined && roles.includes(role))) return Math.min(untilMs, later.outcomeAtMs);
    }
    return untilMs;
  }

  #addFilter(frameworkId: string, agentId: string, fromMs: number, untilMs: number): void {
    const key = `${frameworkId}\u0000${agentId}`;
    const filters = this.#filters.get(key) ?? [];
    this.#filters.set(key, filters);
    filters.push({ fromMs, latestUntilMs: Math.max(untilMs, filters.at(-1)?.latestUntilMs ?? Number.NEGATIVE_INFINITY) });
  }

  /** Whether the framework neither refused the agent nor suppressed a role at any time between the two instants. */
  isWilling(framework: FrameworkRecord, frameworkId: string, agentId: string, fromMs: number, untilMs: number): boolean {
    const filters = this.#filters.get(`${frameworkId}\u0000${agentId}`);
    const filter = filters?.findLast((one) => one.fromMs <= untilMs);
    if (filter !== undefined && filter.latestUntilMs > fromMs) return false;
    const { calls } = framework;
    const suppress = calls.findLast((call) => isSuppressing(call) && call.outcome !== "fail" && call.invokeAtMs <= untilMs);
    if (suppress === undefined) return true;
    return calls.some(
      (call) =>
        isCall(call, "revive") &&
        call.body.roles.length === 0 &&
        call.invokeSeq > suppress.outcomeSeq &&
        call.outcome === "ok" &&
        call.outcomeAtMs <= fromMs,
    );
  }

  /** Whether a stream closed between the two instants, so that an offer may have been lost with it. */
  isAnyStreamClosed(fromMs: number, untilMs: number): boolean {
    const closure = this.#closures[firstIndexFrom(this.#closures, fromMs)];
    return closure !== undefined && closure.atMs <= untilMs;
  }

  /** Whether anybody was offered something of the agent between the two instants. */
  wasOffered(agentId: string, fromMs: number, untilMs: number): boolean {
    const offers = this.#view.offersByAgent.get(agentId) ?? [];
    const offer = offers[firstIndexFrom(offers, fromMs)];
    return offer !== undefined && offer.atMs <= untilMs;
  }
}

function isSuppressing(call: CallRecord): boolean {
  return isCall(call, "suppress") || (isCall(call, "updateFramework") && call.body.suppressedRoles.length > 0);
}

/** Whether resources are enough to be offered: a free remainder below that is kept back, and what is reserved is not for everybody. */
export function isOfferable(resources: readonly ResourceJson[], held: readonly ResourceJson[] = []): boolean {
  const milli = (name: string) => scalar(resources, name) - scalar(held, name);
  return milli("cpus") >= offerableCpusMilli && milli("mem") >= offerableMemMilli;
}

function scalar(resources: readonly ResourceJson[], name: string): number {
  let sum = 0;
  for (const { name: own, milli = 0, reservations } of resources) if (own === name && reservations === undefined) sum += milli;
  return sum;
}
