/**
 * S24: explicit reconciliation answers exactly, as far as a client can know the truth: only in calm times, when no
 * other question about the same task is open, and with every state allowed that the task may have reached meanwhile.
 */

import type { ReconcileRecord, StreamLife, TaskRecord, UpdateRecord } from "../history/records.ts";
import { isCall } from "../history/records.ts";
import { type HistoryView, isAgentCalm, isUpUntil, streamOf, taskKey } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { areAgentsSettled, isPartitionAware, isReconciliation, isReliable, isSurelyGone, isVolatile } from "./evidence.ts";

/** What may be answered, and why. */
interface Expectation {
  readonly why: string;
  readonly states: ReadonlySet<string>;
  /** The event that taught the client so. */
  readonly seq: number;
}

interface Question {
  readonly call: ReconcileRecord;
  readonly stream: StreamLife;
  readonly taskId: string;
  readonly agentId: string | undefined;
  readonly deadlineMs: number;
}

const acknowledgedEnd = "ended and was acknowledged";
const ends = ["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"];
const order = ["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"];

export const reconciliationAnswers: Checker = {
  id: "S24",
  title: "reconciliation tells the truth",
  check(view) {
    let evaluated = 0;
    const calls = view.calls.filter((call) => isCall(call, "reconcile"));
    const neighbours = new Neighbours(calls);
    for (const call of calls) {
      for (const question of questions(view, neighbours, call)) {
        const expected = expectation(view, question);
        if (expected === undefined) continue;
        evaluated++;
        const problem = answerProblem(view, question, expected);
        if (problem !== undefined) return problem;
      }
    }
    return pass(evaluated);
  },
};

/** The elements of a call that the history can judge; none when the stream or the cluster was disturbed. */
function questions(view: HistoryView, neighbours: Neighbours, call: ReconcileRecord): Question[] {
  const stream = streamOf(view, call);
  const deadlineMs = call.outcomeAtMs + view.noticeMs;
  if (call.outcome !== "ok" || stream === undefined || !isUpUntil(view, stream, call.invokeSeq, deadlineMs)) return [];
  if (!view.calm.isCalm(call.invokeAtMs - view.noticeMs, deadlineMs) || neighbours.isCrowded(call, view.noticeMs)) return [];
  const common = { call, stream, deadlineMs };
  if (call.body.tasks.length > 0) return call.body.tasks.map((task) => ({ ...common, taskId: task.taskId, agentId: task.agentId }));
  const own = [...view.tasks.values()].filter((task) => task.frameworkId === stream.frameworkId && task.launches.length === 1);
  return own.map((task) => ({ ...common, taskId: task.taskId, agentId: undefined }));
}

/** Other RECONCILE calls of the same framework nearby make answers ambiguous. */
class Neighbours {
  /** Per framework: its calls in order, each with the latest instant at which one up to it was still on its way. */
  readonly #calls = new Map<string, { readonly call: ReconcileRecord; readonly latestMs: number }[]>();
  readonly #index = new Map<ReconcileRecord, number>();

  constructor(calls: readonly ReconcileRecord[]) {
    for (const call of calls) {
      const list = this.#calls.get(call.framework) ?? [];
      this.#calls.set(call.framework, list);
      this.#index.set(call, list.length);
      list.push({ call, latestMs: Math.max(list.at(-1)?.latestMs ?? Number.NEGATIVE_INFINITY, call.outcomeAtMs) });
    }
  }

  isCrowded(call: ReconcileRecord, noticeMs: number): boolean {
    const list = this.#calls.get(call.framework) ?? [];
    const index = this.#index.get(call) ?? 0;
    const before = list[index - 1]?.latestMs ?? Number.NEGATIVE_INFINITY;
    const next = list[index + 1]?.call.invokeAtMs ?? Number.POSITIVE_INFINITY;
    return before >= call.invokeAtMs - noticeMs || next <= call.outcomeAtMs + noticeMs;
  }
}

/** KILL of an unknown task is answered like a question. */
function wasKilledNearby(view: HistoryView, task: TaskRecord | undefined, { call, deadlineMs }: Question): boolean {
  return task?.kills.some((kill) => kill.invokeAtMs <= deadlineMs && kill.outcomeAtMs >= call.invokeAtMs - view.noticeMs) ?? false;
}

function expectation(view: HistoryView, question: Question): Expectation | undefined {
  const { call, stream, taskId, agentId } = question;
  const task = stream.frameworkId === undefined ? undefined : view.tasks.get(taskKey(stream.frameworkId, taskId));
  const fromMs = call.invokeAtMs - view.noticeMs;
  if (wasKilledNearby(view, task, question)) return undefined;
  if (call.body.tasks.length === 0) return implicitExpectation(view, question, task, fromMs);
  if (task === undefined || task.launches.length === 0) return unknownExpectation(view, question, "was never launched", call.invokeSeq);
  // A launch with the id of a task that lives is refused, so it says nothing of where the task is.
  if (task.launches.length > 1 && task.updates.some(({ status }) => status.state === "TASK_ERROR")) return undefined;
  const launchedOn = task.launches.at(-1)?.agentId ?? "";
  const gone = task.launches.length === 1 && isSurelyGone(view, launchedOn, fromMs) ? view.orders.markedGone(launchedOn) : undefined;
  if (gone !== undefined) {
    if (agentId !== undefined && agentId !== launchedOn) return undefined;
    return unknownExpectation(view, question, "was on an agent that is gone", gone.outcomeSeq);
  }
  const removed = view.drainOf.get(task.launches.at(-1)?.agentId ?? "");
  if (removed !== undefined) {
    const failure = stream.failures.find((one) => one.agentId === removed.agentId && one.seq > removed.fault.beginSeq && one.atMs < fromMs);
    if (failure === undefined || (agentId !== undefined && agentId !== removed.agentId)) return undefined;
    return unknownExpectation(view, question, "was lost with its agent", failure.seq);
  }
  return task.launches.length === 1 ? heldExpectation(view, question, task, fromMs) : undefined;
}

/** All tasks that the master holds are told, and no others; only the former is asked of an answer's presence here. */
function implicitExpectation(view: HistoryView, question: Question, task: TaskRecord | undefined, fromMs: number): Expectation | undefined {
  const expected = task === undefined ? undefined : heldExpectation(view, question, task, fromMs);
  return expected?.why === acknowledgedEnd ? { ...expected, states: new Set() } : expected;
}

/**
 * The master does not hold the task: what it says depends on the agent that the question names. While any agent has yet
 * to come back it may be silent, so all must be settled.
 */
function unknownExpectation(
  view: HistoryView,
  { agentId, stream, call, deadlineMs }: Question,
  why: string,
  seq: number,
): Expectation | undefined {
  const partitionAware = isPartitionAware(stream);
  if (partitionAware === undefined) return undefined;
  // An agent that offered itself before the harness knew its id is not judged.
  if (agentId !== undefined && !view.nodeOf.has(agentId) && view.offersByAgent.has(agentId)) return undefined;
  if (!areAgentsSettled(view, call.invokeAtMs - view.noticeMs, deadlineMs)) return undefined;
  const known = agentId !== undefined && view.nodeOf.has(agentId) && !view.drainOf.has(agentId);
  const isGone = agentId !== undefined && isSurelyGone(view, agentId, call.invokeAtMs - view.noticeMs);
  if (agentId !== undefined && !isGone && view.orders.mayBeGone(agentId, call.outcomeSeq)) return undefined;
  const state = isGone ? "TASK_GONE_BY_OPERATOR" : known ? "TASK_GONE" : "TASK_UNKNOWN";
  return { why, seq, states: new Set([partitionAware ? state : "TASK_LOST"]) };
}

/** The agent is calm and the framework heard of the task: the answer is that state or a later one. */
function heldExpectation(view: HistoryView, question: Question, task: TaskRecord, fromMs: number): Expectation | undefined {
  const { call, deadlineMs, agentId } = question;
  const launch = task.launches[0];
  const heard = task.updates.findLast((update) => isReliable(update) && update.atMs < fromMs);
  if (launch === undefined || heard === undefined || !isAgentCalm(view, launch.agentId, heard.atMs, deadlineMs)) return undefined;
  if (task.updates.some((update) => update.terminal && !isReliable(update) && !isReconciliation(update))) return undefined;
  const terminal = task.updates.find((update) => update.terminal && isReliable(update));
  if (terminal === undefined || terminal.seq > call.invokeSeq) return liveExpectation(view, question, task, heard);
  // The master gives up a task that was unreachable and that its agent does not have; the agent says so until it is heard.
  if (terminal.status.reason === "REASON_RECONCILIATION" && task.updates.some(isUnreachable)) return undefined;
  const acknowledgements = task.acknowledgements.filter((one) => one.body.uuid === terminal.status.uuid && one.outcome !== "fail");
  const mine = acknowledgements.filter((one) => one.invokeAtMs <= deadlineMs);
  if (mine.length === 0) {
    return { why: "ended and was not acknowledged", seq: terminal.seq, states: new Set([terminal.status.state]) };
  }
  // The master took an acknowledgement in; one for an agent that was away got no further.
  const arrived = mine.some(
    (one) => one.outcome === "ok" && one.outcomeAtMs < fromMs && isAgentCalm(view, launch.agentId, one.invokeAtMs, deadlineMs),
  );
  if (!arrived) return undefined;
  return unknownExpectation(view, { ...question, agentId }, acknowledgedEnd, terminal.seq);
}

function isUnreachable({ status }: UpdateRecord): boolean {
  return status.state === "TASK_UNREACHABLE";
}

function liveExpectation(view: HistoryView, question: Question, task: TaskRecord, heard: UpdateRecord): Expectation | undefined {
  const { state } = heard.status;
  if (!order.includes(state)) return undefined;
  // Its end may be known to the master, and acknowledged, before the answer is seen; then anything may be said.
  const ended = task.updates.some((update) => update.terminal && !isReconciliation(update) && update.atMs <= question.deadlineMs);
  if (ended) return undefined;
  const lost = mayHaveMissedLost(view, question, task) ? ["TASK_LOST"] : [];
  return { why: `was ${state}`, seq: heard.seq, states: new Set([...order.slice(order.indexOf(state)), ...ends, ...lost]) };
}

/**
 * TASK_LOST of an unreachable agent is final for frameworks that are not partition aware, of a disconnected one for frameworks that do not
 * checkpoint, and nothing else is answered until the
 * task is dead. One that had no stream just then did not hear it, and hears the agent's retries of what was before.
 */
function mayHaveMissedLost(view: HistoryView, { call, stream }: Question, task: TaskRecord): boolean {
  const launch = task.launches[0];
  if (launch === undefined || streamOf(view, launch.call) === stream) return false;
  if (isPartitionAware(stream) !== false && !isVolatile(view, task)) return false;
  return view.registrations.some(({ agentId, seq }) => agentId === launch.agentId && seq > launch.call.invokeSeq && seq < call.invokeSeq);
}

function answerProblem(view: HistoryView, question: Question, expected: Expectation): Verdict | undefined {
  const { call, stream, taskId, deadlineMs } = question;
  const updates = view.tasks.get(taskKey(stream.frameworkId ?? "", taskId))?.updates ?? [];
  const answers = updates.filter(
    (update) => isReconciliation(update) && update.stream === stream && update.seq > call.invokeSeq && update.atMs <= deadlineMs,
  );
  const subject = `task ${taskId}, which ${expected.why},`;
  // No state may be told: a question about everything leaves out what has ended for good.
  if (answers.length === 0 && expected.states.size === 0) return undefined;
  if (answers.length === 0) return fail(`a question about ${subject} was not answered`, [expected.seq, call.invokeSeq]);
  const wrong = answers.find((answer) => !expected.states.has(answer.status.state));
  if (wrong === undefined) return undefined;
  return fail(`a question about ${subject} was answered with ${wrong.status.state}`, [expected.seq, call.invokeSeq, wrong.seq]);
}
