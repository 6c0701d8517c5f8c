/**
 * L05: a KILL that was obeyed, of the framework or of an operator, leads to a terminal update after the grace; a framework's for an
 * unknown task is answered.
 */

import type { KillOrderRecord, KillRecord, LaunchRecord, StreamLife, TaskRecord } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { acknowledgedAtMs, areAgentsSettled, defaultGraceMs, effectSeq, isReconciliation, onlyLaunch } from "./evidence.ts";

/** How long the processes may take to go after the signal, and the end to be written down. */
const endMaxMs = 2_000;

export const killsAreAnswered: Checker = {
  id: "L05",
  title: "kills are answered",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      for (const kill of task.kills) {
        const judged = task.launches.length === 0 ? unknownVerdict(view, task, kill) : knownVerdict(view, task, kill);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
      for (const order of task.killOrders) {
        const judged = orderVerdict(view, task, order);
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

function knownVerdict(view: HistoryView, task: TaskRecord, kill: KillRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const stream = streamOf(view, kill);
  if (launch === undefined || stream === undefined || kill.outcome !== "ok") return undefined;
  // Calls side by side may be obeyed in either order; a wrong agent id makes a KILL void.
  if (launch.call.outcome !== "ok" || launch.call.outcomeSeq > kill.invokeSeq) return undefined;
  if (kill.body.agentId !== undefined && kill.body.agentId !== launch.agentId) return undefined;
  // A refusal of the launch may have got lost with an earlier stream; then the KILL names an unknown task.
  if (effectSeq(task) === undefined && streamOf(view, launch.call) !== stream) return undefined;
  return endVerdict(view, { task, kill, launch, stream });
}

/** An operator is refused what the leader does not know as a task that lives. */
function orderVerdict(view: HistoryView, task: TaskRecord, kill: KillOrderRecord): Verdict | undefined {
  const launch = onlyLaunch(task);
  const streams = launch === undefined ? [] : (view.frameworks.get(launch.call.framework)?.streams ?? []);
  const stream = streams.findLast((one) => one.frameworkId === task.frameworkId && one.openedSeq < kill.invokeSeq);
  return launch === undefined || stream === undefined || kill.outcome !== "ok"
    ? undefined
    : endVerdict(view, { task, kill, launch, stream });
}

interface ObeyedKill {
  readonly task: TaskRecord;
  readonly kill: KillRecord | KillOrderRecord;
  readonly launch: LaunchRecord;
  /** On which its end is to be told. */
  readonly stream: StreamLife;
}

function endVerdict(view: HistoryView, { task, kill, launch, stream }: ObeyedKill): Verdict | undefined {
  const acknowledged = acknowledgedAtMs(task);
  if (acknowledged === undefined) return undefined;
  const fromMs = Math.max(kill.outcomeAtMs + (kill.body.graceMs ?? defaultGraceMs), acknowledged);
  const deadlineMs = fromMs + endMaxMs + view.noticeMs;
  if (!isUpUntil(view, stream, kill.invokeSeq, deadlineMs) || view.tornDown.has(task.frameworkId)) return undefined;
  if (!isAgentCalm(view, launch.agentId, launch.call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && update.atMs <= deadlineMs)) return pass(1);
  return fail(`task ${task.taskId} was killed and its end was not told`, [launch.call.invokeSeq, kill.invokeSeq]);
}

/** A KILL of a task that was never launched is a question, and silence is allowed only while an agent has yet to come back. */
function unknownVerdict(view: HistoryView, task: TaskRecord, kill: KillRecord): Verdict | undefined {
  const stream = streamOf(view, kill);
  const deadlineMs = kill.outcomeAtMs + view.noticeMs;
  if (stream === undefined || kill.outcome !== "ok" || !isUpUntil(view, stream, kill.invokeSeq, deadlineMs)) return undefined;
  if (!areAgentsSettled(view, kill.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => isReconciliation(update) && update.seq > kill.invokeSeq && update.atMs <= deadlineMs)) return pass(1);
  return fail(`a KILL of the unknown task ${task.taskId} was not answered`, [kill.invokeSeq, kill.outcomeSeq]);
}
