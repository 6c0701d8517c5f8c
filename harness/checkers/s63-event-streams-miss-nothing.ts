/**
 * S63: what an operators' event stream begins with and what it tells then is what the leader says of itself, and what frameworks are told
 * of ends and of agents that leave. Nothing that it tells is about something that it did not tell before.
 */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { ReaderLife } from "../history/reader-lives.ts";
import type { SnapshotRecord, TaskRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";
import { isLeaderFree, isReconciliation, mayBeBelated, onlyLaunch } from "./evidence.ts";
import { agentValue, awaited, connection, ReaderBook, taskId } from "./reader-book.ts";

export const eventStreamsMissNothing: Checker = {
  id: "S63",
  title: "event streams of operators miss nothing",
  check(view) {
    let evaluated = 0;
    for (const life of view.readers) {
      const reading: Reading = { view, life, book: new ReaderBook(life) };
      const { gap } = reading.book;
      if (gap !== undefined) return fail(`event stream ${life.stream}: ${gap.message}`, [gap.seq]);
      for (const judged of [...view.snapshots.map((record) => snapshotVerdict(reading, record)), ...newsVerdicts(reading)]) {
        if (judged === undefined) continue;
        if (judged.kind !== "pass") return judged;
        evaluated++;
      }
    }
    return pass(evaluated);
  },
};

interface Reading {
  readonly view: HistoryView;
  readonly life: ReaderLife;
  readonly book: ReaderBook;
}

/** Whether the stream was up, and everything calm, some time before and after an instant. */
function isUpAround({ view, life }: Reading, atMs: number): boolean {
  const [fromMs, toMs] = [atMs - view.noticeMs, atMs + view.noticeMs];
  return life.openedAtMs < fromMs && life.closedAtMs > toMs && view.endAtMs >= toMs && view.calm.isCalm(fromMs, toMs);
}

/** Whether the stream comes from the leader that was asked: nobody took over since before it began. */
function isOfLeader({ view, life }: Reading, { atMs, snapshot }: SnapshotRecord): boolean {
  const before = view.snapshots.findLast(({ seq }) => seq < life.openedSeq);
  return before?.snapshot.term === snapshot.term || isLeaderFree(view, life.openedAtMs - view.noticeMs, atMs + view.noticeMs);
}

function snapshotVerdict(reading: Reading, record: SnapshotRecord): Verdict | undefined {
  const { view, life } = reading;
  if (!isUpAround(reading, record.atMs) || mayBeBelated(view, record.atMs) || !isOfLeader(reading, record)) return undefined;
  const problem = missingIn(reading, record) ?? leftOverIn(reading, record);
  return problem === undefined ? pass(1) : fail(`event stream ${life.stream}: ${problem}`, [life.openedSeq, record.seq]);
}

/** What the leader has and the reader was not told so, at any time around. */
function missingIn({ view, book }: Reading, { atMs, snapshot }: SnapshotRecord): string | undefined {
  const facts: readonly Fact[] = [
    ...snapshot.agents.map((agent): Fact => {
      const { agentId: id, active, deactivated = false } = agent;
      return { kind: "agent", id, value: agentValue({ active, deactivated }) };
    }),
    ...[...snapshot.tasks, ...snapshot.unreachableTasks].map((task): Fact => ({ kind: "task", id: taskId(task), value: task.state })),
    ...snapshot.frameworks.map((framework): Fact => ({ kind: "framework", id: framework.frameworkId, value: connection(framework) })),
  ];
  for (const { kind, id, value } of facts) {
    const told = book.valuesIn(kind, id, atMs - view.noticeMs, atMs + view.noticeMs);
    if (!told.includes(value)) return `${kind} ${id} is ${value} for the leader and ${told.at(-1) ?? "unknown"} for the reader`;
  }
  return undefined;
}

interface Fact {
  readonly kind: "agent" | "task" | "framework";
  readonly id: string;
  readonly value: string;
}

/** What the reader took for there all the time around, and the leader does not have. */
function leftOverIn({ view, book }: Reading, { atMs, snapshot }: SnapshotRecord): string | undefined {
  const [fromMs, toMs] = [atMs - view.noticeMs, atMs + view.noticeMs];
  const agentIds = new Set(snapshot.agents.map(({ agentId }) => agentId));
  const frameworkIds = new Set(snapshot.frameworks.map(({ frameworkId }) => frameworkId));
  const taskIds = new Set(snapshot.tasks.map(taskId));
  const agent = [...book.ids("agent")].find(
    (id) => !agentIds.has(id) && book.valuesIn("agent", id, fromMs, toMs).every((value) => value !== undefined && value !== awaited),
  );
  if (agent !== undefined) return `agent ${agent} is gone, and the reader was not told`;
  const framework = [...book.ids("framework")].find(
    (id) => !frameworkIds.has(id) && book.valuesIn("framework", id, fromMs, toMs).every((value) => value !== undefined),
  );
  if (framework !== undefined) return `framework ${framework} is gone, and the reader was not told`;
  const task = [...book.ids("task")].find((id) => !taskIds.has(id) && book.valuesIn("task", id, fromMs, toMs).every(isLive));
  return task === undefined ? undefined : `task ${task} is over, and the reader was not told`;
}

function isLive(state: string | undefined): boolean {
  return state !== undefined && state !== "TASK_UNREACHABLE" && !isTerminal(state as TaskState);
}

/** What frameworks were told must be news for the reader, too: ends of tasks, and agents that left. */
function newsVerdicts(reading: Reading): (Verdict | undefined)[] {
  const { view, life, book } = reading;
  const known = new Set(book.ids("task"));
  const ends = [...view.tasks.values()].flatMap((task) => (known.has(taskId(task)) ? endVerdicts(reading, task) : []));
  const departures = view.streams.flatMap(({ failures }) =>
    failures.map(({ agentId, seq, atMs }) => {
      const told = book.valuesIn("agent", agentId, atMs - view.noticeMs, atMs + view.noticeMs);
      if (!isUpAround(reading, atMs)) return undefined;
      if (told.some((value) => value === undefined || value === awaited)) return pass(1);
      return fail(`event stream ${life.stream}: a framework heard that agent ${agentId} left, the reader did not`, [life.openedSeq, seq]);
    }),
  );
  return [...ends, ...departures];
}

function endVerdicts(reading: Reading, task: TaskRecord): (Verdict | undefined)[] {
  const { view, life, book } = reading;
  // Of several launches under one id some were refused, which says nothing of the task.
  if (onlyLaunch(task) === undefined) return [];
  return task.updates.map((update) => {
    const { seq, atMs, status } = update;
    if (!update.terminal || isReconciliation(update) || !isUpAround(reading, atMs)) return undefined;
    const told = book.valuesIn("task", taskId(task), atMs - view.noticeMs, atMs + view.noticeMs);
    if (told.some((state) => !isLive(state))) return pass(1);
    const message = `event stream ${life.stream}: a framework heard that task ${task.taskId} is ${status.state}, the reader did not`;
    return fail(message, [life.openedSeq, seq]);
  });
}
