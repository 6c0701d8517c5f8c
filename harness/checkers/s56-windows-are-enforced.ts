/**
 * S56: with --maintenance=enforce the start of a window takes what was not returned, whatever frameworks answered: from then on the machine
 * is not offered, what runs there is killed in its grace or goes with its agent, and each framework is told.
 */

import { removalSlackMs } from "../history/machine-times.ts";
import type { UnavailabilityJson } from "../history/maintenance-json.ts";
import type { TaskRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, ledgerErrorMs, mayBeBelated, onlyLaunch } from "./evidence.ts";
import { sentFromMs } from "./window-evidence.ts";

/** How long agents that are removed have to end; then their master goes on without their farewell. */
const departureMaxMs = 5_000;

export const windowsAreEnforced: Checker = {
  id: "S56",
  title: "the start of a window takes what was not returned",
  check(view) {
    let evaluated = 0;
    if (view.timings.maintenance?.mode !== "enforce") return pass(evaluated);
    for (const agentId of view.nodeOf.keys()) {
      for (const begun of beginnings(view, agentId)) {
        const problem = serviceProblem(view, begun);
        if (problem !== undefined) return problem;
        for (const task of view.tasksByAgent.get(agentId) ?? []) {
          const judged = survivorVerdict(view, task, begun) ?? silenceVerdict(view, task, begun);
          if (judged === undefined) continue;
          if (judged.kind !== "pass") return judged;
          evaluated++;
        }
      }
    }
    return pass(evaluated);
  },
};

/** The window of an agent's machine had surely begun. */
interface Beginning {
  readonly agentId: string;
  /** Of the order that planned it. */
  readonly orderSeq: number;
  readonly window: UnavailabilityJson;
  /** It may have begun. */
  readonly earliestMs: number;
  /** It had begun, and the master had acted on it. */
  readonly atMs: number;
  /** When all that was there must be over if nothing disturbs. */
  readonly boundMs: number;
}

function beginnings(view: HistoryView, agentId: string): Beginning[] {
  const { maintenance, allocationIntervalMs } = view.timings;
  const place = view.placeOf(agentId);
  if (maintenance === undefined || place === undefined) return [];
  const { revocationGraceMs, wallSkewMaxMs } = maintenance;
  const boundMs = revocationGraceMs + removalSlackMs + departureMaxMs + 2 * view.noticeMs;
  return view.machines.sureUpdates.flatMap((order): Beginning[] => {
    const window = view.machines.onlyWindow(place, order.outcomeAtMs + 1, order.outcomeAtMs + 1);
    if (window === undefined) return [];
    const atMs = Math.max(order.outcomeAtMs, window.startAtMs + wallSkewMaxMs) + allocationIntervalMs + view.noticeMs;
    const earliestMs = Math.max(order.invokeAtMs, window.startAtMs - wallSkewMaxMs);
    return [{ agentId, orderSeq: order.invokeSeq, window, earliestMs, atMs, boundMs }];
  });
}

/** Whether the window was the machine's from before its beginning until an instant, and the machine was not taken up meanwhile. */
function isStanding(view: HistoryView, { agentId, window, atMs }: Beginning, untilMs: number): boolean {
  const place = view.placeOf(agentId);
  const only = place === undefined ? undefined : view.machines.onlyWindow(place, Math.min(atMs, untilMs), untilMs);
  return only?.startAtMs === window.startAtMs && only.durationMs === window.durationMs;
}

/** What is offered after the beginning, or in service for a leader. */
function serviceProblem(view: HistoryView, begun: Beginning): Verdict | undefined {
  // By the end of the first calm after its beginning that is long enough this was written down, and every later leader knows it.
  const knownAtMs = view.calm.firstCalmEnd(begun.atMs - view.noticeMs, 2 * view.noticeMs);
  const offer = (view.offersByAgent.get(begun.agentId) ?? []).find(
    ({ seq, atMs, stream }) => seq > begun.orderSeq && sentFromMs(view, stream, atMs) > knownAtMs && isStanding(view, begun, atMs),
  );
  if (offer !== undefined) return fail(`agent ${begun.agentId} is offered although its window has begun`, [begun.orderSeq, offer.seq]);
  const shown = view.snapshots.find(
    ({ seq, atMs, snapshot }) =>
      seq > begun.orderSeq &&
      atMs > knownAtMs + view.epsilonMs &&
      !mayBeBelated(view, atMs) &&
      isStanding(view, begun, atMs) &&
      !isGoingDown(view, begun, atMs) &&
      snapshot.agents.some(({ agentId, deactivated }) => agentId === begun.agentId && deactivated === false),
  );
  return shown && fail(`agent ${begun.agentId} is in service although its window has begun`, [begun.orderSeq, shown.seq]);
}

/** Whether the agent may be leaving because its machine is DOWN: no window takes anything from it then, and S40 looks at what is left. */
function isGoingDown(view: HistoryView, { agentId }: Beginning, atMs: number): boolean {
  const place = view.placeOf(agentId);
  return place !== undefined && view.machines.mayBeDown(place, atMs, atMs);
}

/** A task that was there before and has a sign of life after its time, in a calm that was long enough to end it. */
function survivorVerdict(view: HistoryView, task: TaskRecord, begun: Beginning): Verdict | undefined {
  const node = view.nodeOf.get(begun.agentId);
  if (onlyLaunch(task)?.agentId !== begun.agentId || node === undefined) return undefined;
  const line = task.ledger.find(
    (one) =>
      one.line !== "end" &&
      one.node === node &&
      one.atMs > begun.atMs + begun.boundMs + ledgerErrorMs(view) &&
      view.calm.isCalm(one.atMs - begun.boundMs, one.atMs, node) &&
      isStanding(view, begun, one.atMs),
  );
  return line && fail(`task ${task.taskId} runs on although the window of its machine has begun`, [begun.orderSeq, line.seq]);
}

/** Each framework that listened hears of the end of each task that was there. */
function silenceVerdict(view: HistoryView, task: TaskRecord, begun: Beginning): Verdict | undefined {
  const launch = onlyLaunch(task);
  if (launch?.agentId !== begun.agentId || launch.call.outcome !== "ok" || launch.call.outcomeAtMs > begun.earliestMs) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs < begun.earliestMs)) return undefined;
  const stream = streamOf(view, launch.call);
  const acknowledged = acknowledgedAtMs(task);
  if (stream === undefined || acknowledged === undefined || view.tornDown.has(task.frameworkId)) return undefined;
  const untilMs = Math.max(begun.atMs + begun.boundMs, acknowledged + view.noticeMs);
  const told = task.updates.find((update) => update.terminal && update.atMs <= untilMs);
  if (told !== undefined) return isStanding(view, begun, told.atMs) ? pass(1) : undefined;
  if (!isStanding(view, begun, untilMs)) return undefined;
  const node = view.nodeOf.get(begun.agentId);
  if (!isUpUntil(view, stream, launch.call.invokeSeq, untilMs)) return undefined;
  if (!view.calm.isCalm(launch.call.invokeAtMs - view.noticeMs, untilMs, node)) return undefined;
  return fail(`the window of task ${task.taskId}'s machine has begun, and its end was not told`, [begun.orderSeq, launch.call.invokeSeq]);
}
