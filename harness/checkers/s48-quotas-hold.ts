/**
 * S48: what an operator set for a role, a quota or a weight, is what every leader says until somebody sets something else; and no role,
 * with the roles below it, is offered more than its limit leaves.
 */

import { topRole } from "../../common/roles.ts";
import type { OfferRecord, RoleOrderRecord } from "../history/records.ts";
import type { AmountsJson, QuotaJson } from "../history/role-json.ts";
import type { RoleSpan } from "../history/role-times.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { mayBeBelated } from "./evidence.ts";
import { consumedMilli, openMilli } from "./role-consumption.ts";

export const quotasHold: Checker = {
  id: "S48",
  title: "quotas and weights hold, and no role is offered more than its limit",
  check(view) {
    let evaluated = 0;
    for (const span of view.roles.quotaSpans()) {
      evaluated++;
      const problem = quotaAnswerProblem(view, span) ?? snapshotProblem(view, span) ?? offerProblem(view, span);
      if (problem !== undefined) return problem;
    }
    for (const span of view.roles.weightSpans()) {
      evaluated++;
      const problem = weightAnswerProblem(view, span);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

/** What was asked after the order was answered, and answered before anybody ordered something else. */
function* questionsWithin<Value>(view: HistoryView, { order, untilSeq }: RoleSpan<Value>): Generator<RoleOrderRecord> {
  for (const question of view.roles.questions) {
    if (question.invokeSeq > order.outcomeSeq && question.outcomeSeq < untilSeq) yield question;
  }
}

function quotaAnswerProblem(view: HistoryView, span: RoleSpan<QuotaJson>): Verdict | undefined {
  const { role, value, order } = span;
  for (const { answer, outcomeSeq } of questionsWithin(view, span)) {
    if (answer?.kind !== "quotas") continue;
    const said = answer.quotas.find((quota) => quota.role === role) ?? { guarantees: {}, limits: {} };
    if (isSame(said.guarantees, withoutZeros(value.guarantees)) && isSame(said.limits, value.limits)) continue;
    return fail(`role ${role} has another quota than was set`, [order.outcomeSeq, outcomeSeq]);
  }
  return undefined;
}

function weightAnswerProblem(view: HistoryView, span: RoleSpan<number>): Verdict | undefined {
  const { role, value, order } = span;
  for (const { answer, outcomeSeq } of questionsWithin(view, span)) {
    if (answer?.kind !== "weights") continue;
    const said = answer.weights.find((weight) => weight.role === role)?.weight ?? 1;
    if (said !== value) return fail(`role ${role} has weight ${said}, ${value} was set`, [order.outcomeSeq, outcomeSeq]);
  }
  return undefined;
}

/** Of what a role has too much already, nothing is offered to it. */
function snapshotProblem(view: HistoryView, { role, value, order, untilSeq }: RoleSpan<QuotaJson>): Verdict | undefined {
  for (const record of view.snapshots) {
    const { seq, atMs, snapshot } = record;
    if (seq < order.outcomeSeq || atMs < order.outcomeAtMs + view.epsilonMs || seq > untilSeq || mayBeBelated(view, atMs)) continue;
    for (const [name, limit] of Object.entries(value.limits)) {
      const offer = snapshot.offers.find(({ resources }) => openMilli(resources, name, role) > 0);
      if (offer === undefined) continue;
      const milli = consumedMilli(record, role, name);
      if (milli <= limit) continue;
      const much = `${milli} thousandths of ${name} with its offers, of ${limit}`;
      return fail(`role ${role} has ${much}: ${offer.offerId} is too much`, [order.outcomeSeq, seq]);
    }
  }
  return undefined;
}

/** No single offer is beyond the limit. */
function offerProblem(view: HistoryView, span: RoleSpan<QuotaJson>): Verdict | undefined {
  const limits = Object.entries(span.value.limits);
  if (limits.length === 0) return undefined;
  for (const offer of view.offers) {
    if (topRole(offer.role) !== span.role || !isMadeWithin(view, offer, span)) continue;
    for (const [name, limit] of limits) {
      const milli = offeredMilli(offer, name);
      if (milli > limit)
        return fail(`role ${span.role} is offered ${milli} thousandths of ${name}, its limit is ${limit}`, [
          span.order.outcomeSeq,
          offer.seq,
        ]);
    }
  }
  return undefined;
}

function offeredMilli({ resources }: OfferRecord, name: string): number {
  return resources.reduce((sum, one) => sum + (one.name === name && one.reservations === undefined ? (one.milli ?? 0) : 0), 0);
}

/** Whether the offer was surely made while the quota held: its stream was asked for later, or nothing held back what was sent before. */
function isMadeWithin(view: HistoryView, { seq, atMs, stream }: OfferRecord, { order, untilSeq }: RoleSpan<QuotaJson>): boolean {
  if (seq < order.outcomeSeq || seq > untilSeq) return false;
  if ((stream.subscribe?.invokeSeq ?? 0) > order.outcomeSeq) return true;
  return atMs > order.outcomeAtMs + view.noticeMs && view.calm.isCalm(order.outcomeAtMs, atMs);
}

/** To guarantee nothing is no guarantee. */
function withoutZeros(amounts: AmountsJson): AmountsJson {
  return Object.fromEntries(Object.entries(amounts).filter(([, milli]) => milli > 0));
}

function isSame(left: AmountsJson, right: AmountsJson): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
}
