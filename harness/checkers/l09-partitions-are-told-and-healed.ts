/**
 * L09: the tasks of an agent that falls silent are announced in time. When it comes back, a partition-aware framework
 * hears how its tasks are.
 */

import { isMasterNode } from "../history/calm.ts";
import type { FaultRecord, Registration, StreamLife, TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isLeaderFree, isPartitionAware, isReconciliation, isReliable, onlyLaunch, saysUnreachable } from "./evidence.ts";

/** Faults under which an agent hears and says nothing, though it lives. */
const silencePattern = /^(cut|pause)/;

export const partitionsAreToldAndHealed: Checker = {
  id: "L09",
  title: "partitions are told, and so is their end",
  check(view) {
    let evaluated = 0;
    const judgements = [
      ...view.faults.flatMap((fault) => silenceVerdicts(view, fault)),
      ...[...view.tasks.values()].map((task) => returnVerdict(view, task)),
    ];
    for (const judged of judgements) {
      if (judged === undefined) continue;
      if (judged.kind !== "pass") return judged;
      evaluated++;
    }
    return pass(evaluated);
  },
};

/** One verdict for each task that was running when its agent fell silent, for longer than that can go unnoticed. */
function silenceVerdicts(view: HistoryView, fault: FaultRecord): (Verdict | undefined)[] {
  const { target, name, beginSeq, beginAtMs, endAtMs } = fault;
  if (!silencePattern.test(name) || isMasterNode(target)) return [];
  const { pingTimeoutMs, pingTimeoutsMax, reregisterTimeoutMs } = view.timings;
  // A link that breaks late in the silence starts the time for coming back.
  const deadlineMs = beginAtMs + pingTimeoutMs * (pingTimeoutsMax + 1) + reregisterTimeoutMs + view.noticeMs;
  const agentId = view.registrations.findLast((one) => one.node === target && one.seq < beginSeq)?.agentId;
  if (agentId === undefined || endAtMs <= deadlineMs) return [];
  if ((view.drainOf.get(agentId)?.fault.beginAtMs ?? Number.POSITIVE_INFINITY) <= deadlineMs) return [];
  if (view.orders.mayEmpty(agentId, beginAtMs - view.noticeMs, deadlineMs)) return [];
  if (!view.calm.isCalm(beginAtMs - view.noticeMs, beginAtMs, target) || !view.calm.isCalm(beginAtMs, deadlineMs)) return [];
  return (view.tasksByAgent.get(agentId) ?? []).map((task) => {
    const launch = onlyLaunch(task);
    const heard = task.updates.findLast((update) => isReliable(update) && update.seq < beginSeq);
    const stream = launch === undefined ? undefined : streamOf(view, launch.call);
    if (heard === undefined || stream === undefined || view.tornDown.has(task.frameworkId)) return undefined;
    // By whomever: one that its master gave up with an earlier link is not told again.
    if (task.updates.some((update) => update.terminal && update.seq < beginSeq)) return undefined;
    if (!isUpUntil(view, stream, heard.seq, deadlineMs)) return undefined;
    const told = task.updates.some((update) => update.seq > beginSeq && update.atMs <= deadlineMs && !isReconciliation(update));
    if (told) return pass(1);
    return fail(`agent ${agentId} of task ${task.taskId} was silent for long, and nobody said so`, [heard.seq, beginSeq]);
  });
}

function returnVerdict(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const told = task.updates.findLast(
    (update) => update.status.state === "TASK_UNREACHABLE" && !isReconciliation(update) && saysUnreachable(update),
  );
  const agentId = told?.status.agentId;
  if (told === undefined || agentId === undefined || onlyLaunch(task) === undefined) return undefined;
  const back = view.registrations.find((one) => one.agentId === agentId && one.seq > told.seq);
  if (back === undefined) return undefined;
  const stream = quietStream(view, told, back);
  if (stream === undefined) return undefined;
  // A new leader knows what agents tell it: of a task that this one does not have, or never had, it says nothing.
  if (stream.masterId !== told.stream.masterId && !task.ledger.some(({ line, seq }) => line === "beat" && seq > back.seq)) return undefined;
  const deadlineMs = back.atMs + view.noticeMs;
  if (task.updates.some((update) => update.seq > told.seq && update.atMs <= deadlineMs && !isReconciliation(update))) return pass(1);
  // The agent does not have it any more, and says so in answer to the master's question.
  if (task.updates.some((update) => update.seq > told.seq && update.terminal)) return undefined;
  return fail(`agent ${agentId} came back, and task ${task.taskId} is still TASK_UNREACHABLE`, [told.seq, back.seq]);
}

/** The stream that the framework had at the return; undefined when something kept what was to be said there from being said. */
function quietStream(view: HistoryView, told: UpdateRecord, back: Registration): StreamLife | undefined {
  const deadlineMs = back.atMs + view.noticeMs;
  const streams = view.frameworks.get(told.stream.framework)?.streams ?? [];
  const stream = streams.findLast((one) => one.openedSeq < back.seq);
  if (stream === undefined || stream.frameworkId !== told.stream.frameworkId || isPartitionAware(stream) !== true) return undefined;
  if (!isUpUntil(view, stream, back.seq, deadlineMs)) return undefined;
  if (!isLeaderFree(view, back.atMs - view.noticeMs, deadlineMs, back.node)) return undefined;
  const isHit = view.faults.some(
    ({ target, beginSeq, beginAtMs }) => target === back.node && beginSeq > told.seq && beginAtMs <= deadlineMs,
  );
  const exited = view.lives.get(back.node)?.some(({ exitedAtMs }) => exitedAtMs >= back.atMs && exitedAtMs <= deadlineMs) ?? false;
  return isHit || exited ? undefined : stream;
}
