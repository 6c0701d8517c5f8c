/**
 * Turns free resources into offers: agent by agent in random order, each to whom fairness names first, who then gets all of
 * the agent that it may use. Source: Mesos allocator/mesos/hierarchical.cpp, without quota.
 */

import { isEmptyResources, type Resources, scalarMilli, subtractResources } from "../../../common/resources.ts";
import type { FrameworkInfo_Capability_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { offersPerFrameworkMax } from "../limits.ts";
import { createOffer, sendOffers } from "../offers.ts";
import type { Agent, Framework, MasterState, Offer } from "../state.ts";
import type { Turn } from "../turn.ts";
import { frameworkShare, freeResources, roleAndAncestors, roleShare } from "./accounting.ts";
import { FairOrder } from "./fair-order.ts";

/** Less than both is not worth an offer. Source: Mesos MIN_CPUS and MIN_MEM. */
const minCpusMilli = 10;
const minMemMilli = 32_000;

interface FreeAgent {
  readonly agent: Agent;
  readonly free: Resources;
}

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
  const wanted = allocation.wanted === "all" ? agents.values() : allocation.wanted;
  allocation.wanted = "none";
  allocate(turn, wanted);
}

/** The periodic run over all agents. */
export function allocateBatch(turn: Turn): void {
  const { state, config, nowMs } = turn;
  state.deadlines.nextAllocationAtMs = nowMs + config.allocationIntervalMs;
  state.allocation.wanted = "none";
  allocate(turn, state.agents.values());
}

function allocate(turn: Turn, agents: Iterable<Agent>): void {
  const roles = willingFrameworks(turn.state);
  if (roles.size === 0) return;
  const candidates = offerableAgents(turn.state, agents);
  if (candidates.length === 0) return;
  shuffle(candidates, (bound) => turn.state.allocation.prng.nextInt(bound));
  const order = new FairOrder(turn.state, roles);
  const offers = new Map<Framework, Offer[]>();
  for (const candidate of candidates) {
    for (const offer of offerAgent(turn, candidate, order)) {
      const own = offers.get(offer.framework);
      if (own === undefined) offers.set(offer.framework, [offer]);
      else own.push(offer);
      order.served(offer.role, offer.framework);
    }
  }
  for (const [framework, own] of offers) sendOffers(turn, framework, own);
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

function offerableAgents(state: MasterState, agents: Iterable<Agent>): FreeAgent[] {
  const candidates: FreeAgent[] = [];
  for (const agent of agents) {
    if (!isOfferable(state, agent)) continue;
    const free = freeResources(agent);
    if (isWorthOffering(free)) candidates.push({ agent, free });
  }
  return candidates;
}

function isOfferable(state: MasterState, agent: Agent): boolean {
  return agent.linkId !== undefined && state.agents.get(agent.agentId) === agent && !state.agentChanges.has(agent.agentId);
}

function isWorthOffering(resources: Resources): boolean {
  return scalarMilli(resources, "cpus") >= minCpusMilli || scalarMilli(resources, "mem") >= minMemMilli;
}

/** Gives the agent away until nothing is left of it or nobody wants the rest. */
function offerAgent(turn: Turn, { agent, free }: FreeAgent, order: FairOrder): Offer[] {
  const { state, nowMs } = turn;
  const offers: Offer[] = [];
  // An agent with gpus is kept for those who can use them. Source: Mesos, filter_gpu_resources.
  const hasGpus = scalarMilli(agent.description.resources, "gpus") > 0;
  let rest = free;
  order.visit((role, framework) => {
    const resources = offerableToRole(rest, role);
    if (!isWorthOffering(resources) || (hasGpus && !usesGpus(framework))) return "next";
    if (framework.filters.covers({ role, agentId: agent.agentId }, resources, nowMs)) return "next";
    offers.push(createOffer(turn, { framework, agent, role }, resources));
    countAllocation(state, framework, role);
    rest = subtractResources(rest, resources);
    return isEmptyResources(rest) ? "stop" : "next";
  });
  return offers;
}

/** What is not reserved, or reserved for the role or a role above it. */
function offerableToRole(resources: Resources, role: string): Resources {
  if (resources.every((resource) => resource.reservations.length === 0)) return resources;
  const roles = new Set(roleAndAncestors(role));
  return resources.filter((resource) => {
    const reservation = resource.reservations.at(-1);
    return reservation === undefined || roles.has(reservation.role);
  });
}

/** The number of FrameworkInfo.Capability.GPU_RESOURCES. */
const gpuResources: FrameworkInfo_Capability_Type = 3;

function usesGpus({ description }: Framework): boolean {
  return description.info.capabilities.some((capability) => capability.type === gpuResources);
}

function countAllocation(state: MasterState, framework: Framework, role: string): void {
  frameworkShare(framework, role).allocationCount += 1;
  roleShare(state, role).own.allocationCount += 1;
  for (const path of roleAndAncestors(role)) roleShare(state, path).subtree.allocationCount += 1;
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
