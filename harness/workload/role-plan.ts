/** What the workload's operator set for roles: in the end it looks what is left of it, and ends what keeps resources from frameworks. */

import type { AnswerJson } from "../history/event.ts";
import { isEmptyQuota, type RoleOrderJson } from "../history/role-json.ts";

export class RolePlan {
  /** One without an answer may be obeyed at any time, so this stays. */
  #hasQuotas = false;
  #hasWeights = false;
  #waiting = 0;
  /** As the leader said last. */
  #known: readonly string[] = [];

  ordered(body: RoleOrderJson): void {
    this.#waiting++;
    this.#hasWeights ||= body.kind === "updateWeights";
    this.#hasQuotas ||= body.kind === "setQuota" || (body.kind === "updateQuota" && !body.quotas.every(isEmptyQuota));
  }

  settled(answer: AnswerJson | undefined): void {
    this.#waiting--;
    if (answer?.kind === "quotas") this.#known = answer.quotas.map(({ role }) => role);
  }

  /** Whether an order or a question has no outcome yet. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** One step towards the end: look what there is, and end the quotas. */
  get nextEnd(): readonly RoleOrderJson[] {
    if (this.#waiting > 0) return [];
    const orders: RoleOrderJson[] = this.#hasWeights ? [{ kind: "getWeights" }] : [];
    if (this.#hasQuotas) orders.push({ kind: "getQuota" });
    const quotas = this.#known.map((role) => ({ role, guarantees: {}, limits: {} }));
    if (quotas.length > 0) orders.push({ kind: "updateQuota", quotas, force: false });
    return orders;
  }
}
