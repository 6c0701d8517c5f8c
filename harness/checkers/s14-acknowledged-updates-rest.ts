/** S14: an acknowledged update is not sent again, and what the master says of its own accord carries nothing to acknowledge. */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

/** Reasons that only the master gives, in updates of its own. RECONCILIATION is also an agent's, for a task that never reached it. */
const masterReasons: ReadonlySet<string> = new Set(["REASON_AGENT_REMOVED", "REASON_AGENT_REREGISTERED"]);

export const acknowledgedUpdatesRest: Checker = {
  id: "S14",
  title: "acknowledged updates are not sent again",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      if (task.updates.length === 0) continue;
      for (const update of task.updates) {
        const { uuid, source, reason = "" } = update.status;
        if (uuid !== undefined && (source === "SOURCE_MASTER" || masterReasons.has(reason))) {
          return fail(`task ${task.taskId}: an update of the master (${reason}) carries uuid ${uuid}`, [update.seq]);
        }
      }
      const problem = repetitionProblem(view, task);
      if (problem !== undefined) return problem;
      evaluated += task.acknowledgements.length;
    }
    return pass(evaluated);
  },
};

function repetitionProblem(view: HistoryView, task: TaskRecord): Verdict | undefined {
  for (const call of task.acknowledgements) {
    if (call.outcome !== "ok") continue;
    const { uuid } = call.body;
    // An acknowledgement of what was never sent has no effect on a later update.
    if (!task.updates.some((update) => update.status.uuid === uuid && update.seq < call.invokeSeq)) continue;
    const again = task.updates.find((update) => update.status.uuid === uuid && update.atMs > call.outcomeAtMs + view.noticeMs);
    if (again === undefined || !isAgentCalm(view, agentOf(again, call.body.agentId), call.invokeAtMs, again.atMs)) continue;
    return fail(`task ${task.taskId}: update ${uuid} came again after it was acknowledged`, [call.invokeSeq, again.seq]);
  }
  return undefined;
}

function agentOf(update: UpdateRecord, fallback: string): string {
  return update.status.agentId ?? fallback;
}
