/**
 * S45: in quiet times the leader's books, the agent's own and the processes on its machine name the same tasks. A look at
 * the leader followed by a look at the machines is compared; a task of which anything was heard lately is left out.
 */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import { isCall, type ProcessesRecord, type ShutdownRecord, type SnapshotRecord, type TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, defaultGraceMs, killRequests } from "./evidence.ts";

/** How long a start, or an end beyond the grace of a KILL, may take to be known everywhere; an executor's grace is as long. */
const settleMs = 5_000;

export const booksAgreeInQuiet: Checker = {
  id: "S45",
  title: "leader, agent and machine know the same tasks",
  check(view) {
    const shutdowns = view.calls.filter((call): call is ShutdownRecord => isCall(call, "shutdown"));
    let evaluated = 0;
    let next = 0;
    for (const [index, record] of view.snapshots.entries()) {
      const untilSeq = view.snapshots[index + 1]?.seq ?? Number.POSITIVE_INFINITY;
      while ((view.processes[next]?.seq ?? Number.POSITIVE_INFINITY) < record.seq) next++;
      for (; (view.processes[next]?.seq ?? Number.POSITIVE_INFINITY) < untilSeq; next++) {
        const look = view.processes[next];
        const judged = look === undefined ? undefined : comparison(view, { record, look, shutdowns });
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated += judged.evaluated;
      }
    }
    return pass(evaluated);
  },
};

interface Looks {
  readonly record: SnapshotRecord;
  readonly look: ProcessesRecord;
  readonly shutdowns: readonly ShutdownRecord[];
}

/** Counts the tasks that could be compared; undefined when the agent was not in quiet, or the looks are too far apart. */
function comparison(view: HistoryView, { record, look, shutdowns }: Looks): Verdict | undefined {
  const { snapshot, atMs } = record;
  if (look.atMs > atMs + view.epsilonMs) return undefined;
  const agentId = view.registrations.findLast((one) => one.node === look.node && one.seq < record.seq)?.agentId;
  const quietFromMs = atMs - settleMs - view.noticeMs;
  const quietToMs = look.atMs + view.noticeMs;
  // A fault right at the looks counts as well: the machine may show it before the leader can know.
  if (agentId === undefined || !isAgentCalm(view, agentId, quietFromMs, quietToMs)) return undefined;
  if (!snapshot.agents.some((agent) => agent.agentId === agentId && (agent.active || agent.deactivated === true))) return undefined;
  const told = new Map(
    snapshot.tasks.flatMap((task) => (task.agentId === agentId ? [[taskKey(task.frameworkId, task.taskId), task.state]] : [])),
  );
  const running = new Set(look.live.map(({ frameworkId, taskId }) => taskKey(frameworkId, taskId)));
  const own = look.tasks === undefined ? undefined : new Set(look.tasks.map(({ frameworkId, taskId }) => taskKey(frameworkId, taskId)));
  // What a framework that has ended leaves behind is for S31.
  const frameworks = new Set(snapshot.frameworks.map(({ frameworkId }) => frameworkId));
  let evaluated = 0;
  for (const key of new Set([...told.keys(), ...running, ...(own ?? [])])) {
    const task = view.tasks.get(key);
    if (task === undefined || !frameworks.has(task.frameworkId) || !isSettled(task, shutdowns, quietFromMs, quietToMs)) continue;
    // Of one that runs there is no end that could wait behind another update.
    if (!running.has(key) && !isHeard(view, task, quietFromMs, quietToMs)) continue;
    evaluated++;
    const state = told.get(key);
    const isLive = state !== undefined && !isTerminal(state as TaskState);
    const problem = disagreement({ isLive, isRunning: running.has(key), isOwn: own?.has(key) ?? isLive });
    if (problem !== undefined) return fail(`task ${task.taskId} on ${look.node}: ${problem}`, [record.seq, look.seq]);
  }
  return evaluated === 0 ? undefined : pass(evaluated);
}

function disagreement({ isLive, isRunning, isOwn }: { isLive: boolean; isRunning: boolean; isOwn: boolean }): string | undefined {
  if (isLive && !isOwn) return "it lives for the leader, and its agent does not have it";
  if (!isLive && isOwn) return "its agent has it, and it does not live for the leader";
  if (isLive && !isRunning) return "it lives for the leader and its agent, and has no process";
  if (!isLive && isRunning) return "it has a process, and does not live for the leader";
  return undefined;
}

/**
 * The framework listened all the time between the two instants. While it is away its updates are not acknowledged, though the history
 * shows none that waits, and what came after them is told with the next retry only.
 */
function isHeard(view: HistoryView, task: TaskRecord, fromMs: number, toMs: number): boolean {
  const name = task.launches[0]?.call.framework;
  const streams = name === undefined ? [] : (view.frameworks.get(name)?.streams ?? []);
  return streams.some((stream) => stream.frameworkId === task.frameworkId && stream.openedAtMs < fromMs && stream.closedAtMs > toMs);
}

/**
 * Nothing was asked of it, heard of it or written by it between the two instants but beats, so that it neither starts nor
 * ends then; and no update waits for its acknowledgement, which would hold back what came after it.
 */
function isSettled(task: TaskRecord, shutdowns: readonly ShutdownRecord[], fromMs: number, toMs: number): boolean {
  const { launches, updates, acknowledgements, ledger } = task;
  const kills = killRequests(task);
  const acknowledged = acknowledgedAtMs(task);
  if (acknowledged === undefined || acknowledged > fromMs) return false;
  const isWithin = (atMs: number): boolean => atMs >= fromMs && atMs <= toMs;
  const ends = shutdowns.filter(({ body, frameworkId }) => frameworkId === task.frameworkId && body.executorId === launches[0]?.executorId);
  const calls = [...launches.map(({ call }) => call), ...kills, ...acknowledgements];
  return !(
    calls.some(({ invokeAtMs, outcomeAtMs }) => invokeAtMs <= toMs && outcomeAtMs >= fromMs) ||
    ends.some(({ invokeAtMs, outcomeAtMs }) => invokeAtMs <= toMs && outcomeAtMs + settleMs >= fromMs) ||
    updates.some(({ atMs }) => isWithin(atMs)) ||
    ledger.some(({ line, atMs }) => line !== "beat" && isWithin(atMs)) ||
    kills.some(({ outcomeAtMs, body }) => outcomeAtMs + (body.graceMs ?? defaultGraceMs) >= fromMs && outcomeAtMs <= toMs)
  );
}
