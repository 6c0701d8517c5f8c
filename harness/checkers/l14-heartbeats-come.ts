/** L14: a stream carries a heartbeat at least every two intervals. */

import type { StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const heartbeatsCome: Checker = {
  id: "L14",
  title: "heartbeats come in time",
  check(view) {
    let evaluated = 0;
    for (const stream of view.streams) {
      const problem = gapProblem(view, stream);
      if (problem !== undefined) return problem;
      evaluated += stream.beats.length > 1 ? 1 : 0;
    }
    return pass(evaluated);
  },
};

function gapProblem(view: HistoryView, stream: StreamLife): Verdict | undefined {
  const { beats, heartbeatIntervalMs } = stream;
  if (heartbeatIntervalMs === undefined) return undefined;
  const boundMs = 2 * heartbeatIntervalMs + view.epsilonMs;
  const endAtMs = Math.min(stream.closedAtMs, view.endAtMs);
  for (const [index, beat] of beats.entries()) {
    const nextAtMs = beats[index + 1]?.atMs ?? endAtMs;
    if (nextAtMs - beat.atMs <= boundMs || !view.calm.isCalm(beat.atMs, beat.atMs + boundMs)) continue;
    return fail(`stream ${stream.streamId} carried no heartbeat for ${nextAtMs - beat.atMs} ms`, [beat.seq, beats[index + 1]?.seq ?? -1]);
  }
  return undefined;
}
