/** S21: an agent id names one node for all time, and is retired with drain now or when an operator marks it gone. */

import type { AgentOrderRecord, DrainRecord, Registration, StreamLife } from "../history/records.ts";
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
    for (const agentId of view.orders.agentIds) {
      const problem = goneProblem(view, agentId);
      if (problem !== undefined) return problem;
    }
    return pass(view.registrations.length);
  },
};

/** An id that is gone never registers again, reports of no task, and no leader lists it. */
function goneProblem(view: HistoryView, agentId: string): Verdict | undefined {
  const order = view.orders.markedGone(agentId);
  if (order === undefined) return undefined;
  const { outcomeSeq, outcomeAtMs } = order;
  const again = view.registrations.find((one) => one.agentId === agentId && isSentAfter(view, one, order));
  if (again !== undefined) return fail(`agent id ${agentId} registered again after it was marked gone`, [outcomeSeq, again.seq]);
  const listed = view.snapshots.find(
    ({ seq, atMs, snapshot }) =>
      seq > outcomeSeq &&
      atMs > outcomeAtMs + view.epsilonMs &&
      (snapshot.recoveredAgentIds.includes(agentId) || snapshot.agents.some((agent) => agent.agentId === agentId)),
  );
  if (listed !== undefined) return fail(`agent ${agentId} is listed after it was marked gone`, [outcomeSeq, listed.seq]);
  for (const task of view.tasksByAgent.get(agentId) ?? []) {
    const update = task.updates.find(
      ({ stream, status }) => status.agentId === agentId && status.uuid !== undefined && isOpenedAfter(stream, outcomeSeq),
    );
    if (update !== undefined) return fail(`agent ${agentId} reported of ${task.taskId} after it was marked gone`, [outcomeSeq, update.seq]);
  }
  return undefined;
}

/** Whether the answer to a registration was surely sent after an order's: what it may have been held up by is over for long. */
function isSentAfter(view: HistoryView, { atMs, node, incarnation }: Registration, { outcomeSeq, outcomeAtMs }: AgentOrderRecord): boolean {
  if (view.lives.get(node)?.some((life) => life.incarnation === incarnation && life.startedSeq > outcomeSeq)) return true;
  const ends = view.faults.flatMap(({ target, beginAtMs, endAtMs }) =>
    (target === node || !target.startsWith("agent-")) && beginAtMs <= atMs && endAtMs >= outcomeAtMs ? [endAtMs] : [],
  );
  return atMs > Math.max(outcomeAtMs, ...ends) + view.noticeMs;
}

/** What a stream carries that was open before may be on its way for long; so may the news that it is open. */
function isOpenedAfter({ subscribe, openedSeq }: StreamLife, seq: number): boolean {
  return openedSeq > seq && subscribe !== undefined && subscribe.invokeSeq > seq;
}

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
