/** S08: the tasks that an ACCEPT launched fit into the offers that it named. */

import type { AcceptRecord, TaskRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, taskKey } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { effectSeq, onlyLaunch } from "./evidence.ts";
import { ResourceSum } from "./resource-sum.ts";

export const launchesFitOffers: Checker = {
  id: "S08",
  title: "launched tasks fit into the offers named",
  check(view) {
    let evaluated = 0;
    for (const call of view.calls) {
      if (!isCall(call, "accept") || call.body.tasks.length === 0) continue;
      const offered = offeredTo(view, call);
      const tasks = effectiveTasks(view, call);
      if (offered === undefined || tasks.length === 0) continue;
      evaluated++;
      const used = ResourceSum.of(...tasks.map((task) => onlyLaunch(task)?.resources ?? []));
      const excess = offered.excess(used);
      if (excess === undefined) continue;
      const names = tasks.map((task) => task.taskId).join(", ");
      const events = [call.invokeSeq, ...tasks.map((task) => effectSeq(task) ?? call.invokeSeq)];
      return fail(`tasks ${names} were launched with more than was offered: ${excess}`, events);
    }
    return pass(evaluated);
  },
};

/** Undefined when an offer was not seen by the client, so that its size is not known. */
function offeredTo(view: HistoryView, call: AcceptRecord): ResourceSum | undefined {
  const sum = new ResourceSum();
  for (const offerId of new Set(call.body.offerIds)) {
    const offer = view.offersById.get(offerId)?.[0];
    if (offer === undefined) return undefined;
    sum.add(offer.resources);
  }
  return sum;
}

function effectiveTasks(view: HistoryView, call: AcceptRecord): TaskRecord[] {
  if (call.frameworkId === undefined) return [];
  const tasks: TaskRecord[] = [];
  for (const { taskId } of call.body.tasks) {
    const task = view.tasks.get(taskKey(call.frameworkId, taskId));
    if (task !== undefined && onlyLaunch(task) !== undefined && effectSeq(task) !== undefined) tasks.push(task);
  }
  return tasks;
}
