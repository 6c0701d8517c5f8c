/** S13: the end that a task came to reaches its framework, however often agents and masters crash, unless the agent left for good. */

import type { TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { acknowledgedAtMs, isVolatile, onlyLaunch } from "./evidence.ts";

export const endsAreReported: Checker = {
  id: "S13",
  title: "a task's end is never forgotten",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const end = task.ledger.find((line) => line.line === "end");
      const launch = onlyLaunch(task);
      if (end === undefined || launch === undefined || mayHaveLeft(view, launch.agentId)) continue;
      if (task.updates.some((update) => update.terminal)) {
        evaluated++;
        continue;
      }
      // Nobody keeps the end of a task that is not checkpointed when its agent's process or link ends.
      if (isVolatile(view, task) && !isAgentCalm(view, launch.agentId, launch.call.invokeAtMs, view.endAtMs)) continue;
      if (!isOverdue(view, task, launch.agentId, end.atMs)) continue;
      return fail(`task ${task.taskId} ended and its framework never heard of it`, [launch.call.invokeSeq, end.seq]);
    }
    return pass(evaluated);
  },
};

/** For good: by drain now, or because operators or the maintenance of its machine wanted it. Who was away then asks. */
function mayHaveLeft(view: HistoryView, agentId: string): boolean {
  return view.drainOf.has(agentId) || view.orders.mayBeGone(agentId, Number.POSITIVE_INFINITY);
}

/** Whether the history's last stretch was calm, with the framework's stream up, for longer than any retry takes. */
function isOverdue(view: HistoryView, task: TaskRecord, agentId: string, endedAtMs: number): boolean {
  const acknowledged = acknowledgedAtMs(task);
  if (acknowledged === undefined || view.tornDown.has(task.frameworkId)) return false;
  const boundMs = view.timings.updateRetryMaxMs + 2 * view.noticeMs;
  for (const stream of view.streams) {
    if (stream.frameworkId !== task.frameworkId) continue;
    const untilMs = Math.min(stream.closedAtMs, view.endAtMs);
    const fromMs = untilMs - boundMs;
    if (fromMs < Math.max(stream.openedAtMs, acknowledged, endedAtMs)) continue;
    if (isAgentCalm(view, agentId, fromMs, untilMs)) return true;
  }
  return false;
}
