/**
 * When a quota or a weight surely held, and when a quota may have. An order whose outcome nobody knows may take effect at any time after it
 * was made, or never.
 */

import type { RoleOrderRecord } from "./records.ts";
import { isEmptyQuota, type QuotaJson, quotasSetBy } from "./role-json.ts";

/** From the answer to `order` until somebody orders something else for the role. */
export interface RoleSpan<Value> {
  readonly role: string;
  readonly value: Value;
  readonly order: RoleOrderRecord;
  readonly untilSeq: number;
}

/** When the leader was asked for its state. */
interface Look {
  readonly seq: number;
  readonly atMs: number;
}

interface Setting<Value> {
  readonly role: string;
  readonly value: Value;
  readonly order: RoleOrderRecord;
}

export class RoleTimes {
  /** The questions among them, with their answers. */
  readonly questions: readonly RoleOrderRecord[];
  readonly #quotas: ReadonlyMap<string, readonly Setting<QuotaJson>[]>;
  readonly #epsilonMs: number;
  readonly #weights: ReadonlyMap<string, readonly Setting<number>[]>;

  /** `epsilonMs`: how much older than its record a look may be. */
  constructor(orders: readonly RoleOrderRecord[], epsilonMs: number) {
    this.#epsilonMs = epsilonMs;
    const obeyed = orders.filter(({ outcome }) => outcome !== "fail");
    this.questions = obeyed.filter(({ body }) => body.kind === "getQuota" || body.kind === "getWeights");
    this.#quotas = byRole(obeyed.flatMap((order) => quotasSetBy(order.body).map((value) => ({ role: value.role, value, order }))));
    this.#weights = byRole(
      obeyed.flatMap((order) =>
        order.body.kind === "updateWeights" ? order.body.weights.map(({ role, weight }) => ({ role, value: weight, order })) : [],
      ),
    );
  }

  quotaSpans(): readonly RoleSpan<QuotaJson>[] {
    return [...this.#quotas.values()].flatMap(spansOf);
  }

  weightSpans(): readonly RoleSpan<number>[] {
    return [...this.#weights.values()].flatMap(spansOf);
  }

  /** Every quota that held at both looks and between them; undefined when one of a role may have been another. */
  sureQuotas(first: Look, second: Look): readonly QuotaJson[] | undefined {
    const sure: QuotaJson[] = [];
    for (const settings of this.#quotas.values()) {
      if (!settings.some(({ order }) => order.invokeSeq < second.seq)) continue;
      const span = spansOf(settings).find(({ order, untilSeq }) => order.outcomeSeq < first.seq && untilSeq > second.seq);
      if (span === undefined || span.order.outcomeAtMs + this.#epsilonMs > first.atMs) return undefined;
      sure.push(span.value);
    }
    return sure;
  }

  /** Whether a quota may have kept something from somebody at some time between the two instants. */
  mayHoldBack(fromMs: number, toMs: number): boolean {
    for (const settings of this.#quotas.values()) {
      if (settings.some((setting) => !isEmptyQuota(setting.value) && mayHold(setting, settings, fromMs, toMs))) return true;
    }
    return false;
  }
}

function mayHold({ order }: Setting<QuotaJson>, settings: readonly Setting<QuotaJson>[], fromMs: number, toMs: number): boolean {
  if (order.invokeAtMs > toMs) return false;
  if (order.outcome !== "ok") return true;
  const end = settings.find(
    ({ value, order: later }) => isEmptyQuota(value) && later.outcome === "ok" && later.invokeSeq > order.outcomeSeq,
  );
  return end === undefined || end.order.outcomeAtMs >= fromMs;
}

/** Those of one role, in the order in which they were made. */
function spansOf<Value>(settings: readonly Setting<Value>[]): readonly RoleSpan<Value>[] {
  return settings.flatMap(({ role, value, order }) => {
    if (order.outcome !== "ok") return [];
    // One that was on its way at the same time may have been obeyed after it.
    const isDoubtful = settings.some(
      ({ order: other }) =>
        other !== order && other.invokeSeq < order.outcomeSeq && (other.outcome !== "ok" || other.outcomeSeq > order.invokeSeq),
    );
    if (isDoubtful) return [];
    const next = settings.find(({ order: other }) => other.invokeSeq > order.outcomeSeq);
    return [{ role, value, order, untilSeq: next?.order.invokeSeq ?? Number.POSITIVE_INFINITY }];
  });
}

function byRole<Value>(settings: readonly Setting<Value>[]): ReadonlyMap<string, readonly Setting<Value>[]> {
  const roles = new Map<string, Setting<Value>[]>();
  for (const setting of settings) {
    const own = roles.get(setting.role);
    if (own === undefined) roles.set(setting.role, [setting]);
    else own.push(setting);
  }
  return roles;
}
