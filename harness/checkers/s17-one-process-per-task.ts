/** S17: a task has at most one live process, and each launch starts at most one. Processes are those that wrote a start line. */

import { isMasterNode } from "../history/calm.ts";
import type { TaskRecord } from "../history/records.ts";
import { type HistoryView, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

interface ProcessLife {
  readonly process: string;
  readonly startSeq: number;
  readonly startAtMs: number;
  lastSeq: number;
  lastAtMs: number;
}

export const oneProcessPerTask: Checker = {
  id: "S17",
  title: "a task has at most one process",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      if (task.ledger.length === 0) continue;
      evaluated++;
      const problem = processesProblem(view, task);
      if (problem !== undefined) return problem;
    }
    return liveTwiceProblem(view) ?? pass(evaluated);
  },
};

function processLives(task: TaskRecord): ProcessLife[] {
  const lives = new Map<string, ProcessLife>();
  for (const { line, process, seq, atMs } of task.ledger) {
    const life = lives.get(process);
    if (life !== undefined) {
      life.lastSeq = seq;
      life.lastAtMs = atMs;
    } else if (line === "start") lives.set(process, { process, startSeq: seq, startAtMs: atMs, lastSeq: seq, lastAtMs: atMs });
  }
  return [...lives.values()];
}

function processesProblem(view: HistoryView, task: TaskRecord): Verdict | undefined {
  const lives = processLives(task);
  if (!view.frameworkNames.has(task.frameworkId)) return undefined;
  const launches = task.launches.filter((launch) => launch.call.outcome !== "fail");
  if (lives.length > launches.length) {
    const events = [...launches.map((launch) => launch.call.invokeSeq), ...lives.map((life) => life.startSeq)];
    return fail(`task ${task.taskId} was launched ${launches.length} times and started ${lives.length} times`, events);
  }
  let previous: ProcessLife | undefined;
  for (const life of lives) {
    if (previous !== undefined && previous.lastAtMs > life.startAtMs + view.epsilonMs && !masterChanged(view, previous, life)) {
      return fail(`task ${task.taskId} had two processes at once`, [previous.startSeq, life.startSeq, previous.lastSeq]);
    }
    if (previous === undefined || life.lastAtMs > previous.lastAtMs) previous = life;
  }
  return undefined;
}

/** A new master does not know the tasks of agents that are not back yet, so it cannot refuse a second launch of their ids. */
function masterChanged(view: HistoryView, first: ProcessLife, second: ProcessLife): boolean {
  for (const [node, lives] of view.lives) {
    if (isMasterNode(node) && lives.some((life) => life.startedSeq > first.startSeq && life.startedSeq < second.startSeq)) return true;
  }
  return false;
}

function liveTwiceProblem(view: HistoryView): Verdict | undefined {
  for (const { seq, live } of view.processes) {
    const counts = new Map<string, Set<string>>();
    for (const { frameworkId, taskId, process } of live) {
      const key = taskKey(frameworkId, taskId);
      const started = view.tasks.get(key)?.ledger.some((line) => line.line === "start" && line.process === process) ?? false;
      if (!started) continue;
      const processes = counts.get(key) ?? new Set();
      counts.set(key, processes.add(process));
      if (processes.size > 1) return fail(`task ${taskId} has ${processes.size} live processes on one machine`, [seq]);
    }
  }
  return undefined;
}
