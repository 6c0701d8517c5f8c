/**
 * UPDATE_QUOTA, and the older SET_QUOTA and REMOVE_QUOTA: all or nothing, durable before it is answered. Calls that meet are taken one
 * after the other, each checked against what the ones before it make of the quotas. Source: Mesos master/quota_handler.cpp.
 */

import type { Refusal } from "../../../common/result.ts";
import { compareText, fromMilli } from "../../../common/values.ts";
import { countQuantities } from "../allocator/share.ts";
import type { CallId } from "../input.ts";
import { quotaRolesMax } from "../limits.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import type { MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { usedBy } from "./consumption.ts";
import { isEmptyQuota, type Quota, type QuotaChanges, type Quotas, sumGuarantees } from "./quota.ts";
import { enforceLimits, rescindForGuarantees } from "./rescind-for-quota.ts";
import { withChanges } from "./role-settings.ts";
import { foreignRoleRefusal } from "./role-whitelist.ts";

/** Replaces the quotas of the roles that `changes` names; the others keep theirs. Answered when it is durable. */
export function updateQuota(turn: Turn, callId: CallId, { quotas, force }: QuotaChanges): Refusal | undefined {
  const field = "update_quota.quota_configs";
  const refusal =
    foreignRoleRefusal(turn.config, quotas.keys(), `${field}.role`) ?? (force ? undefined : usedRefusal(turn.state, quotas, field));
  return refusal ?? proposeQuotas(turn, callId, { quotas, force, field });
}

/** Guarantees and limits a role that has no quota yet the same. */
export function setQuota(turn: Turn, callId: CallId, { quotas, force }: QuotaChanges): Refusal | undefined {
  const field = "set_quota.quota_request";
  for (const role of quotas.keys()) {
    if (!turn.state.quotas.proposed.has(role)) continue;
    const message = `${field}.role must be of a role without a quota, "${role}" has one; UpdateQuota changes it`;
    return { code: "FAILED_PRECONDITION", message };
  }
  return foreignRoleRefusal(turn.config, quotas.keys(), `${field}.role`) ?? proposeQuotas(turn, callId, { quotas, force, field });
}

export function removeQuota(turn: Turn, callId: CallId, role: string): Refusal | undefined {
  if (!turn.state.quotas.proposed.has(role)) {
    return { code: "NOT_FOUND", message: `remove_quota.role must be of a role with a quota, "${role}" has none` };
  }
  return proposeQuotas(turn, callId, { quotas: new Map([[role, noQuota]]), force: true, field: "remove_quota" });
}

const noQuota: Quota = { guarantees: new Map(), limits: new Map() };

/** The quotas are durable. Offers that are not as they want go back; what is free is given out at the next allocation. */
export function quotasChanged(turn: Turn, { quotas, changed, callId }: Extract<RegistryOp, { kind: "changeQuotas" }>): void {
  const { state } = turn;
  state.quotas.current = quotas;
  for (const role of changed) log(turn, "quota of role changed", { role, ...describeQuota(quotas.get(role) ?? noQuota) });
  state.allocation.useGrew = true;
  enforceLimits(turn);
  rescindForGuarantees(turn);
  turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
}

function proposeQuotas(turn: Turn, callId: CallId, { quotas, force, field }: QuotaChanges & { field: string }): Refusal | undefined {
  const { state } = turn;
  const next = withChanges(state.quotas, quotas, isEmptyQuota);
  if (next.size > quotaRolesMax) {
    return { code: "RESOURCE_EXHAUSTED", message: `at most ${quotaRolesMax} roles may have a quota, with ${field} ${next.size} would` };
  }
  const refusal = force ? undefined : overcommitRefusal(state, next, field);
  if (refusal !== undefined) return refusal;
  state.quotas.proposed = next;
  propose(turn, { kind: "changeQuotas", quotas: next, changed: [...quotas.keys()], callId });
  return undefined;
}

/** A limit below what the role uses could not be kept. */
function usedRefusal(state: MasterState, quotas: Quotas, field: string): Refusal | undefined {
  for (const [role, { limits }] of quotas) {
    if (limits.size === 0) continue;
    const used = usedBy(state, role);
    for (const [name, limit] of limits) {
      const milli = used.get(name) ?? 0;
      if (milli <= limit) continue;
      const rule = `must be at least what the role uses without force, is ${fromMilli(limit)} of ${fromMilli(milli)}`;
      return { code: "FAILED_PRECONDITION", message: `${field}: the limit of role "${role}" for ${name} ${rule}` };
    }
  }
  return undefined;
}

/** More may not be guaranteed than there is. Whatever is lowered is taken, even when it is still too much. */
function overcommitRefusal(state: MasterState, next: Quotas, field: string): Refusal | undefined {
  const [before, after, capacity] = [sumGuarantees(state.quotas.proposed), sumGuarantees(next), clusterCapacity(state)];
  for (const [name, milli] of [...after].sort(([left], [right]) => compareText(left, right))) {
    const has = capacity.get(name) ?? 0;
    if (milli <= has || milli <= (before.get(name) ?? 0)) continue;
    const rule = `must be at most what the cluster has without force, are ${fromMilli(milli)} of ${fromMilli(has)}`;
    return { code: "FAILED_PRECONDITION", message: `${field}: the guarantees of all roles for ${name} ${rule}` };
  }
  return undefined;
}

/** Of agents that are registered, connected or not, and of those that are awaited since the failover. */
function clusterCapacity({ agents, recoveredAgents }: MasterState): ReadonlyMap<string, number> {
  const capacity = new Map<string, number>();
  const lasting = [...[...agents.values()].map(({ total }) => total), ...[...recoveredAgents.values()].map(({ resources }) => resources)];
  for (const resources of lasting)
    countQuantities(
      capacity,
      resources.filter(({ revocable }) => revocable !== true),
      1,
    );
  return capacity;
}

function describeQuota({ guarantees, limits }: Quota): { readonly guarantees: string; readonly limits: string } {
  return { guarantees: describe(guarantees), limits: describe(limits) };
}

function describe(quantities: ReadonlyMap<string, number>): string {
  return [...quantities].map(([name, milli]) => `${name}:${fromMilli(milli)}`).join(";");
}
