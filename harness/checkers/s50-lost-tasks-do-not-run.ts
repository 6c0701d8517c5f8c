/** S50: a task that drain now announced as lost does not run any more, unless the announcement said that it still lived. */

import type { NodeName } from "../history/event.ts";
import type { ProcessesRecord, TaskRecord, UpdateRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isRemovalNotice, ledgerErrorMs, mayBeBelated, namesAsAlive, onlyLaunch } from "./evidence.ts";

export const lostTasksDoNotRun: Checker = {
  id: "S50",
  title: "a task announced as lost does not run",
  check(view) {
    let evaluated = 0;
    for (const drain of view.drains) {
      // Of an agent that an operator has marked gone tasks are announced in the same way while they still run.
      if (view.orders.mayBeGone(drain.agentId, Number.POSITIVE_INFINITY)) continue;
      const records = view.processes.filter((record) => record.node === drain.node && record.seq > drain.fault.beginSeq);
      // One that died before its id was retired came back with it: what is announced later, something else had lost.
      const backSeq =
        view.registrations.find((one) => one.agentId === drain.agentId && one.seq > drain.life.exitedSeq)?.seq ?? Number.POSITIVE_INFINITY;
      for (const task of view.tasksByAgent.get(drain.agentId) ?? []) {
        if (onlyLaunch(task) === undefined) continue;
        const notice = task.updates.find(
          (one) => isRemovalNotice(one) && one.seq > drain.fault.beginSeq && one.seq < backSeq && one.status.agentId === drain.agentId,
        );
        if (notice === undefined || namesAsAlive(notice)) continue;
        evaluated++;
        const problem = lateSign(view, task, { node: drain.node, notice, records });
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

interface Announcement {
  readonly node: NodeName;
  readonly notice: UpdateRecord;
  readonly records: readonly ProcessesRecord[];
}

function lateSign(view: HistoryView, task: TaskRecord, { node, notice, records }: Announcement): Verdict | undefined {
  const lineFromMs = notice.atMs + ledgerErrorMs(view);
  const line = task.ledger.find((one) => one.node === node && one.seq > notice.seq && one.atMs > lineFromMs);
  if (line !== undefined) return fail(`task ${task.taskId} was announced as lost and ran on`, [notice.seq, line.seq]);
  const seen = records.find(
    (record) =>
      record.seq > notice.seq &&
      record.atMs > notice.atMs + view.epsilonMs &&
      !mayBeBelated(view, record.atMs) &&
      record.live.some((one) => one.frameworkId === task.frameworkId && one.taskId === task.taskId),
  );
  return seen === undefined ? undefined : fail(`task ${task.taskId} was announced as lost and still has a process`, [notice.seq, seen.seq]);
}
