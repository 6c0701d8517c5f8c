/**
 * Turns free resources into offers: agent by agent in random order, each to whom fairness names first, who then gets all of
 * the agent that it may use. Source: Mesos allocator/mesos/hierarchical.cpp.
 */

import {
  exclusiveResources,
  isEmptyResources,
  type Resource,
  type Resources,
  scalarMilli,
  subtractResources,
} from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";
import type { FrameworkDescription } from "../calls/call.ts";
import { hasCapability } from "../capabilities.ts";
import { askForReturn } from "../inverse-offers.ts";
import { offersPerFrameworkMax } from "../limits.ts";
import { machineOf } from "../maintenance/agent-machine.ts";
import { createOffer, sendOffers } from "../offers.ts";
import type { Agent, Framework, MasterState, Offer } from "../state.ts";
import type { Turn } from "../turn.ts";
import { frameworkShare, freeResources, roleAndAncestors, roleShare } from "./accounting.ts";
import { isAllocationPaused } from "./allocation-pause.ts";
import { FairOrder } from "./fair-order.ts";
import { meetsConstraints } from "./offer-constraints.ts";
import { isWorthOffering } from "./offer-minimum.ts";
import { isOfferable } from "./offerable.ts";
import { QuotaBudget } from "./quota-budget.ts";

interface FreeAgent {
  readonly agent: Agent;
  /** Shrinks while the run gives it away. */
  rest: Resources;
}

/** One allocation run. */
interface Run {
  readonly order: FairOrder;
  /** Undefined when there are no quotas. */
  readonly budget: QuotaBudget | undefined;
  /** Whether somebody may want less than what is usually worth an offer. */
  readonly hasOwnMinimum: boolean;
  readonly offers: Map<Framework, Offer[]>;
}

/** First what is guaranteed goes to those who lack it, then the rest to all. */
type Stage = "guarantees" | "rest";

/** Asks for an allocation of this agent, or of all, at the end of the step. */
export function wantAllocation(state: MasterState, agents: "all" | Agent): void {
  const { allocation } = state;
  if (agents === "all") allocation.wanted = "all";
  else if (allocation.wanted === "none") allocation.wanted = new Set([agents]);
  else if (allocation.wanted !== "all") allocation.wanted.add(agents);
}

/** Runs the allocation that this step asked for, if it did. */
export function allocateWanted(turn: Turn): void {
  const { allocation, agents } = turn.state;
  if (allocation.wanted === "none") return;
  const isPaused = isAllocationPaused(turn);
  const wanted = allocation.wanted === "all" ? [...agents.values()] : allocation.wanted;
  allocation.wanted = "none";
  if (!isPaused) allocate(turn, wanted);
  askForReturn(turn, wanted);
}

/** The periodic run over all agents. */
export function allocateBatch(turn: Turn): void {
  const { state, config, nowMs } = turn;
  state.deadlines.nextAllocationAtMs = nowMs + config.allocationIntervalMs;
  const isPaused = isAllocationPaused(turn);
  state.allocation.wanted = "none";
  if (!isPaused) allocate(turn, state.agents.values());
  askForReturn(turn, state.agents.values());
}

function allocate(turn: Turn, agents: Iterable<Agent>): void {
  const roles = willingFrameworks(turn.state);
  if (roles.size === 0) return;
  const hasOwnMinimum = [...roles.values()].some((frameworks) => frameworks.some(({ description }) => description.offerMinimums.size > 0));
  const candidates = offerableAgents(turn.state, agents, hasOwnMinimum);
  if (candidates.length === 0) return;
  const run: Run = { order: new FairOrder(turn.state, roles), budget: QuotaBudget.of(turn.state), hasOwnMinimum, offers: new Map() };
  if (run.budget?.hasUnmet === true) offerAll(turn, run, { candidates, stage: "guarantees" });
  offerAll(turn, run, { candidates, stage: "rest" });
  for (const [framework, own] of run.offers) sendOffers(turn, framework, own);
}

function offerAll(turn: Turn, run: Run, { candidates, stage }: { candidates: FreeAgent[]; stage: Stage }): void {
  shuffle(candidates, (bound) => turn.state.allocation.prng.nextInt(bound));
  lastResortsLast(turn.state, candidates);
  for (const candidate of candidates) {
    if (isUsedUp(candidate, run.hasOwnMinimum)) continue;
    for (const offer of offerAgent(turn, run, { candidate, stage })) {
      const own = run.offers.get(offer.framework);
      if (own === undefined) run.offers.set(offer.framework, [offer]);
      else own.push(offer);
      run.order.served(offer.role, offer.framework);
    }
  }
}

/** Frameworks that are subscribed and do not suppress, by role. */
function willingFrameworks(state: MasterState): Map<string, Framework[]> {
  const roles = new Map<string, Framework[]>();
  for (const framework of state.frameworks.values()) {
    if (framework.connection.kind !== "connected" || framework.isCompleting || framework.offers.size >= offersPerFrameworkMax) continue;
    for (const role of framework.description.roles) {
      if (framework.suppressedRoles.has(role)) continue;
      const frameworks = roles.get(role);
      if (frameworks === undefined) roles.set(role, [framework]);
      else frameworks.push(framework);
    }
  }
  return roles;
}

/** `anyRemainder`: somebody may want less than what is usually worth an offer. */
function offerableAgents(state: MasterState, agents: Iterable<Agent>, anyRemainder: boolean): FreeAgent[] {
  const candidates: FreeAgent[] = [];
  for (const agent of agents) {
    if (!isOfferable(state, agent)) continue;
    const free = freeResources(agent);
    if (anyRemainder ? !isEmptyResources(free) : isWorthOffering(free)) candidates.push({ agent, rest: free });
  }
  return candidates;
}

/** Whether nobody can be offered what is left of the agent. */
function isUsedUp({ rest }: FreeAgent, hasOwnMinimum: boolean): boolean {
  return hasOwnMinimum ? isEmptyResources(rest) : !isWorthOffering(rest);
}

/** Gives the agent away until nothing is left of it or nobody wants, or may have, the rest. */
function offerAgent(
  turn: Turn,
  { order, budget, hasOwnMinimum }: Run,
  { candidate, stage }: { candidate: FreeAgent; stage: Stage },
): Offer[] {
  const { state, nowMs } = turn;
  const { agent } = candidate;
  const offers: Offer[] = [];
  const traits = traitsOf(turn, agent);
  // Of such an agent, a role that has reached its limit gets nothing.
  const isPlain = !hasOwnMinimum && candidate.rest.every(isOrdinary);
  const isSkipped = (top: string): boolean =>
    stage === "guarantees" ? budget?.lacks(top) !== true : isPlain && budget?.isClosed(top) === true;
  order.visit((role, framework) => {
    if (budget !== undefined && isSkipped(topRole(role))) return "next";
    const { description, offerConstraints } = framework;
    const fitting = offerableTo(candidate.rest, role, description);
    if (stage === "guarantees" && budget?.helps(role, fitting) !== true) return "next";
    const resources = budget === undefined ? fitting : budget.cut(role, fitting);
    // What is shared is there for any number of offers: it comes with something else, once in a run.
    if (isEmptyResources(exclusiveResources(resources)) || !isWorthOffering(resources, description.offerMinimums.get(role))) {
      if (isPlain) budget?.closeIfExhausted(role);
      return "next";
    }
    if (!isUsableBy(description, traits)) return "next";
    if (!meetsConstraints(agent.description, offerConstraints.get(role))) return "next";
    if (framework.filters.covers({ role, agentId: agent.agentId }, resources, nowMs)) return "next";
    budget?.take(role, resources);
    offers.push(createOffer(turn, { framework, agent, role }, resources));
    countAllocation(state, framework, role);
    candidate.rest = subtractResources(candidate.rest, resources);
    return isUsedUp(candidate, hasOwnMinimum) ? "stop" : "next";
  }, isSkipped);
  return offers;
}

/** What makes an agent fit for some frameworks only. */
interface AgentTraits {
  readonly hasGpus: boolean;
  readonly isRemote: boolean;
}

function traitsOf({ config }: Turn, { description }: Agent): AgentTraits {
  const masterRegion = config.address.domain?.region;
  const region = description.info.domain?.faultDomain?.region?.name;
  return {
    // An agent with gpus is kept for those who can use them. Source: Mesos, filter_gpu_resources.
    hasGpus: config.filterGpuResources && scalarMilli(description.resources, "gpus") > 0,
    // Without a domain on both sides nothing is far. Source: Mesos, isRemoteSlave.
    isRemote: masterRegion !== undefined && region !== undefined && region !== masterRegion,
  };
}

function isUsableBy(framework: FrameworkDescription, { hasGpus, isRemote }: AgentTraits): boolean {
  return (!hasGpus || hasCapability(framework, "gpuResources")) && (!isRemote || hasCapability(framework, "regionAware"));
}

/** What is not reserved, or reserved for the role or a role above it, and of a kind that the framework has words for. */
function offerableTo(resources: Resources, role: string, framework: FrameworkDescription): Resources {
  if (resources.every(isOrdinary)) return resources;
  const roles = new Set(roleAndAncestors(role));
  return resources.filter(({ reservations, revocable, shared }) => {
    const reservation = reservations.at(-1);
    if (reservation !== undefined && !roles.has(reservation.role)) return false;
    if (reservations.length > 1 && !hasCapability(framework, "reservationRefinement")) return false;
    if (revocable === true && !hasCapability(framework, "revocableResources")) return false;
    return shared !== true || hasCapability(framework, "sharedResources");
  });
}

function isOrdinary({ reservations, revocable, shared }: Resource): boolean {
  return reservations.length === 0 && revocable === undefined && shared === undefined;
}

function countAllocation(state: MasterState, framework: Framework, role: string): void {
  frameworkShare(framework, role).allocationCount += 1;
  roleShare(state, role).own.allocationCount += 1;
  for (const path of roleAndAncestors(role)) roleShare(state, path).subtree.allocationCount += 1;
}

/** Agents that soon go come after all that stay, and those that go later before those that go sooner. */
function lastResortsLast(state: MasterState, candidates: FreeAgent[]): void {
  if (state.maintenance.machines.size === 0) return;
  const startNs = new Map(candidates.map((one) => [one, machineOf(state, one.agent.description)?.unavailability.startNs]));
  candidates.sort((left, right) => compareStarts(startNs.get(left), startNs.get(right)));
}

function compareStarts(left: bigint | undefined, right: bigint | undefined): number {
  if (left === right) return 0;
  if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
  return left > right ? -1 : 1;
}

/** Fisher and Yates. */
function shuffle<T>(items: T[], nextInt: (bound: number) => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = nextInt(last + 1);
    const [left, right] = [items[last], items[other]];
    if (left === undefined || right === undefined) continue;
    items[last] = right;
    items[other] = left;
  }
}
