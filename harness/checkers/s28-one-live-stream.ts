/** S28: a framework id has one live stream. A newer subscription ends the older one, on which nothing comes any more. */

import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { type Succession, successionsOf } from "./successions.ts";

export const oneLiveStream: Checker = {
  id: "S28",
  title: "one live stream per framework",
  check(view) {
    let evaluated = 0;
    const lastEvents = lastEventOfStreams(view);
    for (const framework of view.frameworks.values()) {
      for (const succession of successionsOf(framework)) {
        if (!isDecidable(view, succession)) continue;
        evaluated++;
        const problem = successionProblem(view, succession, lastEvents);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

interface LastEvent {
  readonly seq: number;
  readonly atMs: number;
}

/** By stream id; the ERROR that ends a stream does not count. */
function lastEventOfStreams(view: HistoryView): ReadonlyMap<string, LastEvent> {
  const last = new Map<string, LastEvent>();
  for (const event of view.events) if (event.kind === "event" && event.event.kind !== "error") last.set(event.streamId, event);
  return last;
}

/** Both at one master, the older open when the newer was asked for, and nothing in between the master and the framework. */
function isDecidable(view: HistoryView, { older, newer }: Succession): boolean {
  if (older.masterId === undefined || older.masterId !== newer.masterId) return false;
  if (older.closedSeq < (newer.subscribe?.invokeSeq ?? newer.openedSeq)) return false;
  const untilMs = newer.openedAtMs + view.noticeMs;
  return view.endAtMs > untilMs && view.calm.isCalm(newer.openedAtMs - view.noticeMs, untilMs);
}

function successionProblem(
  view: HistoryView,
  { older, newer }: Succession,
  lastEvents: ReadonlyMap<string, LastEvent>,
): Verdict | undefined {
  const deadlineMs = newer.openedAtMs + view.noticeMs;
  const last = lastEvents.get(older.streamId);
  if (last !== undefined && last.atMs > deadlineMs && view.calm.isCalm(deadlineMs, last.atMs)) {
    return fail(`stream ${older.streamId} of ${older.framework} went on beside a newer one`, [older.openedSeq, newer.openedSeq, last.seq]);
  }
  if (older.closedAtMs <= deadlineMs) return undefined;
  return fail(`stream ${older.streamId} of ${older.framework} was not closed for a newer one`, [older.openedSeq, newer.openedSeq]);
}
