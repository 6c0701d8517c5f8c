/** How a history tells of quotas and weights of roles. Plain JSON, as all of it. */

/** Thousandths by name of scalar. */
export type AmountsJson = Readonly<Record<string, number>>;

export interface QuotaJson {
  readonly role: string;
  readonly guarantees: AmountsJson;
  /** A name that is missing is not limited. */
  readonly limits: AmountsJson;
}

export interface WeightJson {
  readonly role: string;
  readonly weight: number;
}

/** What an operator orders about roles, or asks about them. */
export type RoleOrderJson =
  | { readonly kind: "updateQuota"; readonly quotas: readonly QuotaJson[]; readonly force: boolean }
  /** The older form: what is guaranteed is also the limit. */
  | { readonly kind: "setQuota"; readonly role: string; readonly amounts: AmountsJson; readonly force: boolean }
  | { readonly kind: "removeQuota"; readonly role: string }
  | { readonly kind: "updateWeights"; readonly weights: readonly WeightJson[] }
  | { readonly kind: "getQuota" }
  | { readonly kind: "getWeights" };

const kinds = {
  updateQuota: true,
  setQuota: true,
  removeQuota: true,
  updateWeights: true,
  getQuota: true,
  getWeights: true,
} as const satisfies Record<RoleOrderJson["kind"], true>;

export const roleOrderKinds: ReadonlySet<string> = new Set(Object.keys(kinds));

/** What a question about roles was answered with: those that have a quota, or a weight other than 1. */
export type RoleAnswerJson =
  | { readonly kind: "quotas"; readonly quotas: readonly QuotaJson[] }
  | { readonly kind: "weights"; readonly weights: readonly WeightJson[] };

/** The quotas that an order sets. */
export function quotasSetBy(order: RoleOrderJson): readonly QuotaJson[] {
  switch (order.kind) {
    case "updateQuota":
      return order.quotas;
    case "setQuota":
      return [{ role: order.role, guarantees: order.amounts, limits: order.amounts }];
    case "removeQuota":
      return [{ role: order.role, guarantees: {}, limits: {} }];
    default:
      return [];
  }
}

export function isEmptyQuota({ guarantees, limits }: QuotaJson): boolean {
  return Object.keys(guarantees).length + Object.keys(limits).length === 0;
}
