/** S35: an inverse offer is for the window that its agent's machine has, and goes to a framework that has something there. */

import { isSameWindow } from "../history/machine-times.ts";
import type { AcceptRecord, InverseOfferRecord, TaskRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, taskKey } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { describeWindow, windowsWhenSent } from "./window-evidence.ts";

export const inverseOffersAskHolders: Checker = {
  id: "S35",
  title: "inverse offers ask those who hold something",
  check(view) {
    if (view.inverseOffers.length === 0) return pass(0);
    const accepts = acceptsByHolder(view);
    for (const inverseOffer of view.inverseOffers) {
      const { inverseOfferId, agentId, unavailability, seq, stream } = inverseOffer;
      const possible = windowsWhenSent(view, inverseOffer);
      if (possible !== undefined && !possible.some((window) => isSameWindow(window, unavailability))) {
        const told = possible.map(describeWindow).join(" or ");
        return fail(`inverse offer ${inverseOfferId} is for ${describeWindow(unavailability)}, its machine has ${told}`, [seq]);
      }
      const own = accepts.get(holderKey(stream.framework, agentId)) ?? [];
      if (hasOffer(view, inverseOffer) || own.some((accept) => mayHold(view, accept, inverseOffer))) continue;
      return fail(`${stream.framework} has nothing on agent ${agentId}, and is asked to return it by ${inverseOfferId}`, [seq]);
    }
    return pass(view.inverseOffers.length);
  },
};

function holderKey(framework: string, agentId: string): string {
  return `${framework}\u0000${agentId}`;
}

function acceptsByHolder(view: HistoryView): Map<string, AcceptRecord[]> {
  const accepts = new Map<string, AcceptRecord[]>();
  for (const call of view.calls) {
    if (!isCall(call, "accept") || call.outcome === "fail") continue;
    const offers = call.body.offerIds.flatMap((offerId) => view.offersById.get(offerId) ?? []);
    for (const agentId of new Set([...offers.map((offer) => offer.agentId), ...call.body.tasks.map((task) => task.agentId)])) {
      const key = holderKey(call.framework, agentId);
      accepts.get(key)?.push(call) ?? accepts.set(key, [call]);
    }
  }
  return accepts;
}

/**
 * Offers come before the inverse offers of the same run, and what is taken back is so before them, on the same stream. Another framework's
 * call that names the offer is answered, but takes nothing.
 */
function hasOffer(view: HistoryView, { agentId, stream, seq, atMs }: InverseOfferRecord): boolean {
  return (view.offersByAgent.get(agentId) ?? []).some((offer) => {
    if (offer.stream !== stream || offer.seq > seq || offer.rescindedSeq < seq) return false;
    return !offer.uses.some((use) => use.framework === stream.framework && use.outcome === "ok" && use.outcomeAtMs + view.noticeMs < atMs);
  });
}

/** False only when all that was launched by the call has ended, and the end was acknowledged, some time before. */
function mayHold(view: HistoryView, call: AcceptRecord, { seq, atMs }: InverseOfferRecord): boolean {
  if (call.invokeSeq > seq) return false;
  const { operations = [], tasks, group } = call.body;
  if (call.outcome !== "ok" || operations.length > 0 || group !== undefined) return true;
  return tasks.some(({ taskId, executorId }) => {
    const task = view.tasks.get(taskKey(call.frameworkId ?? "", taskId));
    return executorId !== undefined || task === undefined || !isOver(task, atMs - view.noticeMs);
  });
}

function isOver(task: TaskRecord, beforeMs: number): boolean {
  if (task.launches.length !== 1) return false;
  return task.updates.some(
    ({ terminal, status: { uuid } }) =>
      terminal &&
      uuid !== undefined &&
      task.acknowledgements.some((call) => call.body.uuid === uuid && call.outcome === "ok" && call.outcomeAtMs < beforeMs),
  );
}
