/** S32: a stream begins with SUBSCRIBED or ERROR, and while it is up it carries each offer that the leader has out for its framework. */

import type { SnapshotRecord, StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const streamsCarryEverything: Checker = {
  id: "S32",
  title: "streams begin well and lose nothing",
  check(view) {
    for (const { streamId, firstKind, openedSeq } of view.streams) {
      if (firstKind !== "subscribed" && firstKind !== "error") return fail(`stream ${streamId} begins with ${firstKind}`, [openedSeq]);
    }
    const current = new Map<string, StreamLife[]>();
    for (const stream of view.streams) {
      if (stream.frameworkId === undefined) continue;
      const own = current.get(stream.frameworkId);
      if (own === undefined) current.set(stream.frameworkId, [stream]);
      else own.push(stream);
    }
    for (const record of view.snapshots) {
      const problem = lossProblem(view, record, current);
      if (problem !== undefined) return problem;
    }
    return pass(view.streams.length);
  },
};

function lossProblem(
  view: HistoryView,
  { seq, atMs, snapshot }: SnapshotRecord,
  streams: ReadonlyMap<string, readonly StreamLife[]>,
): Verdict | undefined {
  const deadlineMs = atMs + view.noticeMs;
  for (const { offerId, frameworkId } of snapshot.offers) {
    if (view.offersById.has(offerId)) continue;
    const stream = streams.get(frameworkId)?.findLast((one) => one.openedSeq < seq);
    const isSame = stream !== undefined && stream.masterId === snapshot.masterId && stream.closedAtMs > deadlineMs;
    if (!isSame || view.endAtMs < deadlineMs || !view.calm.isCalm(atMs - view.noticeMs, deadlineMs)) continue;
    return fail(`offer ${offerId} is out and never came on stream ${stream.streamId}`, [stream.openedSeq, seq]);
  }
  return undefined;
}
