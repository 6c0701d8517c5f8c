/** L04: an update that is not acknowledged comes again within the retry's bound, and not much faster than its minimum. */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { onlyLaunch } from "./evidence.ts";

/** Messages may bunch up on their way: half the minimum is surely too fast. */
const hurryFactor = 0.5;

export const unacknowledgedUpdatesRetried: Checker = {
  id: "L04",
  title: "unacknowledged updates are retried",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      /** How often each update has come so far. */
      const counts = new Map<string, number>();
      for (const [index, update] of task.updates.entries()) {
        const { uuid } = update.status;
        if (uuid === undefined) continue;
        const count = (counts.get(uuid) ?? 0) + 1;
        counts.set(uuid, count);
        const judged = retryVerdict(view, task, index, update, count);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function retryVerdict(view: HistoryView, task: TaskRecord, index: number, update: UpdateRecord, count: number): Verdict | undefined {
  const { uuid, agentId } = update.status;
  if (agentId === undefined) return undefined;
  const next = task.updates.find((one, position) => position > index && one.status.uuid === uuid && one.stream === update.stream);
  const { updateRetryMinMs } = view.timings;
  if (next !== undefined && next.atMs - update.atMs < hurryFactor * updateRetryMinMs - view.epsilonMs) {
    if (!isAgentCalm(view, agentId, update.atMs - view.noticeMs, next.atMs)) return undefined;
    // An agent sends what waits once more as soon as it hears of a new subscription.
    if (next.atMs - update.stream.openedAtMs <= view.noticeMs) return undefined;
    return fail(`task ${task.taskId}: update ${uuid} came again after ${next.atMs - update.atMs} ms`, [update.seq, next.seq]);
  }
  const deadlineMs = update.atMs + retryBoundMs(view, task, update, agentId, count);
  if (!isUpUntil(view, update.stream, update.seq, deadlineMs) || view.tornDown.has(task.frameworkId)) return undefined;
  if (!isAgentCalm(view, agentId, update.atMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.acknowledgements.some((call) => call.body.uuid === uuid && call.invokeAtMs <= deadlineMs)) return undefined;
  if (next !== undefined && next.atMs <= deadlineMs) return pass(1);
  return fail(`task ${task.taskId}: update ${uuid} was not acknowledged and did not come again`, [update.seq]);
}

/**
 * The wait doubles with each attempt. Attempts that got lost count, too, so only a task whose whole life was calm has a
 * bound below the maximum.
 */
function retryBoundMs(view: HistoryView, task: TaskRecord, update: UpdateRecord, agentId: string, count: number): number {
  const { updateRetryMinMs, updateRetryMaxMs } = view.timings;
  const launchedAtMs = onlyLaunch(task)?.call.invokeAtMs;
  const calm =
    launchedAtMs !== undefined &&
    update.stream.openedAtMs <= launchedAtMs &&
    isAgentCalm(view, agentId, launchedAtMs - view.noticeMs, update.atMs);
  const waitMs = calm ? Math.min(updateRetryMaxMs, updateRetryMinMs * 2 ** (count - 1)) : updateRetryMaxMs;
  // Retries may be spread by up to their own length.
  return 2 * waitMs + view.noticeMs;
}
