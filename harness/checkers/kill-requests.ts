/** Who may have asked for the end of a task. */

import { isCall, type TaskRecord, type UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, streamOf } from "../history/view.ts";
import { groupMates, isPartitionAware, isVolatile, killRequests, lostStates, onlyLaunch } from "./evidence.ts";

/** The executor that the task's launch named. */
export function executorOf(task: TaskRecord): string | undefined {
  const body = onlyLaunch(task)?.call.body;
  return body?.group?.executorId ?? body?.tasks.find(({ taskId }) => taskId === task.taskId)?.executorId;
}

/** Whether another task of its group failed, or was asked to end: it may be killed for that. */
function groupMayHaveFallen(view: HistoryView, task: TaskRecord): boolean {
  return groupMates(view, task).some(
    (mate) =>
      killRequests(mate).some((kill) => kill.outcome !== "fail") ||
      mate.updates.some((one) => one.terminal && one.status.state !== "TASK_FINISHED") ||
      mate.ledger.some((line) => line.line === "end" && line.exitCode !== 0),
  );
}

/** Whether the framework ordered the end of the task's executor before. */
function executorWasShutDown(view: HistoryView, task: TaskRecord, update: UpdateRecord): boolean {
  const executorId = executorOf(task);
  if (executorId === undefined) return false;
  return view.calls.some(
    (call) =>
      isCall(call, "shutdown") &&
      call.body.executorId === executorId &&
      call.body.agentId === onlyLaunch(task)?.agentId &&
      call.invokeSeq < update.seq &&
      call.outcome !== "fail",
  );
}

/** A KILL, of its framework or of an operator, or a SHUTDOWN of its executor began before the update came, or its group may have fallen. */
export function endWasAsked(view: HistoryView, task: TaskRecord, update: UpdateRecord): boolean {
  if (killRequests(task).some((kill) => kill.invokeSeq < update.seq && kill.outcome !== "fail")) return true;
  return executorWasShutDown(view, task, update) || groupMayHaveFallen(view, task);
}

/**
 * A KILL, a SHUTDOWN of its executor, a teardown, or a drain of its agent by signal or by order began before the update came, its group
 * may have fallen, or the task had been given up as lost.
 */
export function killWasAsked(view: HistoryView, task: TaskRecord, update: UpdateRecord): boolean {
  if (endWasAsked(view, task, update)) return true;
  if (task.updates.some((one) => one.seq < update.seq && lostStates.has(one.status.state))) return true;
  if (mayHaveBeenLost(view, task, update)) return true;
  const agentId = onlyLaunch(task)?.agentId;
  const drain = agentId === undefined ? undefined : view.drainOf.get(agentId);
  if (agentId !== undefined && view.orders.mayHaveEnded(agentId, update.seq)) return true;
  return (drain !== undefined && drain.fault.beginSeq < update.seq) || view.tornDown.has(task.frameworkId);
}

/**
 * Without partition awareness, or without a checkpoint, a lost task is killed when its agent comes back, also when the news of its loss
 * did not arrive.
 */
function mayHaveBeenLost(view: HistoryView, task: TaskRecord, update: UpdateRecord): boolean {
  const launch = onlyLaunch(task);
  const stream = launch === undefined ? undefined : streamOf(view, launch.call);
  if (launch === undefined || stream === undefined) return false;
  if (isPartitionAware(stream) !== false && !isVolatile(view, task)) return false;
  return !isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, update.atMs);
}
