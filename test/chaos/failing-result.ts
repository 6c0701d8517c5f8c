/** A run that broke guarantees, made by hand, with text in it that peers chose to hurt whoever shows it. */

import { judge } from "../../harness/checkers/judge.ts";
import type { HistoryEvent } from "../../harness/history/event.ts";
import type { RunResult } from "../../harness/run.ts";
import { cluster } from "../harness/history-builder.ts";
import { faultPlan } from "./fault-plan.ts";

/** Would run, or would end the element that it is written into. */
export const hostileTaskId = `</title></pre><script>alert("1")</script>&amp;'`;

/** One offer is used twice (S03), and then an agent ends by itself (S46). */
export function brokenHistory(): readonly HistoryEvent[] {
  return cluster()
    .runTask("T1")
    .accept("o-T1", hostileTaskId)
    .ledger(hostileTaskId, "start")
    .fault("kill-agent", "agent-1")
    .faultEnd()
    .exited("agent-2", 0, { code: 1, expected: false }).events;
}

export function failingResult(): RunResult {
  const events = brokenHistory();
  const judgement = judge(events);
  return {
    plan: faultPlan(["kill-agent"], "processes", 42),
    verdict: "fail",
    reasons: [`not converged: ${hostileTaskId} is still TASK_STAGING`],
    pending: [`${hostileTaskId} is still TASK_STAGING`],
    judgement,
    events,
    traceHash: undefined,
    simulatedMs: events.at(-1)?.atMs ?? 0,
  };
}

/** No run at all: the harness itself failed. */
export function crashedResult(): RunResult {
  return { ...failingResult(), verdict: "harness-error", reasons: ["harness error: no cluster today"], judgement: undefined, events: [] };
}
