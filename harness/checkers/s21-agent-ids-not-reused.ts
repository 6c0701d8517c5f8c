/** S21: an agent id names one node for all time, and is retired with drain now. */

import type { DrainRecord, Registration } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const agentIdsNotReused: Checker = {
  id: "S21",
  title: "agent ids are never reused",
  check(view) {
    const firstOf = new Map<string, Registration>();
    for (const registration of view.registrations) {
      const { agentId, node, seq } = registration;
      const first = firstOf.get(agentId);
      if (first === undefined) firstOf.set(agentId, registration);
      else if (first.node !== node) return fail(`agent id ${agentId} names both ${first.node} and ${node}`, [first.seq, seq]);
    }
    for (const drain of view.drains) {
      const problem = retirementProblem(view, drain);
      if (problem !== undefined) return problem;
    }
    return pass(view.registrations.length);
  },
};

function retirementProblem(view: HistoryView, drain: DrainRecord): Verdict | undefined {
  const { agentId, life } = drain;
  const again = view.registrations.find((one) => one.agentId === agentId && one.seq > life.exitedSeq);
  if (again !== undefined) {
    // An agent that was killed before it could leave may keep its id; SIGTERM lets it leave first.
    if (life.code !== 0 || life.signal !== undefined) return undefined;
    return fail(`agent id ${agentId} registered again after drain now`, [drain.fault.beginSeq, life.exitedSeq, again.seq]);
  }
  for (const stream of view.streams) {
    const failure = stream.failures.find((one) => one.agentId === agentId && one.seq > drain.fault.beginSeq);
    if (failure === undefined) continue;
    const offer = view.offersByAgent.get(agentId)?.find((one) => one.stream === stream && one.seq > failure.seq);
    if (offer !== undefined) return fail(`agent ${agentId} was offered after drain now`, [failure.seq, offer.seq]);
  }
  return undefined;
}
