/**
 * S25: when an operator has marked an agent gone, each framework that is connected hears of each of its tasks there that it has ended, by
 * TASK_GONE_BY_OPERATOR or TASK_LOST, and of the agent, and of each only once.
 */

import type { AgentOrderRecord, StreamLife, TaskRecord, UpdateRecord } from "../history/records.ts";
import { type HistoryView, isUpUntil } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isReconciliation, isReliable, onlyLaunch } from "./evidence.ts";

export const goneTasksAreAnnouncedOnce: Checker = {
  id: "S25",
  title: "tasks of agents that are gone are announced once",
  check(view) {
    let evaluated = 0;
    for (const task of view.tasks.values()) {
      const problem = repetition(task);
      if (problem !== undefined) return problem;
    }
    for (const agentId of view.orders.agentIds) {
      const order = view.orders.markedGone(agentId);
      if (order === undefined || !isDecidable(view, order)) continue;
      for (const stream of view.streams) {
        if (!isUpUntil(view, stream, order.invokeSeq, order.outcomeAtMs + view.noticeMs)) continue;
        evaluated++;
        const problem = failureProblem(order, stream) ?? silenceProblem(view, order, stream);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

function isGoneNotice({ status: { reason, message, uuid } }: UpdateRecord): boolean {
  if (uuid !== undefined) return false;
  return reason === "REASON_AGENT_REMOVED_BY_OPERATOR" || (reason === "REASON_AGENT_REMOVED" && /\bgone\b/.test(message ?? ""));
}

function repetition(task: TaskRecord): Verdict | undefined {
  const notices = onlyLaunch(task) === undefined ? [] : task.updates.filter(isGoneNotice);
  if (notices.length < 2) return undefined;
  const events = notices.map(({ seq }) => seq);
  return fail(`task ${task.taskId} was announced as gone ${notices.length} times`, events);
}

/** Whether the leader knew the agent's tasks when the order came, nobody else ended the agent, and nothing kept the news back. */
function isDecidable(view: HistoryView, { body: { agentId }, invokeAtMs, outcomeSeq, outcomeAtMs }: AgentOrderRecord): boolean {
  const node = view.nodeOf.get(agentId);
  if (node === undefined || view.drainOf.has(agentId) || view.orders.firstGone(agentId)?.body.kind === "drainAgent") return false;
  if (view.orders.mayBeRemoved(agentId, outcomeSeq)) return false;
  return view.calm.isCalm(invokeAtMs - view.noticeMs, invokeAtMs, node) && view.calm.isCalm(invokeAtMs, outcomeAtMs + view.noticeMs);
}

function failureProblem({ body: { agentId }, invokeSeq }: AgentOrderRecord, stream: StreamLife): Verdict | undefined {
  const failures = stream.failures.filter((one) => one.agentId === agentId && one.seq > invokeSeq);
  if (failures.length === 1) return undefined;
  const events = [invokeSeq, ...failures.map(({ seq }) => seq)];
  return fail(`${stream.framework} heard ${failures.length} failures of ${agentId}, which is gone`, events);
}

function silenceProblem(view: HistoryView, order: AgentOrderRecord, stream: StreamLife): Verdict | undefined {
  const deadlineMs = order.outcomeAtMs + view.noticeMs;
  for (const task of view.tasksByAgent.get(order.body.agentId) ?? []) {
    if (task.frameworkId !== stream.frameworkId || view.tornDown.has(task.frameworkId) || !wasHeld(task, stream, order)) continue;
    const ended = task.updates.some((update) => update.terminal && !isReconciliation(update) && update.atMs <= deadlineMs);
    if (!ended) return fail(`task ${task.taskId} is gone with its agent and nobody said so`, [order.invokeSeq, order.outcomeSeq]);
  }
  return undefined;
}

/** Whether the leader surely held the task as live when the order came: its launch was obeyed or its agent spoke of it on this stream. */
function wasHeld(task: TaskRecord, stream: StreamLife, { invokeSeq, body }: AgentOrderRecord): boolean {
  const launch = onlyLaunch(task);
  if (launch === undefined || launch.agentId !== body.agentId || launch.call.outcome !== "ok" || launch.call.outcomeSeq > invokeSeq) {
    return false;
  }
  if (task.updates.some((update) => update.terminal && update.seq < invokeSeq)) return false;
  const wasHeard = task.updates.some((update) => update.stream === stream && update.seq < invokeSeq && isReliable(update));
  return wasHeard || launch.call.streamId === stream.streamId;
}
