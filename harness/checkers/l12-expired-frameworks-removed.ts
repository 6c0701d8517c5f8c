/** L12: a framework that stayed away for longer than its failover timeout is removed, and cannot come back. */

import type { FrameworkRecord, StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { firstIndexFrom } from "./evidence.ts";

export const expiredFrameworksRemoved: Checker = {
  id: "L12",
  title: "expired frameworks are removed",
  check(view) {
    let evaluated = 0;
    for (const framework of view.frameworks.values()) {
      for (const stream of framework.streams) {
        const judged = expiryVerdict(view, framework, stream);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

/** Undefined when the stream's end, or a later SUBSCRIBE, leaves open whether the time ran out. */
function expiryVerdict(view: HistoryView, framework: FrameworkRecord, stream: StreamLife): Verdict | undefined {
  const { frameworkId, closedAtMs, subscribe } = stream;
  if (frameworkId === undefined || subscribe === undefined || !Number.isFinite(closedAtMs)) return undefined;
  const expiredAtMs = closedAtMs + subscribe.body.failoverTimeoutMs + view.noticeMs;
  const next = framework.subscribes.find((call) => call.invokeSeq > subscribe.invokeSeq);
  const nextAtMs = next?.invokeAtMs ?? Number.POSITIVE_INFINITY;
  if (nextAtMs <= expiredAtMs) return undefined;
  const snapshot = view.snapshots[firstIndexFrom(view.snapshots, expiredAtMs + view.noticeMs)];
  if (snapshot !== undefined && snapshot.atMs < nextAtMs && view.calm.isCalm(closedAtMs - view.noticeMs, snapshot.atMs)) {
    const listed = snapshot.snapshot.frameworks.some((one) => one.frameworkId === frameworkId);
    if (listed) return fail(`framework ${frameworkId} is listed after its failover timeout`, [stream.closedSeq, snapshot.seq]);
    return pass(1);
  }
  const back = framework.streams.find((one) => one.subscribe === next && one.frameworkId === frameworkId);
  if (next === undefined || !view.calm.isCalm(closedAtMs - view.noticeMs, back?.openedAtMs ?? nextAtMs)) return undefined;
  if (back === undefined) return pass(1);
  return fail(`framework ${frameworkId} came back after its failover timeout`, [stream.closedSeq, next.invokeSeq, back.openedSeq]);
}
