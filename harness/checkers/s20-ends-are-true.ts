/** S20: the end that is reported is the one that happened: exit 0 is FINISHED, another exit FAILED, KILLED needs someone who asked. */

import { isCall, type TaskRecord, type UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { groupMates, isPartitionAware, isReliable, isVolatile, lostStates, onlyLaunch } from "./evidence.ts";

const judgedStates: ReadonlySet<string> = new Set(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"]);

export const endsAreTrue: Checker = {
  id: "S20",
  title: "the reported end is the true one",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const update = task.updates.find((one) => one.terminal && isReliable(one));
      if (update === undefined || onlyLaunch(task) === undefined || !judgedStates.has(update.status.state)) continue;
      if (machineFell(view, task)) continue;
      evaluated++;
      const problem = endProblem(view, task, update);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function endProblem(view: HistoryView, task: TaskRecord, update: UpdateRecord): Verdict | undefined {
  const { state } = update.status;
  const wasAsked = killWasAsked(view, task, update);
  if (state === "TASK_KILLED") {
    return wasAsked ? undefined : fail(`task ${task.taskId} is KILLED and nobody asked for it`, [update.seq]);
  }
  const end = task.ledger.find((line) => line.line === "end" && line.exitCode !== undefined);
  // An executor that dies before it has told the end of its task leaves the agent to say what it knows.
  const isWithProgram = executorOf(task) !== undefined && onlyLaunch(task)?.call.body.group?.isDefault !== true;
  const isHearsay = isWithProgram && update.status.source === "SOURCE_AGENT";
  if (end?.exitCode === undefined || isHearsay) return undefined;
  const expected = end.exitCode === 0 ? "TASK_FINISHED" : "TASK_FAILED";
  // A task that was asked to end may say so with any code while it is being killed.
  if (state === expected || wasAsked) return undefined;
  return fail(`task ${task.taskId} ended with ${end.exitCode} and is reported ${state}`, [end.seq, update.seq]);
}

/** The executor that the task's launch named. */
function executorOf(task: TaskRecord): string | undefined {
  const body = onlyLaunch(task)?.call.body;
  return body?.group?.executorId ?? body?.tasks.find(({ taskId }) => taskId === task.taskId)?.executorId;
}

/** Whether another task of its group failed, or was asked to end: it may be killed for that. */
function groupMayHaveFallen(view: HistoryView, task: TaskRecord): boolean {
  return groupMates(view, task).some(
    (mate) =>
      mate.kills.some((kill) => kill.outcome !== "fail") ||
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

/**
 * A KILL, a SHUTDOWN of its executor, a teardown, or a drain of its agent began before the update came, its group may have fallen, or
 * the task had been given up as lost.
 */
function killWasAsked(view: HistoryView, task: TaskRecord, update: UpdateRecord): boolean {
  if (task.kills.some((kill) => kill.invokeSeq < update.seq && kill.outcome !== "fail")) return true;
  if (executorWasShutDown(view, task, update) || groupMayHaveFallen(view, task)) return true;
  if (task.updates.some((one) => one.seq < update.seq && lostStates.has(one.status.state))) return true;
  if (mayHaveBeenLost(view, task, update)) return true;
  const agentId = onlyLaunch(task)?.agentId;
  const drain = agentId === undefined ? undefined : view.drainOf.get(agentId);
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

/** In containers an agent that falls takes its tasks and their last words along. */
function machineFell(view: HistoryView, task: TaskRecord): boolean {
  if (view.tier !== "containers") return false;
  const agentId = onlyLaunch(task)?.agentId ?? "";
  const lives = view.lives.get(view.nodeOf.get(agentId) ?? "") ?? [];
  return lives.some((life) => life.exitedSeq > (onlyLaunch(task)?.call.invokeSeq ?? 0) && Number.isFinite(life.exitedSeq));
}
