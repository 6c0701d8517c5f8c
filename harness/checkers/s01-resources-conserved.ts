/** S01: what is offered and what tasks hold never exceeds what an agent has, by the leader's word and by what clients were offered. */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { ResourceJson } from "../history/event.ts";
import type { OfferRecord, SnapshotRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { negativeOf, ResourceSum } from "./resource-sum.ts";

export const resourcesConserved: Checker = {
  id: "S01",
  title: "offers and tasks never exceed an agent's resources",
  check(view) {
    let evaluated = 0;
    for (const record of view.snapshots) {
      const problem = snapshotProblem(record);
      if (problem !== undefined) return problem;
      evaluated += record.snapshot.agents.length;
    }
    const totals = new Map(view.snapshots.flatMap(({ snapshot }) => snapshot.agents.map((agent) => [agent.agentId, agent.total] as const)));
    for (const [agentId, offers] of view.offersByAgent) {
      const total = totals.get(agentId);
      if (total === undefined) continue;
      evaluated++;
      const problem = overlapProblem(view, total, offers);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function snapshotProblem({ seq, snapshot }: SnapshotRecord): Verdict | undefined {
  const held = new Map<string, ResourceSum>(snapshot.agents.map((agent) => [agent.agentId, new ResourceSum()]));
  const offered = new Map<string, ResourceSum>(snapshot.agents.map((agent) => [agent.agentId, new ResourceSum("exact")]));
  for (const offer of snapshot.offers) {
    held.get(offer.agentId)?.add(offer.resources);
    offered.get(offer.agentId)?.add(offer.resources);
  }
  for (const task of snapshot.tasks) {
    // A terminal task waits for its acknowledgement only; an unreachable one gave its resources back.
    if (isTerminal(task.state as TaskState) || task.state === "TASK_UNREACHABLE") continue;
    held.get(task.agentId)?.add(task.resources);
  }
  const executors = snapshot.executors ?? [];
  for (const executor of executors) held.get(executor.agentId)?.add(executor.resources);
  for (const part of [...snapshot.offers, ...snapshot.tasks, ...executors]) {
    const negative = negativeOf(part.resources);
    if (negative !== undefined) return fail(`a part of agent ${part.agentId} is negative: ${negative}`, [seq]);
  }
  for (const agent of snapshot.agents) {
    // A task that the agent never got may still stand on a reservation that it never got either, so tasks are compared by name.
    const excess =
      ResourceSum.of(agent.total).excess(held.get(agent.agentId) ?? new ResourceSum()) ??
      ResourceSum.exact(agent.total).excess(offered.get(agent.agentId) ?? new ResourceSum("exact"));
    if (excess !== undefined) return fail(`offers and tasks exceed agent ${agent.agentId}: ${excess}`, [seq]);
  }
  return undefined;
}

/**
 * Offers that clients surely held at the same time. An end is known late at the client, so each offer counts only until
 * a notice before it, and only within calm times and one master's term.
 */
function overlapProblem(view: HistoryView, total: readonly ResourceJson[], offers: readonly OfferRecord[]): Verdict | undefined {
  const whole = ResourceSum.of(total);
  let open: OfferRecord[] = [];
  for (const offer of offers) {
    // An offer whose end is near may have ended on its way here.
    if (endAtMs(view, offer) - view.noticeMs <= offer.atMs) continue;
    open = open.filter((other) => endAtMs(view, other) - view.noticeMs > offer.atMs && other.offerId !== offer.offerId);
    open.push(offer);
    const peers = open.filter((other) => other.stream.masterId === offer.stream.masterId);
    if (peers.length < 2 || !isAgentCalm(view, offer.agentId, offer.atMs - view.noticeMs, offer.atMs + view.noticeMs)) continue;
    const excess = whole.excess(ResourceSum.of(...peers.map((peer) => peer.resources)));
    const events = peers.map((peer) => peer.seq);
    if (excess !== undefined) return fail(`offers held at once exceed agent ${offer.agentId}: ${excess}`, events);
  }
  return undefined;
}

function endAtMs(view: HistoryView, offer: OfferRecord): number {
  return Math.min(offer.rescindedAtMs, offer.stream.closedAtMs, view.endAtMs, ...offer.uses.map((use) => use.invokeAtMs));
}
