/**
 * S18: every task was launched by its framework; and TASK_LOST is final for a framework that is not partition aware: when
 * the agent of such a task comes back, the task is killed.
 */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { defaultGraceMs, isPartitionAware, isReconciliation, isRemovalNotice, killRequests, onlyLaunch } from "./evidence.ts";

/** How long the processes may take to go after the signal. */
const killMaxMs = 2_000;

export const onlyWantedTasksRun: Checker = {
  id: "S18",
  title: "only tasks that are wanted run",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const problem = strangerProblem(view, task) ?? resurrectionProblem(view, task);
      if (problem !== undefined) return problem;
      if (task.ledger.length > 0) evaluated++;
    }
    return pass(evaluated);
  },
};

function strangerProblem(view: HistoryView, task: TaskRecord): Verdict | undefined {
  if (!view.frameworkNames.has(task.frameworkId) || task.launches.some(({ call }) => call.outcome !== "fail")) return undefined;
  const seq = task.ledger[0]?.seq ?? (Number.isFinite(task.snapshotSeq) ? task.snapshotSeq : undefined);
  return seq === undefined ? undefined : fail(`nobody launched task ${task.taskId}, and it is there`, [seq]);
}

function resurrectionProblem(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const agentId = onlyLaunch(task)?.agentId;
  const lost = agentId === undefined ? undefined : task.updates.find(isFinalLoss);
  if (agentId === undefined || lost === undefined) return undefined;
  const back = view.registrations.find((one) => one.agentId === agentId && one.seq > lost.seq);
  if (back === undefined) return undefined;
  const graceMs = Math.max(defaultGraceMs, ...killRequests(task).map((kill) => kill.body.graceMs ?? 0));
  const boundMs = graceMs + killMaxMs + view.noticeMs;
  // A disturbance may take the kill with it; the next registration brings another.
  const line = task.ledger.find(
    (one) => one.line !== "end" && one.atMs > back.atMs + boundMs && isAgentCalm(view, agentId, one.atMs - boundMs, one.atMs),
  );
  if (line === undefined) return undefined;
  return fail(`task ${task.taskId} was announced as lost, its agent came back, and it runs on`, [lost.seq, back.seq, line.seq]);
}

/** Announced with the agent's silence, or told afterwards to one who asked. */
function isFinalLoss(update: UpdateRecord): boolean {
  if (isPartitionAware(update.stream) !== false) return false;
  const { state, unreachableAtMs } = update.status;
  return isRemovalNotice(update) || (state === "TASK_LOST" && isReconciliation(update) && unreachableAtMs !== undefined);
}
