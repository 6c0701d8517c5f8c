/**
 * A drain that an operator ordered: everything that runs ends, each task with its own grace or the order's, whichever is shorter, and
 * nothing new is taken until the master ends the drain. The order is kept on disk, because what the tasks' frameworks are told of the
 * ends depends on it; the master repeats it at each registration.
 */

import { isTerminal } from "../../common/task-state.ts";
import { drainKey, record } from "./checkpoint.ts";
import { defaultKillGraceMs } from "./config.ts";
import type { Drain } from "./drain-order.ts";
import { shutDownExecutor } from "./executors.ts";
import { orderKill } from "./kills.ts";
import type { Executor, Task } from "./state.ts";
import { log, type Turn } from "./turn.ts";

/** Takes the order, or the same again. */
export function drain(turn: Turn, order: Drain): void {
  const { state } = turn;
  const isNews = state.drain === undefined;
  state.drain = order;
  record(turn, drainKey);
  if (isNews) state.drainStartedWallMs = turn.wallMs;
  if (isNews) log(turn, "info", "draining", { tasks: state.tasks.size, executors: state.executors.size });
  let longestGraceMs = 0;
  for (const task of [...state.tasks.values()]) {
    if (isTerminal(task.latestState)) continue;
    const graceMs = graceOf(task, order);
    longestGraceMs = Math.max(longestGraceMs, graceMs);
    orderKill(turn, task, graceMs);
  }
  // An executor that does not end its tasks ends with them. A repeated order must not put that off: on a link that keeps breaking it
  // comes again and again.
  const escalatesAtMs = turn.nowMs + longestGraceMs + state.config.executorShutdownGraceMs;
  state.drainEscalatesAtMs = Math.min(state.drainEscalatesAtMs ?? escalatesAtMs, escalatesAtMs);
}

/** The master has nothing to drain: tasks are taken again. */
export function endDrain(turn: Turn): void {
  if (turn.state.drain === undefined) return;
  log(turn, "info", "the drain is over");
  turn.state.drain = undefined;
  turn.state.drainStartedWallMs = undefined;
  turn.state.drainEscalatesAtMs = undefined;
  record(turn, drainKey);
}

/** Ends executors that have nothing more to do. Called at the end of each step. */
export function settleDrain(turn: Turn): void {
  const { state } = turn;
  if (state.drain === undefined || state.connection.kind === "terminating") return;
  const isOver = state.drainEscalatesAtMs !== undefined && state.drainEscalatesAtMs <= turn.nowMs;
  if (isOver) state.drainEscalatesAtMs = undefined;
  for (const executor of [...state.executors.values()]) if (isOver || isIdle(executor)) shutDownExecutor(turn, executor);
}

function isIdle({ tasks, phase }: Executor): boolean {
  return tasks.size === 0 && phase !== "recording" && phase !== "launching";
}

/** A task without a policy of its own gets all of the time that the operator gives. Source: Mesos Slave::drain. */
function graceOf(task: Task, { maxGraceMs }: Drain): number {
  const own = task.toRun?.killGraceMs;
  const hasPolicy = task.toRun?.info.killPolicy?.gracePeriod !== undefined;
  if (maxGraceMs === undefined) return own ?? defaultKillGraceMs;
  return hasPolicy && own !== undefined ? Math.min(own, maxGraceMs) : maxGraceMs;
}
