/**
 * S27: an agent that an operator has deactivated or has drained stays so, whoever leads, until somebody asks to take it back: every leader
 * says so of it, and it is not offered. What is gone is not offered either.
 */

import type { Withholding } from "../history/orders.ts";
import type { OfferRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { mayBeBelated } from "./evidence.ts";

export const withheldAgentsStaySo: Checker = {
  id: "S27",
  title: "agents stay out of service until they are taken back",
  check(view) {
    let evaluated = 0;
    for (const agentId of view.orders.agentIds) {
      for (const span of view.orders.withholdings(agentId)) {
        evaluated++;
        const problem = snapshotProblem(view, span) ?? offerProblem(view, span);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

function snapshotProblem(view: HistoryView, { order, untilSeq }: Withholding): Verdict | undefined {
  const { body, outcomeSeq, outcomeAtMs } = order;
  for (const { seq, atMs, snapshot } of view.snapshots) {
    if (seq < outcomeSeq || atMs < outcomeAtMs + view.epsilonMs || seq > untilSeq || mayBeBelated(view, atMs)) continue;
    const agent = snapshot.agents.find(({ agentId }) => agentId === body.agentId);
    if (agent === undefined || agent.deactivated === undefined) continue;
    if (!agent.deactivated) return fail(`agent ${body.agentId} was taken out of service and is active`, [outcomeSeq, seq]);
    if (body.kind === "drainAgent" && agent.drain === undefined)
      return fail(`the drain of agent ${body.agentId} is forgotten`, [outcomeSeq, seq]);
  }
  return undefined;
}

function offerProblem(view: HistoryView, span: Withholding): Verdict | undefined {
  const { agentId } = span.order.body;
  const offer = view.offersByAgent.get(agentId)?.find((one) => isMadeWithin(view, one, span));
  return offer === undefined ? undefined : fail(`agent ${agentId} was offered out of service`, [span.order.outcomeSeq, offer.seq]);
}

/** Whether the offer was surely made while the order held: its stream was asked for later, or nothing held back what was sent before. */
function isMadeWithin(view: HistoryView, { seq, atMs, stream }: OfferRecord, { order, untilSeq }: Withholding): boolean {
  if (seq < order.outcomeSeq || seq > untilSeq) return false;
  if ((stream.subscribe?.invokeSeq ?? 0) > order.outcomeSeq) return true;
  return atMs > order.outcomeAtMs + view.noticeMs && view.calm.isCalm(order.outcomeAtMs, atMs);
}
