/** UPDATE_QUOTA, SET_QUOTA and REMOVE_QUOTA: an operator says what a role gets in any case, and what it may have at most. */

import fc from "fast-check";
import type { AmountsJson, RoleOrderJson } from "../../history/role-json.ts";
import type { CommandKind } from "../command.ts";

export interface ChangeQuotaStep {
  readonly kind: "changeQuota";
  readonly call: "updateQuota" | "setQuota" | "removeQuota";
  /** "idle" has no framework; a nested role must be refused. */
  readonly role: "batch" | "web" | "idle" | "web/ads";
  /** Whole cpus; null: none. */
  readonly guaranteedCpus: number | null;
  readonly limitCpus: number | null;
  readonly limitMemMb: number | null;
  readonly force: boolean;
  /** After how long the operator looks what became of it; 0: not at all. */
  readonly lookAfterMs: number;
}

export const changeQuota: CommandKind<ChangeQuotaStep> = {
  arbitrary: fc.record({
    kind: fc.constant("changeQuota"),
    call: fc.oneof(
      { weight: 6, arbitrary: fc.constant<ChangeQuotaStep["call"]>("updateQuota") },
      { weight: 1, arbitrary: fc.constantFrom<ChangeQuotaStep["call"]>("setQuota", "removeQuota") },
    ),
    role: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom<ChangeQuotaStep["role"]>("web", "batch") },
      { weight: 3, arbitrary: fc.constantFrom<ChangeQuotaStep["role"]>("idle", "idle", "web/ads") },
    ),
    guaranteedCpus: fc.constantFrom(null, 1, 100),
    limitCpus: fc.constantFrom(null, 1, 2, 3, 0),
    limitMemMb: fc.constantFrom(null, null, 512, 2_048),
    force: fc.boolean(),
    lookAfterMs: fc.constantFrom(0, 1_000, 1_000, 5_000),
  }),
  check: () => true,
  async run(world, step) {
    world.operator.orderRoles(toOrder(step));
    if (step.lookAfterMs === 0) return;
    // The first look is for what went back to be free, before the next allocation; the next two see who got it.
    for (let waitedMs = 0; waitedMs < answerMaxMs && world.operator.roles.isWaiting; waitedMs += answerMs) await world.advance(answerMs);
    await world.snapshot();
    await world.advance(step.lookAfterMs);
    await world.snapshot();
    await world.advance(step.lookAfterMs);
    await world.snapshot();
    world.operator.orderRoles({ kind: "getQuota" });
  },
};

/** An order is answered after one or a few of these, as a rule. */
const answerMs = 50;
const answerMaxMs = 1_000;

function toOrder({ call, role, guaranteedCpus, limitCpus, limitMemMb, force }: ChangeQuotaStep): RoleOrderJson {
  const guarantees = toAmounts({ cpus: guaranteedCpus });
  const limits = toAmounts({ cpus: isTooLow(limitCpus, guaranteedCpus) ? null : limitCpus, mem: limitMemMb });
  switch (call) {
    case "updateQuota":
      return { kind: "updateQuota", quotas: [{ role, guarantees, limits }], force };
    case "setQuota":
      return { kind: "setQuota", role, amounts: guarantees, force };
    case "removeQuota":
      return { kind: "removeQuota", role };
  }
}

/** A limit below the guarantee is refused. One such mistake is enough: that there is a limit of 0. */
function isTooLow(limitCpus: number | null, guaranteedCpus: number | null): boolean {
  return limitCpus !== null && limitCpus > 0 && guaranteedCpus !== null && limitCpus < guaranteedCpus;
}

function toAmounts(amounts: Readonly<Record<string, number | null>>): AmountsJson {
  return Object.fromEntries(Object.entries(amounts).flatMap(([name, amount]) => (amount === null ? [] : [[name, amount * 1_000]])));
}
