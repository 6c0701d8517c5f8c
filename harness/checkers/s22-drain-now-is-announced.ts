/**
 * S22: drain now is immediate and truthful. The agent ends by itself with code 0 and leaves nothing running; its id is
 * gone from the leader; each connected framework hears one FAILURE, and per task one TASK_LOST of the right form.
 */

import type { DrainRecord, StreamLife, TaskRecord, UpdateRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import {
  isReconciliation,
  isReliable,
  isRemovalNotice,
  ledgerErrorMs,
  mayBeBelated,
  namesAsAlive,
  onlyLaunch,
  refusedExitCode,
  wasLeaving,
} from "./evidence.ts";

/** How long an agent may take to leave: what still lives is named after 100 ms; the rest is room for a busy machine. */
const leaveMaxMs = 5_000;
/** Within this, what was named as still alive at the announcement must be dead as well. */
const namedGraceMs = 5_000;

export const drainNowIsAnnounced: Checker = {
  id: "S22",
  title: "drain now is announced and leaves nothing behind",
  check(view) {
    let evaluated = 0;
    for (const drain of view.drains) {
      if (otherFault(view, drain) || wasRefused(view, drain)) continue;
      const problem =
        exitProblem(view, drain) ?? leftoverProblem(view, drain) ?? snapshotProblem(view, drain) ?? announcementProblem(view, drain);
      if (problem !== undefined) return problem;
      evaluated++;
    }
    return pass(evaluated);
  },
};

/** Whether something else was done to the node while it was leaving, or just before. */
function otherFault(view: HistoryView, drain: DrainRecord): boolean {
  const untilMs = Math.min(drain.life.exitedAtMs, drain.fault.beginAtMs + leaveMaxMs + view.epsilonMs);
  const disturbed = view.faults.some(
    (fault) =>
      fault !== drain.fault &&
      fault.name !== "drain-now" &&
      fault.target === drain.node &&
      fault.beginAtMs <= untilMs &&
      endOf(fault) >= drain.fault.beginAtMs,
  );
  return disturbed;
}

/** An earlier drain or an operator had cost the agent its id; it was leaving already, refused by the master, when this signal came. */
function wasRefused(view: HistoryView, { agentId, life, node }: DrainRecord): boolean {
  if (view.orders.mayBeGone(agentId, life.exitedSeq)) return true;
  return life.code === refusedExitCode && wasLeaving(view, node, life.exitedSeq);
}

function endOf(fault: { readonly name: string; readonly beginAtMs: number; readonly endAtMs: number }): number {
  return /^(pause|cut)/.test(fault.name) ? fault.endAtMs : fault.beginAtMs;
}

function exitProblem(view: HistoryView, { fault, life, node }: DrainRecord): Verdict | undefined {
  const deadlineMs = fault.beginAtMs + leaveMaxMs + view.epsilonMs;
  if (!Number.isFinite(life.exitedAtMs) || life.exitedAtMs > deadlineMs) {
    if (view.endAtMs <= deadlineMs || view.calm.isStalled(fault.beginAtMs, deadlineMs, node)) return undefined;
    return fail(`${node} did not exit after drain now`, [fault.beginSeq, life.exitedSeq]);
  }
  if (life.code === 0 && life.signal === undefined) return undefined;
  return fail(`${node} exited with ${life.signal ?? `code ${life.code}`} after drain now`, [fault.beginSeq, life.exitedSeq]);
}

/** No process that was started before the exit is alive after it. */
function leftoverProblem(view: HistoryView, { life, node, agentId, fault }: DrainRecord): Verdict | undefined {
  if (!Number.isFinite(life.exitedSeq)) return undefined;
  const records = view.processes.filter((record) => record.node === node && record.seq > life.exitedSeq);
  for (const task of view.tasksByAgent.get(agentId) ?? []) {
    const named = task.updates.some((update) => isRemovalNotice(update) && namesAsAlive(update));
    const graceMs = named ? namedGraceMs : 0;
    const lineFromMs = life.exitedAtMs + ledgerErrorMs(view) + graceMs;
    const fromMs = life.exitedAtMs + view.epsilonMs + graceMs;
    const old = new Set(task.ledger.filter((line) => line.node === node && line.seq < life.exitedSeq).map((line) => line.process));
    const line = task.ledger.find((one) => one.seq > life.exitedSeq && one.atMs > lineFromMs && old.has(one.process));
    if (line !== undefined)
      return fail(`task ${task.taskId} outlived its drained agent on ${node}`, [fault.beginSeq, life.exitedSeq, line.seq]);
    const seen = records.find(
      (record) =>
        record.atMs > fromMs &&
        !mayBeBelated(view, record.atMs) &&
        record.live.some((one) => one.taskId === task.taskId && one.frameworkId === task.frameworkId && old.has(one.process)),
    );
    if (seen !== undefined) return fail(`task ${task.taskId} has a process after drain now of ${node}`, [life.exitedSeq, seen.seq]);
  }
  return undefined;
}

/** Once the removal was announced to anyone, no leader lists the id again. */
function snapshotProblem(view: HistoryView, { agentId, fault }: DrainRecord): Verdict | undefined {
  let announced: { seq: number; atMs: number } | undefined;
  for (const stream of view.streams) {
    const failure = stream.failures.find((one) => one.agentId === agentId && one.seq > fault.beginSeq);
    if (failure !== undefined && failure.seq < (announced?.seq ?? Number.POSITIVE_INFINITY)) announced = failure;
  }
  if (announced === undefined) return undefined;
  const fromMs = announced.atMs + view.noticeMs;
  const listed = view.snapshots.find(
    ({ atMs, snapshot }) =>
      atMs > fromMs &&
      !mayBeBelated(view, atMs) &&
      (snapshot.recoveredAgentIds.includes(agentId) || snapshot.agents.some((agent) => agent.agentId === agentId)),
  );
  return listed === undefined ? undefined : fail(`agent ${agentId} is still listed after drain now`, [announced.seq, listed.seq]);
}

/** What each framework heard whose stream stayed up, if the agent and the masters were calm before and the masters after. */
function announcementProblem(view: HistoryView, drain: DrainRecord): Verdict | undefined {
  const { fault, life, node } = drain;
  const deadlineMs = life.exitedAtMs + view.noticeMs;
  if (!view.calm.isCalm(fault.beginAtMs - view.noticeMs, fault.beginAtMs, node)) return undefined;
  if (!view.calm.isCalm(fault.beginAtMs, deadlineMs)) return undefined;
  for (const stream of view.streams) {
    if (stream.frameworkId === undefined || stream.openedSeq > fault.beginSeq) continue;
    if (stream.closedAtMs <= deadlineMs || view.endAtMs < deadlineMs) continue;
    const failures = stream.failures.filter((one) => one.agentId === drain.agentId && one.seq > fault.beginSeq);
    if (failures.length !== 1) {
      const events = [fault.beginSeq, ...failures.map((failure) => failure.seq)];
      return fail(`${stream.framework} heard ${failures.length} failures of ${drain.agentId} after drain now`, events);
    }
    const problem = tasksProblem(view, drain, stream, deadlineMs);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function tasksProblem(view: HistoryView, drain: DrainRecord, stream: StreamLife, deadlineMs: number): Verdict | undefined {
  for (const task of view.tasksByAgent.get(drain.agentId) ?? []) {
    if (task.frameworkId !== stream.frameworkId || !wasHeld(task, stream, drain)) continue;
    const after = task.updates.filter((update) => update.seq > drain.fault.beginSeq && !isReconciliation(update));
    const notices = after.filter(isRemovalNotice);
    const problem = wordingProblem(task, after, notices, drain.fault.beginSeq);
    if (problem !== undefined) return problem;
    // An end that was on its way may come instead, or as well.
    const ended = task.updates.some((update) => update.terminal && !isReconciliation(update) && update.atMs <= deadlineMs);
    if (!ended)
      return fail(`task ${task.taskId} was lost with ${drain.node} and nobody said so`, [drain.fault.beginSeq, drain.life.exitedSeq]);
  }
  return undefined;
}

function wordingProblem(
  task: TaskRecord,
  after: readonly UpdateRecord[],
  notices: readonly UpdateRecord[],
  beginSeq: number,
): Verdict | undefined {
  if (notices.length > 1) {
    return fail(`task ${task.taskId} was announced as lost ${notices.length} times`, [beginSeq, ...notices.map((notice) => notice.seq)]);
  }
  const lost = after.find((update) => update.status.state === "TASK_LOST" && !isRemovalNotice(update));
  // A launch that raced with the drain may be refused in words of its own.
  if (lost === undefined || !task.updates.some((update) => update.seq < beginSeq && isReliable(update))) return undefined;
  const { source = "no source", reason = "no reason", uuid } = lost.status;
  const words = `${source}, ${reason}${uuid === undefined ? "" : ", with a uuid"}`;
  return fail(`task ${task.taskId} was announced as lost by drain now in the wrong form: ${words}`, [beginSeq, lost.seq]);
}

/**
 * Whether the master surely held this task when the signal came: its launch was obeyed, or the agent spoke of it, on this
 * very stream, and no end of it was seen. What was said while an earlier stream closed may have got lost.
 */
function wasHeld(task: TaskRecord, stream: StreamLife, { fault, agentId }: DrainRecord): boolean {
  const launch = onlyLaunch(task);
  if (launch === undefined || launch.agentId !== agentId || launch.call.outcome !== "ok") return false;
  if (launch.call.outcomeSeq > fault.beginSeq || task.updates.some((update) => update.terminal && update.seq < fault.beginSeq))
    return false;
  const heard = task.updates.some((update) => update.stream === stream && update.seq < fault.beginSeq && isReliable(update));
  return heard || launch.call.streamId === stream.streamId;
}
