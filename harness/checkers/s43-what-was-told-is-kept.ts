/**
 * S43: what a client was told is durable before, so every later leader knows it: the schedule and which machines are DOWN, as one register;
 * that an agent is gone, was removed, or is out of service; and that an agent was admitted.
 */

import { isCall, type Registration, type SnapshotRecord, type StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isPartitionAware, isRemovalNotice, mayBeBelated, saysUnreachable } from "./evidence.ts";
import { searchSchedules } from "./schedule-search.ts";

export const whatWasToldIsKept: Checker = {
  id: "S43",
  title: "what was told is kept by every later leader",
  check(view) {
    let evaluated = 0;
    for (const fact of [...goneFacts(view), ...removedFacts(view), ...withheldFacts(view), ...admissionFacts(view)]) {
      for (const record of laterLeaders(view, fact)) {
        const problem = fact.problem(record);
        if (problem !== undefined) return fail(problem, [fact.seq, record.seq]);
        evaluated++;
      }
    }
    if (view.maintenanceOrders.every(({ answer }) => answer === undefined)) return pass(evaluated);
    const result = searchSchedules(view, { withAnswers: true });
    if (result.kind !== "impossible") return pass(evaluated + (result.kind === "possible" ? result.evaluated : 0));
    return scheduleProblem(view, result.order);
  },
};

/** What a client knows from a position on, until another. */
interface Fact {
  readonly seq: number;
  readonly atMs: number;
  readonly untilSeq: number;
  /** What does not fit with it in a state that a leader shows. */
  problem(record: SnapshotRecord): string | undefined;
}

/** What leaders of a later term show than of one that was seen close to when it was told. */
function laterLeaders(view: HistoryView, { seq, atMs, untilSeq }: Fact): readonly SnapshotRecord[] {
  const known = view.snapshots.findLast((record) => record.seq < seq) ?? view.snapshots.find((record) => record.seq > seq);
  const before = known?.snapshot.term;
  if (before === undefined) return [];
  return view.snapshots.filter(
    (record) =>
      record.seq > seq &&
      record.seq < untilSeq &&
      record.atMs > atMs + view.epsilonMs &&
      record.snapshot.term > before &&
      !mayBeBelated(view, record.atMs),
  );
}

function isListed({ snapshot }: SnapshotRecord, agentId: string): boolean {
  return snapshot.recoveredAgentIds.includes(agentId) || snapshot.agents.some((agent) => agent.agentId === agentId);
}

/** Agents that an operator marked gone. */
function goneFacts(view: HistoryView): Fact[] {
  return [...view.orders.agentIds].flatMap((agentId): Fact[] => {
    const order = view.orders.markedGone(agentId);
    if (order === undefined) return [];
    const problem = (record: SnapshotRecord): string | undefined =>
      isListed(record, agentId) ? `agent ${agentId} was marked gone, and a later leader lists it` : undefined;
    return [{ seq: order.outcomeSeq, atMs: order.outcomeAtMs, untilSeq: Number.POSITIVE_INFINITY, problem }];
  });
}

/** Agents of which a partition-aware framework heard that they were removed: of one that may come back it hears TASK_UNREACHABLE. */
function removedFacts(view: HistoryView): Fact[] {
  const facts = new Map<string, Fact>();
  for (const task of view.tasks.values()) {
    for (const update of task.updates) {
      const { agentId } = update.status;
      if (agentId === undefined || facts.has(agentId) || !isRemovalNotice(update) || saysUnreachable(update)) continue;
      if (!isAlwaysPartitionAware(view, update.stream)) continue;
      const problem = (record: SnapshotRecord): string | undefined =>
        isListed(record, agentId) ? `agent ${agentId} was removed, and a later leader lists it` : undefined;
      facts.set(agentId, { seq: update.seq, atMs: update.atMs, untilSeq: Number.POSITIVE_INFINITY, problem });
    }
  }
  return [...facts.values()];
}

function isAlwaysPartitionAware(view: HistoryView, stream: StreamLife): boolean {
  if (isPartitionAware(stream) !== true) return false;
  const calls = view.frameworks.get(stream.framework)?.calls ?? [];
  return !calls.some((call) => isCall(call, "updateFramework") && !call.body.partitionAware);
}

/** Agents that an operator took out of service. */
function withheldFacts(view: HistoryView): Fact[] {
  return [...view.orders.agentIds].flatMap((agentId) =>
    view.orders.withholdings(agentId).map(({ order: { body, outcomeSeq, outcomeAtMs }, untilSeq }): Fact => {
      const problem = ({ snapshot }: SnapshotRecord): string | undefined => {
        const agent = snapshot.agents.find((one) => one.agentId === agentId);
        if (agent?.deactivated === false) return `agent ${agentId} was taken out of service, and a later leader has it active`;
        const isForgotten = agent !== undefined && body.kind === "drainAgent" && agent.drain === undefined;
        return isForgotten ? `a later leader forgot the drain of agent ${agentId}` : undefined;
      };
      return { seq: outcomeSeq, atMs: outcomeAtMs, untilSeq, problem };
    }),
  );
}

/** Agents that are registered, and that nothing has disturbed since. */
function admissionFacts(view: HistoryView): Fact[] {
  // A master that could not hear its agents may give them up.
  if (view.faults.some(({ name }) => /^(cut|pause)-master/.test(name))) return [];
  return view.registrations.flatMap((registration): Fact[] => {
    const { agentId, node, seq, atMs } = registration;
    if (view.orders.of(agentId).length > 0 || view.drainOf.has(agentId)) return [];
    const problem = (record: SnapshotRecord): string | undefined => {
      if (isListed(record, agentId) || view.orders.mayBeRemoved(agentId, record.seq)) return undefined;
      return `agent ${agentId} is registered, and a later leader does not know it`;
    };
    return [{ seq, atMs, untilSeq: firstDisturbance(view, registration, node), problem }];
  });
}

/** The position from which on the agent may have been lost for another reason. */
function firstDisturbance(view: HistoryView, { agentId, seq, incarnation }: Registration, node: string): number {
  if (view.faults.some(({ target, beginSeq, endSeq }) => target === node && beginSeq < seq && endSeq > seq)) return seq;
  const life = view.lives.get(node)?.find((one) => one.incarnation === incarnation);
  const fault = view.faults.find(({ target, beginSeq }) => target === node && beginSeq > seq);
  const next = view.registrations.find((one) => one.node === node && one.seq > seq);
  const failures = view.streams.flatMap((stream) => stream.failures.filter((one) => one.agentId === agentId && one.seq > seq));
  const ends = [life?.exitedSeq, fault?.beginSeq, next?.seq, ...failures.map((failure) => failure.seq)];
  return Math.min(...ends.map((end) => end ?? Number.POSITIVE_INFINITY));
}

function scheduleProblem(view: HistoryView, order: HistoryView["maintenanceOrders"][number]): Verdict {
  const { body, invokeSeq, outcomeSeq, answer } = order;
  const change = view.maintenanceOrders.findLast((one) => one.outcome === "ok" && one.answer === undefined && one.outcomeSeq < invokeSeq);
  const what = answer === undefined ? `${body.kind} was answered as if` : `${body.kind} was answered with what says that`;
  return fail(`${what} the schedule were not what the orders before it made`, [change?.outcomeSeq ?? invokeSeq, invokeSeq, outcomeSeq]);
}
