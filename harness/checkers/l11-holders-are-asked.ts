/**
 * L11: a framework with a task on a machine that is scheduled is asked to return what it has there, soon; and asked again when the filter
 * of its answer is over.
 */

import { isSameWindow } from "../history/machine-times.ts";
import type { StreamLife, TaskRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReliable, killRequests, onlyLaunch } from "./evidence.ts";
import { firstAnswer, refuseMsOf } from "./window-evidence.ts";

export const holdersAreAsked: Checker = {
  id: "L11",
  title: "who has tasks on a scheduled machine is asked",
  check(view) {
    let evaluated = 0;
    if (view.machines.isEmpty) return pass(evaluated);
    for (const task of view.tasks.values()) {
      const holding = holdingOf(view, task);
      if (holding === undefined) continue;
      for (const judged of [...scheduleVerdicts(view, holding), ...filterVerdicts(view, holding)]) {
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

/** A time in which a task surely had resources of an agent, and its framework listened. */
interface Holding {
  readonly task: TaskRecord;
  readonly agentId: string;
  readonly stream: StreamLife;
  readonly fromMs: number;
  readonly fromSeq: number;
  readonly untilMs: number;
}

function holdingOf(view: HistoryView, task: TaskRecord): Holding | undefined {
  const running = task.updates.find((update) => isReliable(update) && update.status.state === "TASK_RUNNING");
  const agentId = onlyLaunch(task)?.agentId;
  if (running === undefined || agentId === undefined || view.tornDown.has(task.frameworkId)) return undefined;
  const { stream, seq, atMs } = running;
  const ends = [
    ...task.updates.flatMap((update) => (update.seq > seq && update.status.state !== "TASK_RUNNING" ? [update.atMs - view.noticeMs] : [])),
    ...killRequests(task).map((kill) => kill.invokeAtMs),
    lastSeenAliveMs(task),
  ];
  return { task, agentId, stream, fromMs: atMs, fromSeq: seq, untilMs: Math.min(stream.closedAtMs, ...ends) };
}

/** A task can die without a word, and its framework hears of that only once it has acknowledged what came before. */
function lastSeenAliveMs({ ledger }: TaskRecord): number {
  const end = ledger.find(({ line }) => line === "end");
  return end?.atMs ?? ledger.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
}

/** One verdict for each schedule that may oblige the master to ask. */
function scheduleVerdicts(view: HistoryView, holding: Holding): (Verdict | undefined)[] {
  return view.machines.sureUpdates.map((order) => {
    const fromMs = Math.max(order.outcomeAtMs + 1, holding.fromMs);
    const deadlineMs = fromMs + view.timings.allocationIntervalMs + view.noticeMs;
    const window = obligation(view, holding, fromMs, deadlineMs);
    if (window === undefined) return undefined;
    const asked = view.inverseOffersByAgent
      .get(holding.agentId)
      ?.some((one) => one.stream === holding.stream && one.atMs <= deadlineMs && isSameWindow(one.unavailability, window));
    if (asked === true) return pass(1);
    const message = `${holding.stream.framework} has task ${holding.task.taskId} on agent ${holding.agentId}, and was not asked to leave`;
    return fail(message, [order.invokeSeq, holding.fromSeq]);
  });
}

/** One verdict for each answer after whose filter the framework is asked again. */
function filterVerdicts(view: HistoryView, holding: Holding): (Verdict | undefined)[] {
  const own = (view.inverseOffersByAgent.get(holding.agentId) ?? []).filter(({ stream }) => stream === holding.stream);
  return own.map((inverseOffer) => {
    const answer = firstAnswer(inverseOffer);
    if (answer?.outcome !== "ok" || Number.isFinite(inverseOffer.rescindedSeq)) return undefined;
    const { allocationIntervalMs } = view.timings;
    const overMs = Math.max(holding.fromMs, answer.outcomeAtMs + Math.max(refuseMsOf(answer), allocationIntervalMs));
    const deadlineMs = overMs + 2 * allocationIntervalMs + view.noticeMs;
    const window = obligation(view, holding, overMs, deadlineMs);
    if (window === undefined || !isSameWindow(window, inverseOffer.unavailability)) return undefined;
    if (own.some((one) => one.seq > answer.invokeSeq && one.atMs <= deadlineMs)) return pass(1);
    return fail(`${holding.stream.framework} still has task ${holding.task.taskId}, and is not asked again`, [answer.invokeSeq]);
  });
}

/** The window for which the master has to ask, if nothing between the two instants keeps it from that. */
function obligation(view: HistoryView, { agentId, stream, fromSeq, untilMs }: Holding, fromMs: number, toMs: number) {
  const place = view.placeOf(agentId);
  const node = view.nodeOf.get(agentId);
  if (place === undefined || node === undefined || untilMs <= toMs || !isUpUntil(view, stream, fromSeq, toMs)) return undefined;
  const window = view.machines.onlyWindow(place, fromMs, toMs);
  // What is being taken, or withheld for another reason, is not asked for.
  if (window === undefined || view.orders.mayWithhold(agentId, fromMs, toMs) || view.machines.mayBeDown(place, fromMs, toMs))
    return undefined;
  return view.calm.isCalm(fromMs - view.noticeMs, toMs, node) ? window : undefined;
}
