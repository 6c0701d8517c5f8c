/**
 * S42: who answered an inverse offer is not asked about the agent again before the filter of the answer is over, unless the schedule
 * changed, REVIVE took the filter back, or the agent was gone meanwhile.
 */

import { type InverseAnswerRecord, type InverseOfferRecord, isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { firstAnswer, refuseMsOf } from "./window-evidence.ts";

export const inverseFiltersHold: Checker = {
  id: "S42",
  title: "answered inverse offers stay away for their filter",
  check(view) {
    let evaluated = 0;
    for (const [agentId, inverseOffers] of view.inverseOffersByAgent) {
      for (const [index, inverseOffer] of inverseOffers.entries()) {
        const answer = firstAnswer(inverseOffer);
        // Of one that was taken back nobody knows what came first.
        if (answer?.outcome !== "ok" || Number.isFinite(inverseOffer.rescindedSeq) || answer.streamId !== inverseOffer.stream.streamId)
          continue;
        evaluated++;
        const untilMs = answer.invokeAtMs + refuseMsOf(answer);
        const next = inverseOffers.find(
          (one, position) => position > index && one.stream === inverseOffer.stream && one.seq > answer.invokeSeq,
        );
        if (next === undefined || next.atMs >= untilMs || mayBeLifted(view, inverseOffer, { answer, next })) continue;
        const message = `${inverseOffer.stream.framework} refused questions about agent ${agentId} for ${refuseMsOf(answer)} ms`;
        return fail(`${message}, and is asked after ${next.atMs - answer.invokeAtMs} ms`, [answer.invokeSeq, next.seq]);
      }
    }
    return pass(evaluated);
  },
};

interface Filtered {
  readonly answer: InverseAnswerRecord;
  readonly next: InverseOfferRecord;
}

function mayBeLifted(view: HistoryView, { agentId, stream }: InverseOfferRecord, { answer, next }: Filtered): boolean {
  if (view.machines.mayChange(answer.invokeAtMs, next.atMs)) return true;
  if (stream.failures.some((one) => one.agentId === agentId && one.seq > answer.invokeSeq && one.seq < next.seq)) return true;
  return (view.frameworks.get(stream.framework)?.calls ?? []).some(
    (call) => isCall(call, "revive") && call.outcome !== "fail" && call.invokeSeq < next.seq && call.outcomeSeq > answer.invokeSeq,
  );
}
