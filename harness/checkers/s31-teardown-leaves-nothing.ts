/**
 * S31: after a TEARDOWN, the framework's own or an operator's, was answered nothing of the framework is left: no task, no offer, no
 * process, and nobody calls in its name.
 */

import type { FrameworkName } from "../history/event.ts";
import { isCall } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

/** How long its tasks may take to die, in the end by SIGKILL. */
const tasksDieMs = 10_000;

export const teardownLeavesNothing: Checker = {
  id: "S31",
  title: "a teardown leaves nothing",
  check(view) {
    const teardowns = teardownsOf(view);
    for (const teardown of teardowns) {
      const problem = callProblem(view, teardown) ?? snapshotProblem(view, teardown) ?? processProblem(view, teardown);
      if (problem !== undefined) return problem;
    }
    return pass(teardowns.length);
  },
};

interface Teardown {
  readonly frameworkId: string;
  readonly framework: FrameworkName | undefined;
  readonly invokeAtMs: number;
  readonly outcomeSeq: number;
  readonly outcomeAtMs: number;
}

/** Those that were obeyed, of whomever. */
function teardownsOf(view: HistoryView): Teardown[] {
  const calls = view.calls.flatMap((call) => {
    const { frameworkId, outcome } = call;
    return isCall(call, "teardown") && outcome === "ok" && frameworkId !== undefined ? [{ ...call, frameworkId }] : [];
  });
  const orders = view.teardownOrders.flatMap((order) => {
    const { frameworkId } = order.body;
    return order.outcome === "ok" ? [{ ...order, frameworkId, framework: view.frameworkNames.get(frameworkId) }] : [];
  });
  return [...calls, ...orders];
}

function callProblem(view: HistoryView, teardown: Teardown): Verdict | undefined {
  const { frameworkId } = teardown;
  const stream = view.streams.find(
    (one) => one.frameworkId === frameworkId && (one.subscribe?.invokeSeq ?? Number.NEGATIVE_INFINITY) > teardown.outcomeSeq,
  );
  if (stream !== undefined) return fail(`framework ${frameworkId} came back after its TEARDOWN`, [teardown.outcomeSeq, stream.openedSeq]);
  const calls = view.frameworks.get(teardown.framework ?? "")?.calls ?? [];
  const later = calls.find(
    (call) =>
      call.frameworkId === frameworkId && call.body.kind !== "subscribe" && call.invokeSeq > teardown.outcomeSeq && call.outcome === "ok",
  );
  if (later === undefined) return undefined;
  return fail(`${later.body.kind} of framework ${frameworkId} was obeyed after its TEARDOWN`, [teardown.outcomeSeq, later.invokeSeq]);
}

function snapshotProblem(view: HistoryView, teardown: Teardown): Verdict | undefined {
  const { frameworkId } = teardown;
  const fromMs = teardown.outcomeAtMs + view.noticeMs;
  for (const { seq, atMs, snapshot } of view.snapshots) {
    if (atMs <= fromMs || !view.calm.isCalm(teardown.invokeAtMs - view.noticeMs, atMs)) continue;
    const { frameworks, offers, tasks, unreachableTasks } = snapshot;
    const left = [...frameworks, ...offers, ...tasks, ...unreachableTasks].find((one) => one.frameworkId === frameworkId);
    if (left !== undefined) return fail(`the leader still lists something of framework ${frameworkId}`, [teardown.outcomeSeq, seq]);
  }
  return undefined;
}

function processProblem(view: HistoryView, teardown: Teardown): Verdict | undefined {
  const { frameworkId } = teardown;
  const fromMs = teardown.outcomeAtMs + tasksDieMs + view.noticeMs;
  for (const { seq, atMs, node, live } of view.processes) {
    if (atMs <= fromMs || !view.calm.isCalm(teardown.invokeAtMs - view.noticeMs, atMs, node)) continue;
    const process = live.find((one) => one.frameworkId === frameworkId);
    if (process === undefined) continue;
    return fail(`task ${process.taskId} runs after the TEARDOWN of framework ${frameworkId}`, [teardown.outcomeSeq, seq]);
  }
  return undefined;
}
