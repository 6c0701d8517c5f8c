/**
 * S38: an order about maintenance is taken whole or refused whole, by the documented rules, against the schedule that the orders before it
 * made; nothing else changes what is scheduled or DOWN.
 */

import type { MaintenanceOrderRecord } from "../history/records.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { applyOrder, emptySchedule } from "./schedule-model.ts";
import { searchSchedules } from "./schedule-search.ts";

export const schedulesChangeWhole: Checker = {
  id: "S38",
  title: "orders about maintenance are all or nothing",
  check(view) {
    let evaluated = 0;
    for (const order of view.maintenanceOrders) {
      const problem = formProblem(order);
      if (problem !== undefined) return problem;
      if (order.outcome === "ok" || order.outcome === "fail") evaluated++;
    }
    const result = searchSchedules(view, { withAnswers: false });
    if (result.kind !== "impossible") return pass(evaluated);
    const { body, outcome, refusal, invokeSeq, outcomeSeq } = result.order;
    const how = outcome === "ok" ? "obeyed" : `refused with ${refusal?.code}`;
    return fail(`${body.kind} was ${how}, against the orders before it`, [invokeSeq, outcomeSeq]);
  },
};

/** What breaks a rule whatever the schedule is must be refused for that, and nothing else may be. */
function formProblem({ body, outcome, refusal, invokeSeq, outcomeSeq }: MaintenanceOrderRecord): Verdict | undefined {
  const result = applyOrder(emptySchedule, body);
  const isWrong = result.kind === "refused" && result.code === "INVALID_ARGUMENT";
  if (isWrong && outcome === "ok") return fail(`${body.kind} breaks a rule and was obeyed`, [invokeSeq, outcomeSeq]);
  if (!isWrong && outcome === "fail" && refusal?.code === "INVALID_ARGUMENT") {
    return fail(`${body.kind} breaks no rule and was refused: ${refusal.message}`, [invokeSeq, outcomeSeq]);
  }
  return undefined;
}
