/** S12: of one task's updates, the next is first seen only after the one before was acknowledged. */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isVolatile } from "./evidence.ts";

export const updatesInOrder: Checker = {
  id: "S12",
  title: "a task's updates come one at a time",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      /** The last first-seen update of each agent: a new launch elsewhere starts anew, and so does one after the agent lost the task. */
      const lastOf = new Map<string, UpdateRecord>();
      const seen = new Set<string>();
      for (const update of task.updates) {
        const { uuid, agentId = "" } = update.status;
        if (uuid === undefined || seen.has(uuid)) continue;
        seen.add(uuid);
        const before = lastOf.get(agentId);
        lastOf.set(agentId, update);
        if (before === undefined || isNewLife(view, task, before, update)) continue;
        evaluated++;
        if (!wasAcknowledged(task, before, update.seq)) {
          const states = `${update.status.state} came before ${before.status.state}`;
          return fail(`task ${task.taskId}: ${states} was acknowledged`, [before.seq, update.seq]);
        }
      }
    }
    return pass(evaluated);
  },
};

/**
 * Without checkpoint an agent that ends loses the task with the updates that wait, and the master says so at most once. The framework
 * may use the id again then; or the agent says, asked by its master, that it does not have the task.
 */
function isNewLife(view: HistoryView, task: TaskRecord, before: UpdateRecord, update: UpdateRecord): boolean {
  const { agentId } = before.status;
  return (
    agentId !== undefined &&
    isVolatile(view, task) &&
    (update.status.reason === "REASON_RECONCILIATION" ||
      task.launches.some((one) => one.agentId === agentId && one.call.invokeSeq > before.seq && one.call.invokeSeq < update.seq)) &&
    !isAgentCalm(view, agentId, before.atMs, update.atMs)
  );
}

function wasAcknowledged(task: TaskRecord, update: UpdateRecord, beforeSeq: number): boolean {
  return task.acknowledgements.some(
    (call) => call.body.uuid === update.status.uuid && call.invokeSeq < beforeSeq && call.outcome !== "fail",
  );
}
