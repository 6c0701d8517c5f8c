/**
 * The default executor, which is a part of the agent: it has no process and hears no events. It lives from its first group until the
 * last of its tasks has ended, and ends sooner when it is told to. What a step brought about is carried out at the end of that
 * step, so that the cause and all that follows from it are written together.
 */

import { isTerminal } from "../../common/task-state.ts";
import { defaultKillGraceMs } from "./config.ts";
import { defaultExecutorEnded } from "./executors.ts";
import { orderKill } from "./kills.ts";
import type { Executor, TaskGroup } from "./state.ts";
import { log, type Turn } from "./turn.ts";

/** Kills what is left of groups that have fallen, and ends default executors that are done. Called at the end of each step. */
export function settleGroups(turn: Turn): void {
  const { groups, executors } = turn.state.unsettled;
  while (groups.size + executors.size > 0) {
    for (const group of [...groups]) {
      groups.delete(group);
      endGroup(turn, group);
    }
    for (const executor of [...executors]) {
      executors.delete(executor);
      if (turn.state.executors.get(executor.key) === executor) settleExecutor(turn, executor);
    }
  }
}

/** Each of them has its own grace. */
function endGroup(turn: Turn, group: TaskGroup): void {
  const live = [...group.tasks].filter((task) => !isTerminal(task.latestState));
  if (live.length > 0) log(turn, "info", "a group of tasks ends", { because: group.fallenBecause ?? "", tasks: live.length });
  for (const task of live) orderKill(turn, task, task.toRun?.killGraceMs ?? defaultKillGraceMs);
}

function settleExecutor(turn: Turn, executor: Executor): void {
  if (executor.phase === "terminating") for (const task of [...executor.tasks]) orderKill(turn, task, graceMs(turn, executor));
  if (executor.tasks.size === 0) defaultExecutorEnded(turn, executor);
}

/** The grace of tasks whose executor is told to end: three seconds, unless the executor itself has less. Source: the reference. */
function graceMs({ state }: Turn, { toRun }: Executor): number {
  return Math.min(defaultKillGraceMs, toRun.shutdownGraceMs ?? state.config.executorShutdownGraceMs);
}
