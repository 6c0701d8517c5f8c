/**
 * S20: the end that is reported is the one that happened: exit 0 is FINISHED, another exit FAILED, KILLED needs someone who asked or a
 * health check that failed. What S60 and S61 say of checks and completion times is not repeated here.
 */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReliable, onlyLaunch, watchOf } from "./evidence.ts";
import { executorOf, killWasAsked } from "./kill-requests.ts";

const judgedStates: ReadonlySet<string> = new Set(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"]);

export const endsAreTrue: Checker = {
  id: "S20",
  title: "the reported end is the true one",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const update = task.updates.find((one) => one.terminal && isReliable(one));
      if (update === undefined || onlyLaunch(task) === undefined || !judgedStates.has(update.status.state)) continue;
      evaluated++;
      const problem = endProblem(view, task, update);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function endProblem(view: HistoryView, task: TaskRecord, update: UpdateRecord): Verdict | undefined {
  const { state, reason, healthy } = update.status;
  const watch = watchOf(task);
  if (watch?.maxCompletionMs !== undefined && reason === "REASON_MAX_COMPLETION_TIME_REACHED") return undefined;
  const wasAsked = killWasAsked(view, task, update) || (watch?.purposes.includes("health") === true && healthy === false);
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
