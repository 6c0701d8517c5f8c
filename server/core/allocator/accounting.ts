/**
 * Where resources are. Everything that becomes used (an offer, a task that an agent reports) passes `takeResources`, and
 * everything that becomes free passes `returnResources`, so that the agent's books and the shares agree.
 */

import {
  addResources,
  coversResources,
  exclusiveResources,
  isEmptyResources,
  type Resources,
  sharedResources,
  subtractResources,
  unallocateResources,
  withSharedOnce,
} from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";
import type { Agent, Framework, MasterState, RoleShare } from "../state.ts";
import { countOpenQuantities, countQuantities, countReservedQuantities, createShare, quantitiesOf, type Share } from "./share.ts";

export interface Holding {
  readonly agent: Agent;
  readonly framework: Framework;
  readonly role: string;
  readonly resources: Resources;
}

export function takeResources(state: MasterState, { agent, framework, role, resources }: Holding): void {
  agent.used = addResources(agent.used, unallocateResources(resources));
  agent.free = undefined;
  countHolding(state, { agent, framework, role, resources }, 1);
}

/** Takes what was not offered: it runs on its agent already. The role may come to have more than its limit. */
export function takeUnoffered(state: MasterState, holding: Holding): void {
  state.allocation.useGrew = true;
  takeResources(state, holding);
}

export function returnResources(state: MasterState, { agent, framework, role, resources }: Holding): void {
  if (isEmptyResources(resources)) return;
  agent.used = subtractResources(agent.used, unallocateResources(resources));
  agent.free = undefined;
  countHolding(state, { agent, framework, role, resources }, -1);
}

/** An agent came. */
export function addTotal({ allocation }: MasterState, total: Resources): void {
  allocation.useGrew = true;
  countQuantities(allocation.totals, total, 1);
  countReservedQuantities(allocation.reserved, total, 1);
}

/** An agent went. */
export function subtractTotal({ allocation }: MasterState, total: Resources): void {
  countQuantities(allocation.totals, total, -1);
  countReservedQuantities(allocation.reserved, total, -1);
}

/** The agent has other resources from now on. */
export function changeTotal(state: MasterState, agent: Agent, total: Resources): void {
  subtractTotal(state, agent.total);
  agent.total = total;
  agent.free = undefined;
  addTotal(state, agent.total);
}

/** What of the agent is neither offered nor held by a task. */
export function freeResources(agent: Agent): Resources {
  agent.free ??= unusedResources(agent.total, agent.used);
  return agent.free;
}

/**
 * What of `total` is not used. An agent can have less than its tasks were launched with: it was started again with less, or it never
 * heard of a reservation or a volume that a task was launched on. Until that is settled, nothing is free of what is used too much. What
 * is shared is free as long as it is there, however many hold it.
 */
export function unusedResources(total: Resources, used: Resources): Resources {
  const rest = addResources(subtractResources(exclusiveResources(total), exclusiveResources(used)), sharedResources(total));
  if (coversResources(total, used)) return rest;
  const excessNames = new Set(subtractResources(withSharedOnce(used), total).map(({ name }) => name));
  return rest.filter(({ name }) => !excessNames.has(name));
}

export function frameworkShare(framework: Framework, role: string): Share {
  let share = framework.shares.get(role);
  if (share === undefined) {
    share = createShare();
    framework.shares.set(role, share);
  }
  return share;
}

export function roleShare(state: MasterState, role: string): RoleShare {
  let share = state.allocation.roles.get(role);
  if (share === undefined) {
    share = { own: createShare(), subtree: createShare() };
    state.allocation.roles.set(role, share);
  }
  return share;
}

/** The role and the roles above it: "a/b/c", "a/b", "a". */
export function* roleAndAncestors(role: string): Generator<string> {
  let path = role;
  for (;;) {
    yield path;
    const slash = path.lastIndexOf("/");
    if (slash < 0) return;
    path = path.slice(0, slash);
  }
}

function countHolding(state: MasterState, { framework, role, resources }: Holding, sign: 1 | -1): void {
  countQuantities(frameworkShare(framework, role).quantities, resources, sign);
  countQuantities(roleShare(state, role).own.quantities, resources, sign);
  for (const path of roleAndAncestors(role)) countQuantities(roleShare(state, path).subtree.quantities, resources, sign);
  countOpenQuantities(quantitiesOf(state.allocation.openUse, topRole(role)), resources, sign);
}
