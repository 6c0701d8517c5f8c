/** Quotas of roles, between the core's form, the operator's calls and the registry. */

import { excerpt } from "../../common/excerpt.ts";
import { type Result, succeed } from "../../common/result.ts";
import { roleProblem, topRole } from "../../common/roles.ts";
import { fromMilli, toMilli } from "../../common/values.ts";
import type { Call_SetQuota, Call_UpdateQuota } from "../../protos/gen/mesos/v1/master/master.ts";
import type { Resource, Value_Scalar } from "../../protos/gen/mesos/v1/mesos.ts";
import type { QuotaConfig } from "../../protos/gen/mesos/v1/quota/quota.ts";
import type { RegistryQuotas } from "../../protos/gen/tepui/v1/registry.ts";
import { toQuotaConfig } from "../core/operator/get-quota.ts";
import type { RegistryRecord } from "../core/registry-record.ts";
import type { Quota, QuotaChanges, Quotas } from "../core/roles/quota.ts";
import { changedRolesMax, quotaNameMaxLength, quotaNamesMax } from "./limits.ts";
import { refuseArgument } from "./rules.ts";

/** 1 EB in MB, as in Mesos. */
const bytesMax = 1024 ** 4;

/** Of anything that is not counted in MB, as in Mesos. */
const amountMax = 1e12;

export function readQuotaChanges({ force = false, quotaConfigs }: Call_UpdateQuota): Result<QuotaChanges> {
  const path = "update_quota.quota_configs";
  if (quotaConfigs.length === 0) return refuseArgument(`${path} must not be empty`);
  if (quotaConfigs.length > changedRolesMax)
    return refuseArgument(`${path} must have at most ${changedRolesMax} entries, has ${quotaConfigs.length}`);
  const quotas = readQuotas(quotaConfigs, path);
  return quotas.ok ? succeed({ quotas: quotas.value, force }) : quotas;
}

/** The older form: what is guaranteed is also the limit. */
export function readQuotaRequest({ quotaRequest }: Call_SetQuota): Result<QuotaChanges> {
  const path = "set_quota.quota_request";
  const { force = false, role, guarantee = [] } = quotaRequest ?? {};
  if (role === undefined) return refuseArgument(`${path}.role must be set`);
  const rule = findTopRoleProblem(role);
  if (rule !== undefined) return refuseArgument(`${path}.role ${rule}`);
  if (guarantee.length === 0) return refuseArgument(`${path}.guarantee must not be empty`);
  const amounts = new Map<string, Value_Scalar>();
  for (const [index, resource] of guarantee.entries()) {
    const at = `${path}.guarantee[${index}]`;
    if (!isPlainScalar(resource)) return refuseArgument(`${at} must be a scalar that is not reserved, nor revocable, nor a special disk`);
    if (amounts.has(resource.name)) return refuseArgument(`${at}.name must not repeat a name, has "${excerpt(resource.name)}" twice`);
    amounts.set(resource.name, resource.scalar ?? { value: 0 });
  }
  const limits = readAmounts(amounts, `${path}.guarantee`);
  if (!limits.ok) return limits;
  return succeed({ quotas: new Map([[role, { guarantees: withoutZeros(limits.value), limits: limits.value }]]), force });
}

/** The rule that `role` breaks, or undefined when it can have a quota. */
export function findTopRoleProblem(role: string): string | undefined {
  const rule = roleProblem(role);
  if (rule !== undefined) return rule;
  return topRole(role) === role ? undefined : `must be a top-level role, whose quota is also that of the roles below it, is "${role}"`;
}

export function readQuotasRecord({ quotas }: RegistryQuotas): Result<RegistryRecord> {
  const read = readQuotas(quotas, "quotas.quotas");
  return read.ok ? succeed({ kind: "quotas", quotas: read.value }) : read;
}

export function writeQuotas(quotas: Quotas): RegistryQuotas {
  return { quotas: [...quotas].map(toQuotaConfig) };
}

function readQuotas(configs: readonly QuotaConfig[], path: string): Result<Quotas> {
  const quotas = new Map<string, Quota>();
  for (const [index, { role, guarantees, limits }] of configs.entries()) {
    const at = `${path}[${index}]`;
    const rule = findTopRoleProblem(role);
    if (rule !== undefined) return refuseArgument(`${at}.role ${rule}`);
    if (quotas.has(role)) return refuseArgument(`${at}.role must not repeat a role, has "${role}" twice`);
    const guaranteed = readAmounts(new Map(Object.entries(guarantees)), `${at}.guarantees`);
    if (!guaranteed.ok) return guaranteed;
    const limited = readAmounts(new Map(Object.entries(limits)), `${at}.limits`);
    if (!limited.ok) return limited;
    for (const [name, milli] of guaranteed.value) {
      const limit = limited.value.get(name) ?? milli;
      if (milli <= limit) continue;
      const problem = `must be at most its limit of ${fromMilli(limit)}, is ${fromMilli(milli)}`;
      return refuseArgument(`${at}.guarantees["${name}"].value ${problem}`);
    }
    quotas.set(role, { guarantees: withoutZeros(guaranteed.value), limits: limited.value });
  }
  return succeed(quotas);
}

/** Thousandths by name. */
function readAmounts(amounts: ReadonlyMap<string, Value_Scalar>, path: string): Result<ReadonlyMap<string, number>> {
  if (amounts.size > quotaNamesMax) return refuseArgument(`${path} must have at most ${quotaNamesMax} names, has ${amounts.size}`);
  const quantities = new Map<string, number>();
  for (const [name, { value }] of amounts) {
    if (name.length === 0) return refuseArgument(`${path} must not have an empty name`);
    if (name.length > quotaNameMaxLength)
      return refuseArgument(`${path} must have names of at most ${quotaNameMaxLength} characters, has one of ${name.length}`);
    const rule = findAmountProblem(name, value);
    if (rule !== undefined) return refuseArgument(`${path}["${name}"].value ${rule}`);
    quantities.set(name, toMilli(value));
  }
  return succeed(quantities);
}

function findAmountProblem(name: string, value: number): string | undefined {
  const max = name === "mem" || name === "disk" ? bytesMax : amountMax;
  if (Number.isNaN(value)) return "must be a number, is NaN";
  if (value < 0) return `must not be negative, is ${value}`;
  if (value > max) return `must be at most ${max}, is ${value}`;
  return value !== 0 && toMilli(value) === 0 ? `must be 0 or at least 0.0005, is ${value}` : undefined;
}

/** To guarantee nothing is no guarantee; to allow nothing is a limit. */
function withoutZeros(quantities: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...quantities].filter(([, milli]) => milli > 0));
}

function isPlainScalar({ scalar, ...resource }: Resource): boolean {
  const isReserved =
    (resource.role !== undefined && resource.role !== "*") || resource.reservation !== undefined || resource.reservations.length > 0;
  const { disk, revocable, shared, allocationInfo, providerId } = resource;
  const isSpecial = [disk, revocable, shared, allocationInfo, providerId].some((field) => field !== undefined);
  return scalar !== undefined && !isReserved && !isSpecial;
}
