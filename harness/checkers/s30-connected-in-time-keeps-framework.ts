/** S30: a framework that is connected, or disconnected for less than its failover timeout since the last time, is not removed. */

import type { FrameworkRecord, StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { firstIndexFrom } from "./evidence.ts";

/** What a master says to one whose framework it removed. */
const removedPattern = /remov|complet|failover|torn|timed? ?out|expired/i;

export const connectedInTimeKeepsFramework: Checker = {
  id: "S30",
  title: "a framework that comes back in time is kept",
  check(view) {
    let evaluated = 0;
    for (const framework of view.frameworks.values()) {
      for (const stream of framework.streams) {
        const { frameworkId } = stream;
        if (frameworkId === undefined || view.tornDown.has(frameworkId)) continue;
        if (Number.isFinite(stream.closedSeq)) evaluated++;
        const problem = snapshotProblem(view, framework, stream, frameworkId) ?? refusalProblem(view, framework, stream);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

/** Until when the framework's place is surely kept, counted from this stream's end. */
function keptUntilMs(view: HistoryView, stream: StreamLife): number {
  const timeoutMs = stream.subscribe?.body.failoverTimeoutMs ?? 0;
  return stream.closedAtMs + timeoutMs - view.noticeMs;
}

/** The same master must list the framework while it is connected and until its timeout; a later SUBSCRIBE has a timeout of its own. */
function snapshotProblem(view: HistoryView, framework: FrameworkRecord, stream: StreamLife, frameworkId: string): Verdict | undefined {
  const untilMs = keptUntilMs(view, stream);
  const nextSeq = framework.subscribes.find((call) => call.invokeSeq > stream.openedSeq)?.invokeSeq ?? Number.POSITIVE_INFINITY;
  for (let index = firstIndexFrom(view.snapshots, stream.openedAtMs + view.noticeMs); index < view.snapshots.length; index++) {
    const record = view.snapshots[index];
    if (record === undefined || record.seq > nextSeq || record.atMs >= untilMs) break;
    const { seq, atMs, snapshot } = record;
    if (snapshot.masterId !== stream.masterId || snapshot.frameworks.some((one) => one.frameworkId === frameworkId)) continue;
    if (!view.calm.isCalm(Math.min(stream.closedAtMs, atMs) - view.noticeMs, atMs)) continue;
    return fail(`framework ${frameworkId} is gone before its failover timeout`, [stream.openedSeq, stream.closedSeq, seq]);
  }
  return undefined;
}

/** The framework was told that it is removed, on this stream or when it came back in time. */
function refusalProblem(view: HistoryView, framework: FrameworkRecord, stream: StreamLife): Verdict | undefined {
  const removal = stream.errors.find((error) => removedPattern.test(error.message));
  if (removal !== undefined && !framework.subscribes.some((call) => call.invokeSeq > stream.openedSeq && call.invokeSeq < removal.seq)) {
    return fail(`framework ${stream.frameworkId} was removed while it was connected`, [stream.openedSeq, removal.seq]);
  }
  const next = framework.streams.find((one) => one.openedSeq > stream.closedSeq);
  if (next === undefined || next.frameworkId !== undefined || next.subscribe?.body.frameworkId !== stream.frameworkId) return undefined;
  const error = next.errors[0];
  if (error === undefined || error.atMs >= keptUntilMs(view, stream) || !removedPattern.test(error.message)) return undefined;
  if (wasMasterSilent(view, stream.openedAtMs, error.atMs)) return undefined;
  return fail(`framework ${stream.frameworkId} came back in time and was refused`, [stream.closedSeq, error.seq]);
}

/** A stream to a master that stands still looks open while a new leader already counts the time without one. */
function wasMasterSilent(view: HistoryView, fromMs: number, untilMs: number): boolean {
  return view.faults.some(
    ({ name, target, beginAtMs, endAtMs }) =>
      /^(pause|cut)/.test(name) && target.startsWith("master") && beginAtMs <= untilMs && endAtMs >= fromMs,
  );
}
