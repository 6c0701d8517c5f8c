/** L01: free resources are offered to a framework that wants them within two allocations. What is free is read from snapshots. */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { ResourceJson } from "../history/event.ts";
import type { SnapshotRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isOfferable, OfferDemand } from "./offer-demand.ts";

export const freeResourcesAreOffered: Checker = {
  id: "L01",
  title: "free resources are offered",
  check(view) {
    let evaluated = 0;
    const demand = new OfferDemand(view);
    for (const record of view.snapshots) {
      const { atMs, seq, snapshot } = record;
      const deadlineMs = atMs + 2 * view.timings.allocationIntervalMs + view.noticeMs;
      if (view.endAtMs < deadlineMs) break;
      if (demand.isAnyStreamClosed(atMs - view.noticeMs, deadlineMs)) continue;
      if (view.roles.mayHoldBack(atMs - view.noticeMs, deadlineMs)) continue;
      const held = heldByAgent(record);
      for (const agent of snapshot.agents) {
        if (!agent.active || !isOfferable(agent.total, held.get(agent.agentId))) continue;
        if (!isAgentCalm(view, agent.agentId, atMs - view.noticeMs, deadlineMs)) continue;
        if (view.orders.mayWithhold(agent.agentId, atMs - view.noticeMs, deadlineMs)) continue;
        const taker = willingFramework(view, demand, record, agent.agentId, deadlineMs);
        if (taker === undefined) continue;
        evaluated++;
        // The leader's word is a little older than its record.
        if (demand.wasOffered(agent.agentId, atMs - view.noticeMs, deadlineMs)) continue;
        const events = [seq, ...(view.offersByAgent.get(agent.agentId)?.slice(-1) ?? []).map((offer) => offer.seq)];
        return fail(`agent ${agent.agentId} has free resources, ${taker} wants them, and nobody was offered them`, events);
      }
    }
    return pass(evaluated);
  },
};

function heldByAgent({ snapshot }: SnapshotRecord): Map<string, ResourceJson[]> {
  const held = new Map<string, ResourceJson[]>();
  const add = (agentId: string, resources: readonly ResourceJson[]) => {
    const list = held.get(agentId);
    if (list === undefined) held.set(agentId, [...resources]);
    else list.push(...resources);
  };
  for (const offer of snapshot.offers) add(offer.agentId, offer.resources);
  for (const task of snapshot.tasks) if (!isTerminal(task.state as TaskState)) add(task.agentId, task.resources);
  for (const executor of snapshot.executors ?? []) add(executor.agentId, executor.resources);
  return held;
}

function willingFramework(
  view: HistoryView,
  demand: OfferDemand,
  { seq, atMs, snapshot }: SnapshotRecord,
  agentId: string,
  deadlineMs: number,
): string | undefined {
  for (const { frameworkId, active, connected } of snapshot.frameworks) {
    const name = active && connected ? view.frameworkNames.get(frameworkId) : undefined;
    const framework = name === undefined ? undefined : view.frameworks.get(name);
    if (framework === undefined || view.tornDown.has(frameworkId)) continue;
    const up = framework.streams.some(
      (stream) => stream.frameworkId === frameworkId && stream.openedSeq < seq && stream.closedAtMs > deadlineMs,
    );
    if (up && demand.isWilling(framework, frameworkId, agentId, atMs - view.noticeMs, deadlineMs)) return framework.name;
  }
  return undefined;
}
