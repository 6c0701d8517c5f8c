/**
 * S34: the calls of one session take effect in the order in which they were sent: of two uses of an offer the first wins,
 * and a KILL right behind its launch finds the task.
 */

import { type AcceptRecord, isCall, type OfferRecord, type TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, defaultGraceMs, onlyLaunch } from "./evidence.ts";

/** How long a task may take to start and to be killed on a busy machine. */
const startAndEndMaxMs = 7_000;

export const callsTakeEffectInOrder: Checker = {
  id: "S34",
  title: "calls of a session take effect in order",
  check(view) {
    let evaluated = 0;
    const judgements = [
      ...view.offers.map((offer) => () => firstUseVerdict(view, offer)),
      ...[...view.tasks.values()].map((task) => () => killVerdict(view, task)),
    ];
    for (const judge of judgements) {
      const judged = judge();
      if (judged === undefined) continue;
      if (judged.kind !== "pass") return judged;
      evaluated++;
    }
    return pass(evaluated);
  },
};

/** The first ACCEPT of an offer, with others right behind it on the same stream, must not be the one that came too late. */
function firstUseVerdict(view: HistoryView, offer: OfferRecord): Verdict | undefined {
  const [first, second] = offer.uses;
  if (first === undefined || second === undefined || !isCall(first, "accept") || first.outcome !== "ok") return undefined;
  const { stream, agentId } = offer;
  const deadlineMs = first.outcomeAtMs + view.noticeMs;
  const isDecidable =
    offer.uses.every((use) => use.streamId === stream.streamId && use.invokeSeq > offer.seq) &&
    first.body.offerIds.length === 1 &&
    !Number.isFinite(offer.rescindedSeq) &&
    isUpUntil(view, stream, offer.seq, deadlineMs) &&
    isAgentCalm(view, agentId, offer.atMs, deadlineMs);
  if (!isDecidable) return undefined;
  return refusedSeq(view, first) === undefined
    ? pass(1)
    : fail(`offer ${offer.offerId} was given to a later call than the first`, [
        first.invokeSeq,
        second.invokeSeq,
        refusedSeq(view, first) ?? -1,
      ]);
}

function refusedSeq(view: HistoryView, { body, frameworkId }: AcceptRecord): number | undefined {
  if (frameworkId === undefined) return undefined;
  for (const { taskId } of body.tasks) {
    const task = view.tasks.get(taskKey(frameworkId, taskId));
    if (task === undefined || onlyLaunch(task) === undefined) continue;
    const refusal = task.updates.find(({ status }) => status.reason === "REASON_INVALID_OFFERS");
    if (refusal !== undefined) return refusal.seq;
  }
  return undefined;
}

/** L05 leaves out a KILL that was sent before its launch was answered, since they could have crossed; within a session they do not. */
function killVerdict(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const kill = task.kills[0];
  if (launch === undefined || kill === undefined || launch.call.outcome !== "ok" || kill.outcome !== "ok") return undefined;
  const { call, agentId } = launch;
  if (kill.streamId === undefined || kill.streamId !== call.streamId || kill.invokeSeq < call.invokeSeq) return undefined;
  if (kill.invokeSeq > call.outcomeSeq || (kill.body.agentId !== undefined && kill.body.agentId !== agentId)) return undefined;
  const stream = streamOf(view, call);
  const acknowledged = acknowledgedAtMs(task);
  if (stream === undefined || acknowledged === undefined || view.tornDown.has(task.frameworkId)) return undefined;
  const settledAtMs = Math.max(call.outcomeAtMs, kill.outcomeAtMs + (kill.body.graceMs ?? defaultGraceMs), acknowledged);
  const deadlineMs = settledAtMs + startAndEndMaxMs + view.noticeMs;
  if (!isUpUntil(view, stream, call.invokeSeq, deadlineMs)) return undefined;
  if (!isAgentCalm(view, agentId, call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`task ${task.taskId} was killed right behind its launch and lives on`, [call.invokeSeq, kill.invokeSeq]);
}
