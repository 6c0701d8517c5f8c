/**
 * S55: the tasks of a group are launched together or not at all, and in the agent's own executor they fall together: once one of them
 * ended in another way than TASK_FINISHED, the others end within their grace.
 */

import type { AcceptRecord, TaskRecord, UpdateRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isAgentCalm, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { effectSeq, isReliable, onlyLaunch } from "./evidence.ts";

/** The workload's tasks name no grace of their own. */
const killGraceMs = 3_000;
/** How long the end of a process may take to be noticed, written down and acted upon. */
const endMaxMs = 2_000;

export const groupsFallTogether: Checker = {
  id: "S55",
  title: "the tasks of a group start and fall together",
  check(view) {
    let evaluated = 0;
    for (const call of view.calls) {
      if (!isCall(call, "accept") || call.body.group === undefined) continue;
      const members = membersOf(view, call);
      const problem = partProblem(members);
      if (problem !== undefined) return problem;
      if (members.length > 1) evaluated++;
      const judged = call.body.group.isDefault ? fallVerdict(view, members) : undefined;
      if (judged?.kind === "fail") return judged;
    }
    return pass(evaluated);
  },
};

/** Those of which the history has all, and no other launch. */
function membersOf(view: HistoryView, { frameworkId, body }: AcceptRecord): readonly TaskRecord[] {
  return body.tasks.flatMap(({ taskId }) => {
    const task = view.tasks.get(taskKey(frameworkId ?? "", taskId));
    return task === undefined || onlyLaunch(task) === undefined ? [] : [task];
  });
}

/** Some were refused, others launched. */
function partProblem(members: readonly TaskRecord[]): Verdict | undefined {
  const refusal = firstUpdate(members, ({ status }) => status.state === "TASK_ERROR");
  const launched = members.find((task) => effectSeq(task) !== undefined);
  const seq = launched === undefined ? undefined : effectSeq(launched);
  if (refusal === undefined || launched === undefined || seq === undefined) return undefined;
  return fail(`task ${launched.taskId} was launched and its group was refused`, [refusal.seq, seq]);
}

/** One fell, and another one went on. */
function fallVerdict(view: HistoryView, members: readonly TaskRecord[]): Verdict | undefined {
  const fall = firstUpdate(members, (update) => update.terminal && isReliable(update) && update.status.state !== "TASK_FINISHED");
  if (fall === undefined) return undefined;
  const overMs = fall.atMs + killGraceMs + endMaxMs + view.noticeMs;
  for (const task of members) {
    const agentId = onlyLaunch(task)?.agentId ?? "";
    const life = signsOfLife(view, task).find(({ atMs }) => atMs > overMs);
    if (life === undefined || !isAgentCalm(view, agentId, fall.atMs - view.noticeMs, life.atMs)) continue;
    return fail(`task ${task.taskId} lives on, and task ${fall.status.taskId} of its group is ${fall.status.state}`, [fall.seq, life.seq]);
  }
  return undefined;
}

/** In order. A process that beats, or that the operating system shows. */
function signsOfLife(view: HistoryView, task: TaskRecord): readonly { readonly seq: number; readonly atMs: number }[] {
  const shown = view.processes.filter(({ live }) =>
    live.some(({ frameworkId, taskId }) => frameworkId === task.frameworkId && taskId === task.taskId),
  );
  return [...task.ledger.filter(({ line }) => line === "beat"), ...shown];
}

function firstUpdate(members: readonly TaskRecord[], isWanted: (update: UpdateRecord) => boolean): UpdateRecord | undefined {
  const found = members.flatMap(({ updates }) => updates.find(isWanted) ?? []);
  return found.sort((left, right) => left.seq - right.seq)[0];
}
