/** L16: SHUTDOWN of an executor ends all of its tasks, within the executor's grace. */

import type { ShutdownRecord, TaskRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, isReliable, onlyLaunch } from "./evidence.ts";

/** The reference's grace of an executor that names none. */
const executorGraceMs = 5_000;
/** How long the processes may take to go after the signal, and the end to be written down. */
const endMaxMs = 2_000;

export const executorsShutDown: Checker = {
  id: "L16",
  title: "executors shut down with their tasks",
  check(view) {
    let evaluated = 0;
    for (const call of view.calls) {
      if (!isCall(call, "shutdown") || call.outcome !== "ok") continue;
      for (const task of view.tasksByAgent.get(call.body.agentId) ?? []) {
        const judged = taskVerdict(view, call, task);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

/** Undefined for a task of another executor, and for one that may have been over already, or have come later. */
function taskVerdict(view: HistoryView, call: ShutdownRecord, task: TaskRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const stream = streamOf(view, call);
  const acknowledged = acknowledgedAtMs(task);
  if (launch === undefined || stream === undefined || acknowledged === undefined) return undefined;
  if (launch.executorId !== call.body.executorId || task.frameworkId !== call.frameworkId) return undefined;
  // Only who was heard of is surely the executor's: until then its task may be on its way to the agent.
  const heard = task.updates.some((update) => isReliable(update) && !update.terminal && update.seq < call.invokeSeq);
  if (!heard || task.updates.some((update) => update.terminal && update.seq < call.invokeSeq)) return undefined;
  const deadlineMs = Math.max(call.outcomeAtMs + executorGraceMs, acknowledged) + endMaxMs + view.noticeMs;
  if (!isUpUntil(view, stream, call.invokeSeq, deadlineMs) || view.tornDown.has(task.frameworkId)) return undefined;
  if (!isAgentCalm(view, launch.agentId, launch.call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`task ${task.taskId} outlived the SHUTDOWN of its executor`, [launch.call.invokeSeq, call.invokeSeq]);
}
