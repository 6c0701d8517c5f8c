/** What the checkers of maintenance conclude from the same records: when something was sent, which windows it may tell of. */

import type { UnavailabilityJson } from "../history/maintenance-json.ts";
import type { InverseAnswerRecord, InverseOfferRecord, StreamLife } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";

/** The earliest instant at which what came on a stream at `atMs` may have been sent. */
export function sentFromMs(view: HistoryView, stream: StreamLife, atMs: number): number {
  const fromMs = atMs - view.noticeMs;
  return view.calm.isCalm(fromMs, atMs) ? fromMs : (stream.subscribe?.invokeAtMs ?? Number.NEGATIVE_INFINITY);
}

/** The windows that the agent's machine may have had when this was sent; undefined when nobody knows where the agent is. */
export function windowsWhenSent(
  view: HistoryView,
  { agentId, stream, atMs }: { readonly agentId: string; readonly stream: StreamLife; readonly atMs: number },
): readonly (UnavailabilityJson | undefined)[] | undefined {
  const place = view.placeOf(agentId);
  return place === undefined ? undefined : view.machines.windows(place, sentFromMs(view, stream, atMs), atMs);
}

/** The answer that counts: the first that was not refused. */
export function firstAnswer({ answers }: InverseOfferRecord): InverseAnswerRecord | undefined {
  return answers.find(({ outcome }) => outcome !== "fail");
}

/** Mesos: absent or negative means the default, and none lasts longer than a year. */
const defaultRefuseSeconds = 5;
const refuseSecondsMax = 365 * 24 * 3_600;

/** How long an answer keeps the next inverse offer away. */
export function refuseMsOf({ body: { refuseSeconds = defaultRefuseSeconds } }: InverseAnswerRecord): number {
  return 1_000 * (refuseSeconds < 0 ? defaultRefuseSeconds : Math.min(refuseSeconds, refuseSecondsMax));
}

/** For people. */
export function describeWindow(window: UnavailabilityJson | undefined): string {
  if (window === undefined) return "no window";
  const { startAtMs, durationMs } = window;
  return durationMs === undefined ? `a window from ${startAtMs} ms` : `a window from ${startAtMs} ms for ${durationMs} ms`;
}
