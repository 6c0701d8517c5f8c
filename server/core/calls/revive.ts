/** REVIVE and SUPPRESS: whether a framework wants offers for its roles. Source: Mesos Master::revive and ::suppress. */

import type { Refusal } from "../../../common/result.ts";
import { wantAllocation } from "../allocator/allocator.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

/** Forgets what was refused in these roles and offers again. */
export function revive(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "revive" }>): Refusal | undefined {
  const refusal = roleRefusal(framework, call);
  if (refusal !== undefined) return refusal;
  const roles = rolesOf(framework, call.roles);
  for (const role of roles) framework.filters.clearRole(role);
  framework.inverseFilters.clear();
  framework.suppressedRoles = new Set([...framework.suppressedRoles].filter((role) => !roles.includes(role)));
  wantAllocation(turn.state, "all");
  return undefined;
}

/** No new offers for these roles; those outstanding stay. */
export function suppress(framework: Framework, call: Extract<SchedulerCall, { kind: "suppress" }>): Refusal | undefined {
  const refusal = roleRefusal(framework, call);
  if (refusal !== undefined) return refusal;
  framework.suppressedRoles = new Set([...framework.suppressedRoles, ...rolesOf(framework, call.roles)]);
  return undefined;
}

function rolesOf(framework: Framework, roles: readonly string[]): readonly string[] {
  return roles.length === 0 ? framework.description.roles : roles;
}

function roleRefusal(framework: Framework, { kind, roles }: { kind: string; roles: readonly string[] }): Refusal | undefined {
  const foreign = roles.find((role) => !framework.description.roles.includes(role));
  if (foreign === undefined) return undefined;
  return { code: "INVALID_ARGUMENT", message: `${kind}.roles must be roles of the framework, has "${foreign}"` };
}
