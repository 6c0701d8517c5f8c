/** GET_ROLES, and what Mesos's answer has no field for: how much of what a role has is held, offered or reserved, and of its quota. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { addResources } from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";
import { fromMilli } from "../../../common/values.ts";
import type { Response_GetRoles } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { RoleUsage, RoleUse } from "../../../protos/gen/tepui/v1/roles.ts";
import { consumedMilli } from "../roles/consumption.ts";
import { type KnownRole, knownRoles, withRolesBelow } from "../roles/known-roles.ts";
import type { MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { toQuotaConfig } from "./get-quota.ts";

export function getRoles({ state, config }: Turn): Response_GetRoles {
  const roles = [...knownRoles(state, config)].map(([name, { frameworkIds, allocated, offered }]) => ({
    name,
    weight: weightOf(state, name),
    frameworks: [...frameworkIds].map((value) => ({ value })),
    resources: writeResources(addResources(allocated, offered), "stack"),
  }));
  return { roles };
}

export function getRoleUsage({ state, config }: Turn): RoleUsage {
  return { roles: [...withRolesBelow(knownRoles(state, config))].map(([name, role]) => toRoleUse(state, name, role)) };
}

function toRoleUse(state: MasterState, name: string, { frameworkIds, allocated, offered, reserved }: KnownRole): RoleUse {
  const quota = state.quotas.current.get(name);
  return {
    name,
    weight: weightOf(state, name),
    frameworks: [...frameworkIds].map((value) => ({ value })),
    allocated: writeResources(allocated, "stack"),
    offered: writeResources(offered, "stack"),
    reserved: writeResources(reserved, "stack"),
    quota: quota && toQuotaConfig([name, quota]),
    consumed: topRole(name) === name ? consumptionOf(state, name) : {},
  };
}

function consumptionOf(state: MasterState, role: string): RoleUse["consumed"] {
  const { reserved, openUse } = state.allocation;
  const names = new Set([...(reserved.get(role)?.keys() ?? []), ...(openUse.get(role)?.keys() ?? [])]);
  return Object.fromEntries([...names].sort().map((name) => [name, { value: fromMilli(consumedMilli(state, role, name)) }]));
}

function weightOf({ weights }: MasterState, role: string): number {
  return weights.current.get(role) ?? 1;
}
