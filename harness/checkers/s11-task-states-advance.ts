/** S11: a task's states only advance, a terminal state is final, and each state comes from one who may say so. */

import type { TaskRecord, UpdateRecord } from "../history/records.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isDisconnectionNotice, isPartitionAware, isReconciliation, isReliable, onlyLaunch } from "./evidence.ts";

const ranks: ReadonlyMap<string, number> = new Map([
  ["TASK_STAGING", 0],
  ["TASK_STARTING", 1],
  ["TASK_RUNNING", 2],
  ["TASK_KILLING", 3],
]);
const terminalRank = 4;

/** What only a framework with PARTITION_AWARE is told. */
const partitionStates: ReadonlySet<string> = new Set([
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
]);

export const taskStatesAdvance: Checker = {
  id: "S11",
  title: "task states advance and end",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      if (task.updates.length === 0) continue;
      evaluated++;
      const problem = wordingProblem(task) ?? (onlyLaunch(task) === undefined ? undefined : orderProblem(task));
      if (problem !== undefined) return problem;
    }
    return pass(evaluated);
  },
};

function wordingProblem(task: TaskRecord): Verdict | undefined {
  for (const update of task.updates) {
    const { state, source, uuid } = update.status;
    if (partitionStates.has(state) && isPartitionAware(update.stream) === false) {
      return fail(`task ${task.taskId} of a framework that is not partition aware is said to be ${state}`, [update.seq]);
    }
    if (uuid !== undefined && (state === "TASK_UNREACHABLE" || state === "TASK_UNKNOWN" || state === "TASK_STAGING")) {
      return fail(`task ${task.taskId} is ${state} by an update to acknowledge, which nobody may say`, [update.seq]);
    }
    if (uuid === undefined && source !== undefined && source !== "SOURCE_MASTER") {
      return fail(`task ${task.taskId} is ${state} by ${source} in an update that nobody retries`, [update.seq]);
    }
  }
  return undefined;
}

/** Judges first sights only: updates repeat, and answers to reconciliation repeat them once more. */
function orderProblem(task: TaskRecord): Verdict | undefined {
  let highest: { update: UpdateRecord; rank: number } | undefined;
  let terminal: UpdateRecord | undefined;
  const seen = new Set<string>();
  for (const update of task.updates) {
    const { state, uuid } = update.status;
    if (isReconciliation(update) || (uuid !== undefined && seen.has(uuid))) continue;
    if (uuid !== undefined) seen.add(uuid);
    const rank = update.terminal ? terminalRank : (ranks.get(state) ?? -1);
    if (terminal !== undefined && isRevival(terminal, update, rank)) {
      return fail(`task ${task.taskId} was ${terminal.status.state} and is ${state} again`, [terminal.seq, update.seq]);
    }
    if (isReliable(update) && highest !== undefined && (rank < highest.rank || highest.rank === terminalRank)) {
      return fail(`task ${task.taskId} went from ${highest.update.status.state} back to ${state}`, [highest.update.seq, update.seq]);
    }
    if (isReliable(update) && rank >= 0) highest = { update, rank };
    if (update.terminal) terminal ??= update;
  }
  return undefined;
}

/**
 * For a framework that is not partition aware, LOST may mean unreachable, and the task may be heard of once more; likewise when its agent
 * lost the link and the framework does not checkpoint.
 */
function isRevival(terminal: UpdateRecord, update: UpdateRecord, rank: number): boolean {
  if (update.terminal || rank < 0) return false;
  if (isDisconnectionNotice(terminal)) return false;
  return terminal.status.state !== "TASK_LOST" || isPartitionAware(terminal.stream) === true;
}
