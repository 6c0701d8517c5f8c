/** S33: what may not change in a FrameworkInfo refuses the UPDATE_FRAMEWORK, and then nothing of it holds. */

import type { CallRecord, FrameworkRecord, SnapshotRecord, SubscribeRecord, UpdateFrameworkRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const forbiddenChangesRefusedWhole: Checker = {
  id: "S33",
  title: "forbidden changes of a framework are refused whole",
  check(view) {
    let evaluated = 0;
    for (const framework of view.frameworks.values()) {
      for (const call of framework.calls) {
        if (!isCall(call, "updateFramework") || (call.outcome !== "ok" && call.outcome !== "fail")) continue;
        if (call.outcome === "fail" || call.body.forbidden !== undefined) evaluated++;
        if (call.outcome === "fail" || call.body.forbidden === undefined) continue;
        return fail(`an UPDATE_FRAMEWORK that changes the ${call.body.forbidden} was taken`, [call.invokeSeq, call.outcomeSeq]);
      }
      const problem = rolesProblem(view, framework);
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

type SettingsRecord = SubscribeRecord | UpdateFrameworkRecord;

/** The roles that the leader lists are those of the last call that was taken, or of one that may have come after it. */
function rolesProblem(view: HistoryView, framework: FrameworkRecord): Verdict | undefined {
  const refused = framework.calls.filter((call) => isCall(call, "updateFramework") && call.outcome === "fail");
  const firstRefused = refused[0];
  if (firstRefused === undefined) return undefined;
  const calls = framework.calls.filter((call): call is SettingsRecord => setsRoles(call) && call.outcome !== "fail");
  for (const record of view.snapshots) {
    if (record.seq < firstRefused.outcomeSeq) continue;
    for (const { frameworkId, roles } of record.snapshot.frameworks) {
      if (view.frameworkNames.get(frameworkId) !== framework.name || roles === undefined) continue;
      const last = lastTaken(view, calls, record);
      if (last === undefined || sharesRoles(roles, calls, { last, record })) continue;
      const blamed = refused.findLast((call) => call.outcomeSeq < record.seq);
      return fail(`framework ${frameworkId} has roles ${roles.join(", ")}, which no call that was taken gave it`, [
        last.invokeSeq,
        blamed?.invokeSeq ?? Number.NaN,
        record.seq,
      ]);
    }
  }
  return undefined;
}

function setsRoles(call: CallRecord): boolean {
  return isCall(call, "subscribe") || isCall(call, "updateFramework");
}

/** Undefined when nothing was surely taken in the eyes of the leader that was asked. */
function lastTaken(view: HistoryView, calls: readonly SettingsRecord[], { atMs }: SnapshotRecord): SettingsRecord | undefined {
  const last = calls.findLast((call) => call.outcome === "ok" && call.outcomeAtMs + view.noticeMs < atMs);
  return last !== undefined && view.calm.isCalm(last.invokeAtMs - view.noticeMs, atMs) ? last : undefined;
}

function sharesRoles(
  roles: readonly string[],
  calls: readonly SettingsRecord[],
  { last, record }: { last: SettingsRecord; record: SnapshotRecord },
): boolean {
  const said = [...roles].sort().join(",");
  const possible = calls.filter(
    (call) => call === last || (call.invokeSeq < record.seq && (call.outcome !== "ok" || call.outcomeSeq > last.invokeSeq)),
  );
  return possible.some((call) => [...call.body.roles].sort().join(",") === said);
}
