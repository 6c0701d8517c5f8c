/** S37: a framework is asked about an agent again only after the question of before was answered or taken back. */

import type { InverseOfferRecord } from "../history/records.ts";
import { type Checker, fail, pass } from "./checker.ts";

export const oneInverseOfferAtATime: Checker = {
  id: "S37",
  title: "one inverse offer at a time",
  check(view) {
    let evaluated = 0;
    for (const [agentId, inverseOffers] of view.inverseOffersByAgent) {
      const lastOf = new Map<string, InverseOfferRecord>();
      for (const inverseOffer of inverseOffers) {
        const { stream, seq } = inverseOffer;
        const last = lastOf.get(stream.streamId);
        lastOf.set(stream.streamId, inverseOffer);
        evaluated++;
        if (last === undefined || last.rescindedSeq < seq) continue;
        if (last.answers.some((answer) => answer.outcome !== "fail" && answer.invokeSeq < seq)) continue;
        return fail(`${stream.framework} is asked about agent ${agentId} twice at a time`, [last.seq, seq]);
      }
    }
    return pass(evaluated);
  },
};
