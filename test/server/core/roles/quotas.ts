/** Quotas in tests: amounts by name, as people write them. */

import type { CallRefusal } from "../../../../server/core/effect.ts";
import type { Quota, QuotaChanges } from "../../../../server/core/roles/quota.ts";
import type { MasterDriver } from "../master-driver.ts";

export interface QuotaAmounts {
  readonly guarantees?: Readonly<Record<string, number>>;
  readonly limits?: Readonly<Record<string, number>>;
}

type Amounts = Readonly<Record<string, QuotaAmounts>>;

export function quotasOf(quotas: Amounts, force = false): QuotaChanges {
  return { quotas: new Map(Object.entries(quotas).map(([role, amounts]) => [role, quotaOf(amounts)])), force };
}

/** Sets quotas; fails when they are refused. */
export function setQuotas(driver: MasterDriver, quotas: Amounts, force = false): void {
  const outcome = quotaOutcome(driver, quotas, force);
  if (outcome !== "done") throw new Error(outcome?.message ?? "there is no answer");
}

export function quotaOutcome(driver: MasterDriver, quotas: Amounts, force = false): "done" | CallRefusal | undefined {
  return driver.outcomeOf(driver.order({ kind: "updateQuota", ...quotasOf(quotas, force) }));
}

/** What GET_QUOTA says. */
export function quotasNow(driver: MasterDriver): Amounts {
  const configs = driver.operator("getQuota").quota.status?.configs ?? [];
  return Object.fromEntries(
    configs.map(({ role, guarantees, limits }) => [role, { guarantees: toAmounts(guarantees), limits: toAmounts(limits) }]),
  );
}

function quotaOf({ guarantees = {}, limits = {} }: QuotaAmounts): Quota {
  return { guarantees: toMap(guarantees), limits: toMap(limits) };
}

function toMap(amounts: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(amounts).map(([name, amount]) => [name, amount * 1_000]));
}

function toAmounts(scalars: Readonly<Record<string, { readonly value: number }>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(scalars).map(([name, { value }]) => [name, value]));
}
