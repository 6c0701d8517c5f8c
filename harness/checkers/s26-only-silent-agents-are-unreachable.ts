/** S26: an agent is called unreachable only after it left as many pings unanswered as may be, or did not come back in time. */

import type { UpdateRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isReconciliation, saysUnreachable } from "./evidence.ts";

export const onlySilentAgentsAreUnreachable: Checker = {
  id: "S26",
  title: "only silent agents are unreachable",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      for (const update of task.updates) {
        if (isReconciliation(update) || !saysUnreachable(update)) continue;
        evaluated++;
        if (wasSilent(view, update)) continue;
        return fail(`agent ${update.status.agentId} of task ${task.taskId} was called unreachable too early`, [update.seq]);
      }
    }
    return pass(evaluated);
  },
};

/** False only when the agent surely answered a ping within the time for which it must have been silent. */
function wasSilent(view: HistoryView, { seq, atMs, status }: UpdateRecord): boolean {
  const { agentId } = status;
  const node = agentId === undefined ? undefined : view.nodeOf.get(agentId);
  if (agentId === undefined || node === undefined || view.drains.some((drain) => drain.agentId === agentId)) return true;
  // Another agent in its place is calm, and this one is gone.
  const latest = view.registrations.findLast((one) => one.node === node && one.seq < seq);
  if (latest?.agentId !== agentId) return true;
  const { pingTimeoutMs, pingTimeoutsMax, reregisterTimeoutMs } = view.timings;
  const fromMs = atMs - Math.min(pingTimeoutMs * pingTimeoutsMax, reregisterTimeoutMs) + view.noticeMs;
  const onePingMs = pingTimeoutMs + view.noticeMs;
  return fromMs + onePingMs > atMs || !isAgentCalm(view, agentId, fromMs, fromMs + onePingMs);
}
