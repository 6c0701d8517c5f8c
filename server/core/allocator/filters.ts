/**
 * What a framework refused: for a role and an agent, a quantity that it does not want to see again before an instant. An
 * offer passes when it holds anything that no filter covers, so growth of the free resources is seen at once.
 */

import type { AgentId } from "../../../common/ids.ts";
import { containsResources, type Resources } from "../../../common/resources.ts";
import { filtersPerAgentMax } from "../limits.ts";

interface OfferFilter {
  readonly resources: Resources;
  readonly untilMs: number;
}

export class OfferFilters {
  readonly #roles = new Map<string, Map<AgentId, OfferFilter[]>>();

  /** Refuses `resources`, and less, until `untilMs`. */
  add(key: { readonly role: string; readonly agentId: AgentId }, resources: Resources, times: { nowMs: number; untilMs: number }): void {
    let agents = this.#roles.get(key.role);
    if (agents === undefined) {
      agents = new Map();
      this.#roles.set(key.role, agents);
    }
    const { nowMs, untilMs } = times;
    const kept = (agents.get(key.agentId) ?? []).filter(
      (filter) => filter.untilMs > nowMs && !(filter.untilMs <= untilMs && containsResources(resources, filter.resources)),
    );
    if (kept.length >= filtersPerAgentMax) kept.shift();
    kept.push({ resources, untilMs });
    agents.set(key.agentId, kept);
  }

  /** Whether a filter that is alive covers all of `resources`. */
  covers(key: { readonly role: string; readonly agentId: AgentId }, resources: Resources, nowMs: number): boolean {
    const agents = this.#roles.get(key.role);
    const filters = agents?.get(key.agentId);
    if (agents === undefined || filters === undefined) return false;
    const alive = filters.filter((filter) => filter.untilMs > nowMs);
    if (alive.length === 0) agents.delete(key.agentId);
    else if (alive.length < filters.length) agents.set(key.agentId, alive);
    return alive.some((filter) => containsResources(filter.resources, resources));
  }

  clear(): void {
    this.#roles.clear();
  }

  clearRole(role: string): void {
    this.#roles.delete(role);
  }

  /** An agent that left needs no filters any more. */
  clearAgent(agentId: AgentId): void {
    for (const agents of this.#roles.values()) agents.delete(agentId);
  }
}
