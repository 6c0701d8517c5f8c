/**
 * L13: an agent that crashed and came back in time has the id and the tasks that it had, and nothing is called lost; but tasks of
 * frameworks that do not checkpoint have ended with it.
 */

import { isMasterNode } from "../history/calm.ts";
import type { NodeLife, Registration, TaskRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReconciliation, isReliable, isVolatile, ledgerErrorMs, lostStates, onlyLaunch } from "./evidence.ts";
import { endWasAsked } from "./kill-requests.ts";

export const restartedAgentsKeepTasks: Checker = {
  id: "L13",
  title: "restarted agents keep id and tasks",
  check(view) {
    let evaluated = 0;
    for (const [node, lives] of view.lives) {
      if (isMasterNode(node)) continue;
      const own = view.registrations.filter((registration) => registration.node === node);
      for (const life of lives) {
        const judged = restartVerdict(view, life, own);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function restartVerdict(view: HistoryView, life: NodeLife, registrations: readonly Registration[]): Verdict | undefined {
  const before = registrations.findLast((registration) => registration.seq < life.exitedSeq);
  const after = registrations.find((registration) => registration.seq > life.exitedSeq && registration.incarnation !== life.incarnation);
  if (before === undefined || after === undefined || view.drains.some((drain) => drain.life === life)) return undefined;
  const first = registrations.find((registration) => registration.agentId === before.agentId) ?? before;
  const holder = view.lives.get(life.node)?.find(({ incarnation }) => incarnation === first.incarnation) ?? life;
  // An id that came just before a crash may not have been written down; then later lives never had it.
  if (holder.exitedAtMs - first.atMs < view.noticeMs) return undefined;
  if (view.drains.some(({ agentId, fault }) => agentId === before.agentId && fault.beginSeq < after.seq)) return undefined;
  if (view.orders.mayBeGone(before.agentId, after.seq)) return undefined;
  if (before.agentId !== after.agentId) {
    return fail(`${life.node} was ${before.agentId} before its restart and is ${after.agentId} now`, [
      before.seq,
      life.exitedSeq,
      after.seq,
    ]);
  }
  const { pingTimeoutMs, pingTimeoutsMax, reregisterTimeoutMs } = view.timings;
  const awayMaxMs = Math.min(pingTimeoutMs * pingTimeoutsMax, reregisterTimeoutMs) - view.noticeMs;
  // A life that never got as far as its registration was away already.
  const wasAway = before.incarnation !== life.incarnation || after.atMs - life.exitedAtMs >= awayMaxMs;
  const wasEmptied = view.orders.mayHaveEnded(before.agentId, after.seq);
  if (wasAway || wasEmptied || wasHidden(view, life, after)) return pass(1);
  for (const task of view.tasksByAgent.get(before.agentId) ?? []) {
    const problem = taskProblem(view, task, life, after);
    if (problem !== undefined) return problem;
  }
  return pass(1);
}

/** Other faults on the node or on the network of a master, before or meanwhile, may have made its absence longer than the exit shows. */
function wasHidden(view: HistoryView, life: NodeLife, after: Registration): boolean {
  return view.faults.some(
    ({ target, name, beginSeq, endAtMs }) =>
      ((target === life.node && /pause|cut/.test(name)) || name === "cut-master") &&
      beginSeq < after.seq &&
      endAtMs > life.exitedAtMs - view.timings.reregisterTimeoutMs,
  );
}

function taskProblem(view: HistoryView, task: TaskRecord, life: NodeLife, after: Registration): Verdict | undefined {
  if (onlyLaunch(task) === undefined || view.tornDown.has(task.frameworkId)) return undefined;
  if (isVolatile(view, task)) return survivorProblem(view, task, life, after);
  const seen = task.updates.find((update) => isReliable(update) && update.seq < life.exitedSeq);
  if (seen === undefined || task.updates.some((update) => update.terminal && update.seq < life.exitedSeq)) return undefined;
  const untilMs = after.atMs + view.noticeMs;
  // What a drain or an operator's order right after the return ends is not the restart's doing.
  const untilSeq = Math.min(
    view.drainOf.get(after.agentId)?.fault.beginSeq ?? Number.POSITIVE_INFINITY,
    view.orders.firstEmptyingSeq(after.agentId),
  );
  const during = task.updates.filter(
    (update) => update.seq > life.exitedSeq && update.seq < untilSeq && update.atMs <= untilMs && !isReconciliation(update),
  );
  const lost = during.find((update) => lostStates.has(update.status.state));
  if (lost !== undefined)
    return fail(`task ${task.taskId} is ${lost.status.state} because its agent restarted`, [life.exitedSeq, lost.seq]);
  if (task.ledger.some((line) => line.line === "end")) return undefined;
  // What ran for as long as it may ends in its time, restart or not: that is S61's business.
  const failed = during.find(
    ({ status }) => status.state === "TASK_FAILED" && status.reason !== "REASON_MAX_COMPLETION_TIME_REACHED" && task.ledger.length > 0,
  );
  if (failed === undefined || endWasAsked(view, task, failed)) return undefined;
  return fail(`task ${task.taskId} did not outlive its agent's restart`, [life.exitedSeq, failed.seq]);
}

/** An agent that is back has found and ended what its last process left without a checkpoint. */
function survivorProblem(view: HistoryView, task: TaskRecord, life: NodeLife, after: Registration): Verdict | undefined {
  const started = task.ledger.find((line) => line.node === life.node && line.line === "start" && line.seq < life.exitedSeq);
  const fromMs = after.atMs + view.noticeMs + ledgerErrorMs(view);
  const later = task.ledger.find((line) => line.node === life.node && line.seq > after.seq && line.atMs > fromMs);
  if (started === undefined || later === undefined) return undefined;
  return fail(`task ${task.taskId} is not checkpointed and outlived its agent's process`, [started.seq, life.exitedSeq, later.seq]);
}
