/** S19: after its end was reported, or its launch was refused, a task neither starts nor goes on. */

import type { LedgerRecord, TaskRecord, UpdateRecord } from "../history/records.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isReliable, onlyLaunch } from "./evidence.ts";

/** Why the master may say that a task never starts. */
const neverStartedReasons: ReadonlySet<string> = new Set(["REASON_INVALID_OFFERS", "REASON_TASK_INVALID"]);

export const endedTasksStayEnded: Checker = {
  id: "S19",
  title: "an ended task stays ended",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      if (onlyLaunch(task) === undefined) continue;
      const update = task.updates.find(isEnd);
      if (update === undefined) continue;
      evaluated++;
      const line = task.ledger.find((one) => isLate(task, update, one, view.epsilonMs));
      if (line !== undefined) return fail(`task ${task.taskId} was ${update.status.state} and ran on`, [update.seq, line.seq]);
    }
    return pass(evaluated);
  },
};

function isEnd(update: UpdateRecord): boolean {
  return update.terminal && (isReliable(update) || neverStartedReasons.has(update.status.reason ?? ""));
}

/** A grandchild may outlive a task that ended by itself; nothing may outlive one that was killed. */
function isLate(task: TaskRecord, update: UpdateRecord, line: LedgerRecord, epsilonMs: number): boolean {
  if (line.line === "end" || line.seq < update.seq || line.atMs <= update.atMs + epsilonMs) return false;
  if (line.line === "start" || update.status.state === "TASK_KILLED") return true;
  return task.ledger.some((one) => one.line === "start" && one.process === line.process);
}
