/**
 * S16: launching the id of a task that still counts (live, or its end not acknowledged) is a TASK_ERROR, and the old
 * task stays as it is.
 */

import type { LaunchRecord, TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { isOutstanding } from "./evidence.ts";

export const taskIdsUnique: Checker = {
  id: "S16",
  title: "a live task's id cannot be launched again",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      if (task.launches.length < 2) continue;
      for (const [index, launch] of task.launches.entries()) {
        if (index === 0 || !isDecidable(view, task, launch)) continue;
        evaluated++;
        const deadlineMs = launch.call.outcomeAtMs + view.noticeMs;
        const refused = task.updates.some(
          ({ seq, atMs, status }) =>
            seq > launch.call.invokeSeq && atMs <= deadlineMs && status.state === "TASK_ERROR" && status.uuid === undefined,
        );
        if (refused) continue;
        const first = task.launches[0]?.call.invokeSeq ?? -1;
        return fail(`task ${task.taskId} was launched again while it lived, and nobody refused it`, [first, launch.call.invokeSeq]);
      }
    }
    return pass(evaluated);
  },
};

/** Whether the id was surely in use when the master saw this launch, its offers were good, and the refusal could arrive. */
function isDecidable(view: HistoryView, task: TaskRecord, launch: LaunchRecord): boolean {
  const { call } = launch;
  const stream = streamOf(view, call);
  const deadlineMs = call.outcomeAtMs + view.noticeMs;
  if (call.outcome !== "ok" || stream === undefined || !isUpUntil(view, stream, call.invokeSeq, deadlineMs)) return false;
  const running = task.updates.find((update) => update.status.uuid !== undefined && !update.terminal && update.seq < call.invokeSeq);
  const agentId = running?.status.agentId;
  if (running === undefined || agentId === undefined || !isAgentCalm(view, agentId, running.atMs, deadlineMs)) return false;
  const ended = new Set(task.updates.filter((update) => update.terminal).map((update) => update.status.uuid));
  // A terminal update without a uuid needs no acknowledgement to free the id, unless it is the refusal of another launch.
  const freed = task.updates.some((update) => update.terminal && update.status.uuid === undefined && update.status.state !== "TASK_ERROR");
  const acknowledged = task.acknowledgements.some((one) => ended.has(one.body.uuid) && one.invokeAtMs <= deadlineMs);
  return !freed && !acknowledged && offersWereGood(view, launch);
}

function offersWereGood(view: HistoryView, { call, agentId }: LaunchRecord): boolean {
  return call.body.offerIds.every((offerId) => {
    const [offer, other] = view.offersById.get(offerId) ?? [];
    if (offer === undefined || other !== undefined || offer.agentId !== agentId) return false;
    const own = call.streamId === undefined || offer.stream.streamId === call.streamId;
    return own && isOutstanding(offer, call.invokeSeq) && !Number.isFinite(offer.rescindedSeq);
  });
}
