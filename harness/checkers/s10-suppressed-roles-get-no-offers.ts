/** S10: a role that is suppressed gets no new offers until it is revived, while updates and failures still come. */

import type { CallRecord, FrameworkRecord, OfferRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";

export const suppressedRolesGetNoOffers: Checker = {
  id: "S10",
  title: "suppressed roles get no offers",
  check(view) {
    let evaluated = 0;
    for (const framework of view.frameworks.values()) {
      const suppressing = framework.calls.filter((call) => call.outcome === "ok" && isSuppressing(call));
      evaluated += suppressing.length;
      if (suppressing.length === 0) continue;
      for (const offer of view.offers) {
        if (offer.stream.framework !== framework.name) continue;
        const suppress = suppressing.find((call) => forbids(view, framework, { suppress: call, offer }));
        if (suppress === undefined) continue;
        return fail(`role ${offer.role} of ${framework.name} is suppressed and was offered ${offer.offerId}`, [
          suppress.invokeSeq,
          suppress.outcomeSeq,
          offer.seq,
        ]);
      }
    }
    return pass(evaluated);
  },
};

function isSuppressing(call: CallRecord): boolean {
  return isCall(call, "suppress") || (isCall(call, "updateFramework") && call.body.suppressedRoles.length > 0);
}

/** Whether this call rules the offer out: same stream, the role named, time enough since, and nothing that may have undone it. */
function forbids(
  view: HistoryView,
  framework: FrameworkRecord,
  { suppress, offer }: { suppress: CallRecord; offer: OfferRecord },
): boolean {
  if (offer.stream.streamId !== suppress.streamId || offer.atMs <= suppress.outcomeAtMs + view.noticeMs) return false;
  if (!isNamed(suppress, offer.role) || !view.calm.isCalm(suppress.invokeAtMs, offer.atMs)) return false;
  return !framework.calls.some(
    (call) =>
      call !== suppress &&
      (isCall(call, "revive") || isCall(call, "updateFramework")) &&
      call.outcome !== "fail" &&
      call.invokeSeq < offer.seq &&
      call.outcomeSeq > suppress.invokeSeq,
  );
}

function isNamed(call: CallRecord, role: string): boolean {
  if (isCall(call, "suppress")) return call.body.roles.length === 0 || call.body.roles.includes(role);
  return isCall(call, "updateFramework") && call.body.suppressedRoles.includes(role);
}
