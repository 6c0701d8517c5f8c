/**
 * S40: when a machine is DOWN its agents end and every framework hears what became of its tasks there, those on agents that were
 * unreachable, too; nothing runs there and no agent of it registers until it is taken UP.
 */

import type { NodeName } from "../history/event.ts";
import type { DownTime } from "../history/machine-times.ts";
import type { StreamLife, TaskRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReconciliation, ledgerErrorMs, mayBeBelated, onlyLaunch } from "./evidence.ts";

/** How long agents have to end after the order: then their master goes on without their farewell. */
const departureMaxMs = 5_000;

export const downMachinesAreEmpty: Checker = {
  id: "S40",
  title: "machines that are down are empty",
  check(view) {
    let evaluated = 0;
    if (view.machines.isEmpty) return pass(evaluated);
    for (const node of view.lives.keys()) {
      for (const down of view.machines.downTimes(view.placeOfNode(node))) {
        const problem = registrationProblem(view, node, down) ?? listProblem(view, node, down) ?? taskProblem(view, node, down);
        if (problem !== undefined) return problem;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

/** An agent whose process began after the order was obeyed must not get in. */
function registrationProblem(view: HistoryView, node: NodeName, { start, untilSeq }: DownTime): Verdict | undefined {
  const lives = (view.lives.get(node) ?? []).filter(({ startedSeq }) => startedSeq > start.outcomeSeq);
  const registration = view.registrations.find(
    (one) =>
      one.node === node &&
      one.seq > start.outcomeSeq &&
      one.seq < untilSeq &&
      lives.some(({ incarnation }) => incarnation === one.incarnation),
  );
  return registration && fail(`agent ${registration.agentId} registered, its machine is down`, [start.outcomeSeq, registration.seq]);
}

/** By when all is over, when the masters stayed calm; otherwise nobody knows. */
function goneByMs(view: HistoryView, { start, untilMs }: DownTime): number | undefined {
  const byMs = start.outcomeAtMs + departureMaxMs + view.noticeMs;
  return byMs < untilMs && byMs <= view.endAtMs && view.calm.isCalm(start.invokeAtMs - view.noticeMs, byMs) ? byMs : undefined;
}

function listProblem(view: HistoryView, node: NodeName, down: DownTime): Verdict | undefined {
  const byMs = goneByMs(view, down);
  if (byMs === undefined) return undefined;
  const listed = view.snapshots.find(
    ({ seq, atMs, snapshot }) =>
      atMs > byMs && seq < down.untilSeq && !mayBeBelated(view, atMs) && snapshot.agents.some(({ hostname }) => hostname === node),
  );
  return listed && fail(`an agent on ${node} is listed, its machine is down`, [down.start.outcomeSeq, listed.seq]);
}

function taskProblem(view: HistoryView, node: NodeName, down: DownTime): Verdict | undefined {
  const byMs = goneByMs(view, down);
  const { start } = down;
  if (byMs === undefined) return undefined;
  const agentId = view.registrations.findLast((one) => one.node === node && one.seq < start.invokeSeq)?.agentId;
  if (agentId === undefined) return undefined;
  const wasThere = view.calm.isCalm(start.invokeAtMs - view.noticeMs, start.invokeAtMs, node);
  const isLooked = view.calm.isCalm(start.invokeAtMs, byMs, node);
  for (const task of view.tasksByAgent.get(agentId) ?? []) {
    if (onlyLaunch(task)?.agentId !== agentId || view.tornDown.has(task.frameworkId)) continue;
    const line = task.ledger.find((one) => one.line !== "end" && one.node === node && one.atMs > byMs + ledgerErrorMs(view));
    if (isLooked && line !== undefined) return fail(`task ${task.taskId} runs on ${node}, which is down`, [start.outcomeSeq, line.seq]);
    const stream = listener(view, task, { seq: start.invokeSeq, untilMs: byMs });
    if (stream === undefined || !(wasThere ? wasHeld(task, stream, start.invokeSeq) : wasUnreachable(view, task, stream, down))) continue;
    const told = task.updates.some((update) => update.terminal && !isReconciliation(update) && update.atMs <= byMs);
    if (!told) return fail(`task ${task.taskId} went down with its machine, and nobody said so`, [start.invokeSeq, start.outcomeSeq]);
  }
  return undefined;
}

/** The stream on which the task's framework listened from before a position until an instant. */
function listener(view: HistoryView, task: TaskRecord, { seq, untilMs }: { seq: number; untilMs: number }): StreamLife | undefined {
  const name = onlyLaunch(task)?.call.framework ?? "";
  return view.frameworks
    .get(name)
    ?.streams.find((stream) => stream.frameworkId === task.frameworkId && isUpUntil(view, stream, seq, untilMs));
}

/** Whether the leader surely held the task as live when the order came. */
function wasHeld(task: TaskRecord, stream: StreamLife, beforeSeq: number): boolean {
  const launch = onlyLaunch(task);
  if (launch?.call.outcome !== "ok" || launch.call.outcomeSeq > beforeSeq) return false;
  if (task.updates.some((update) => update.terminal && update.seq < beforeSeq)) return false;
  return launch.call.streamId === stream.streamId || task.updates.some((update) => update.stream === stream && update.seq < beforeSeq);
}

/** Whether this very leader had said that the task's agent is unreachable, and the agent has not been back since. */
function wasUnreachable(view: HistoryView, task: TaskRecord, stream: StreamLife, { start }: DownTime): boolean {
  const last = task.updates.findLast((update) => update.seq < start.invokeSeq && !isReconciliation(update));
  if (last?.stream !== stream || last.status.state !== "TASK_UNREACHABLE") return false;
  return !view.registrations.some((one) => one.agentId === last.status.agentId && one.seq > last.seq);
}
