/**
 * Every role that a cluster knows, with what it has: those of `--roles`, of frameworks, reservations, weights and quotas, the roles above
 * them, and the default role.
 */

import type { FrameworkId } from "../../../common/ids.ts";
import { addResources, type Resources, unallocateResources } from "../../../common/resources.ts";
import { defaultRole } from "../../../common/roles.ts";
import { compareText } from "../../../common/values.ts";
import { roleAndAncestors } from "../allocator/accounting.ts";
import type { MasterConfig } from "../config.ts";
import type { MasterState } from "../state.ts";

/** Of this very role, without those below it. */
export interface KnownRole {
  /** Those that are subscribed to it, or have something in it. */
  readonly frameworkIds: Set<FrameworkId>;
  /** What executors and tasks hold. */
  allocated: Resources;
  offered: Resources;
  /** On registered agents, held or not. */
  reserved: Resources;
}

/** By name, in order. */
export type KnownRoles = ReadonlyMap<string, KnownRole>;

export function knownRoles(state: MasterState, { roles: listed = new Set() }: MasterConfig): KnownRoles {
  const roles = new Map<string, KnownRole>();
  for (const role of [defaultRole, ...listed, ...state.weights.current.keys(), ...state.quotas.current.keys()]) knowRole(roles, role);
  for (const { frameworkId, description, tasks, executors, offers } of state.frameworks.values()) {
    for (const role of description.roles) knowRole(roles, role).frameworkIds.add(frameworkId);
    const hold = (role: string, resources: Resources): void => {
      const known = knowRole(roles, role);
      known.frameworkIds.add(frameworkId);
      known.allocated = addResources(known.allocated, unallocateResources(resources));
    };
    for (const { role, resources, holdsResources } of tasks.values()) if (holdsResources) hold(role, resources);
    for (const { role, resources } of executors) hold(role, resources);
    for (const { role, resources } of offers) {
      const known = knowRole(roles, role);
      known.offered = addResources(known.offered, unallocateResources(resources));
    }
  }
  for (const agent of state.agents.values()) {
    for (const entry of agent.total) {
      const role = entry.reservations.at(-1)?.role;
      if (role === undefined) continue;
      const known = knowRole(roles, role);
      known.reserved = addResources(known.reserved, [entry]);
    }
  }
  return new Map([...roles].sort(([left], [right]) => compareText(left, right)));
}

/** The same, each role with everything of those below it but their frameworks. */
export function withRolesBelow(roles: KnownRoles): KnownRoles {
  const sums = new Map([...roles].map(([name, { frameworkIds }]) => [name, { ...createRole(), frameworkIds }]));
  for (const [name, role] of roles) {
    for (const path of roleAndAncestors(name)) {
      const sum = sums.get(path);
      if (sum === undefined) continue;
      sum.allocated = addResources(sum.allocated, role.allocated);
      sum.offered = addResources(sum.offered, role.offered);
      sum.reserved = addResources(sum.reserved, role.reserved);
    }
  }
  return sums;
}

/** The role's entry; it and the roles above it are known from now on. */
function knowRole(roles: Map<string, KnownRole>, name: string): KnownRole {
  const known = roles.get(name);
  if (known !== undefined) return known;
  for (const path of roleAndAncestors(name)) if (!roles.has(path)) roles.set(path, createRole());
  return knowRole(roles, name);
}

function createRole(): KnownRole {
  return { frameworkIds: new Set(), allocated: [], offered: [], reserved: [] };
}
