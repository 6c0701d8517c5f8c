/**
 * L10: a drain that an operator ordered ends: each task within its grace, and the drain itself as soon as nothing is left of which anybody
 * waits for an acknowledgement.
 */

import { isOperationOver, type OperationState } from "../../common/operation-status.ts";
import type { AgentOrderRecord, SnapshotRecord, TaskRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, defaultGraceMs, onlyLaunch } from "./evidence.ts";

/** An executor that does not end its tasks in their grace is ended itself; then the processes go, and the end is written down. */
const executorGraceMs = 5_000;
const endMaxMs = 2_000;

export const drainsEnd: Checker = {
  id: "L10",
  title: "drains end",
  check(view) {
    let evaluated = 0;
    for (const agentId of view.orders.agentIds) {
      for (const order of view.orders.of(agentId)) {
        for (const task of view.tasksByAgent.get(agentId) ?? []) {
          const judged = taskVerdict(view, order, task);
          if (judged === undefined) continue;
          if (judged.kind !== "pass") return judged;
          evaluated++;
        }
      }
      const judged = emptyVerdict(view, agentId);
      if (judged.kind !== "pass") return judged;
      evaluated += judged.evaluated;
    }
    return pass(evaluated);
  },
};

/** A task that was launched before the drain, and whose updates before its end were acknowledged. */
function taskVerdict(view: HistoryView, { body, outcome, invokeSeq, invokeAtMs, outcomeAtMs }: AgentOrderRecord, task: TaskRecord) {
  const launch = onlyLaunch(task);
  const stream = launch === undefined ? undefined : streamOf(view, launch.call);
  const acknowledged = acknowledgedAtMs(task);
  if (body.kind !== "drainAgent" || outcome !== "ok" || launch === undefined || stream === undefined || acknowledged === undefined) return;
  if (launch.call.outcome !== "ok" || launch.call.outcomeSeq > invokeSeq || launch.agentId !== body.agentId) return;
  const graceMs = (body.maxGraceMs ?? defaultGraceMs) + executorGraceMs;
  const deadlineMs = Math.max(outcomeAtMs + graceMs, acknowledged) + endMaxMs + view.noticeMs;
  if (!isUpUntil(view, stream, launch.call.invokeSeq, deadlineMs) || view.tornDown.has(task.frameworkId)) return;
  const node = view.nodeOf.get(launch.agentId);
  if (node === undefined || !view.calm.isCalm(Math.min(launch.call.invokeAtMs, invokeAtMs) - view.noticeMs, deadlineMs, node)) return;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`agent ${body.agentId} was to be drained, and the end of task ${task.taskId} was not told`, [invokeSeq]);
}

/** No leader shows the agent draining and empty for longer than it takes to write down that it is drained. */
function emptyVerdict(view: HistoryView, agentId: string): Verdict {
  const node = view.nodeOf.get(agentId);
  let evaluated = 0;
  let since: SnapshotRecord | undefined;
  for (const record of view.snapshots) {
    const agent = record.snapshot.agents.find((one) => one.agentId === agentId);
    if (agent?.drain?.phase === "drained") evaluated++;
    if (agent?.drain?.phase !== "draining" || isHolding(record, agentId) || owesOperations(view, agentId, record)) since = undefined;
    else if (since === undefined) since = record;
    else if (record.atMs > since.atMs + view.noticeMs && view.calm.isCalm(since.atMs - view.noticeMs, record.atMs, node)) {
      return fail(`agent ${agentId} has nothing left, and its drain does not end`, [since.seq, record.seq]);
    }
  }
  return pass(evaluated);
}

function isHolding({ snapshot }: SnapshotRecord, agentId: string): boolean {
  return [...snapshot.tasks, ...(snapshot.executors ?? [])].some((one) => one.agentId === agentId);
}

/** Whether an operation on the agent may not have ended yet, or its end not be acknowledged. */
function owesOperations(view: HistoryView, agentId: string, { atMs }: SnapshotRecord): boolean {
  return view.calls.some((call) => {
    if (!isCall(call, "accept") || call.outcome === "fail" || call.invokeAtMs > atMs) return false;
    if (!call.body.offerIds.some((offerId) => view.offersById.get(offerId)?.some((offer) => offer.agentId === agentId))) return false;
    return (call.body.operations ?? []).some(({ id }) =>
      id === undefined ? call.outcomeAtMs + view.noticeMs > atMs : !isAcknowledged(view, call.framework, id, atMs - view.noticeMs),
    );
  });
}

function isAcknowledged(view: HistoryView, framework: string, operationId: string, untilMs: number): boolean {
  const uuids = new Set<string>();
  for (const event of view.events) {
    if (event.kind !== "event" || event.framework !== framework || event.event.kind !== "operationUpdate") continue;
    const { operationId: id, state, uuid } = event.event.status;
    if (id === operationId && uuid !== undefined && isOperationOver(state as OperationState)) uuids.add(uuid);
  }
  return view.calls.some(
    (call) => isCall(call, "acknowledgeOperation") && uuids.has(call.body.uuid) && call.outcome === "ok" && call.outcomeAtMs <= untilMs,
  );
}
