/** Frameworks that ask a new leader again and again. */

import { repeatedQuestionsAreAnswered } from "../../../harness/checkers/l06-repeated-questions-are-answered.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** The agent of a task and the master die; the new leader is asked about the task some time after the framework came. */
function askedAfter(durationMs: number): HistoryBuilder {
  return cluster()
    .runTask("t1")
    .fault("kill-agent", "agent-1")
    .exited("agent-1", 0, { signal: "SIGKILL" })
    .fault("kill-master", "master-1")
    .exited("master-1", 0, { signal: "SIGKILL" })
    .close()
    .started("master-1", 1)
    .faultEnd()
    .subscribe("f1", { master: "M2" })
    .wait(durationMs)
    .reconcile("t1", "A1");
}

describeChecker(repeatedQuestionsAreAnswered, {
  good: {
    "answered when the agent was given up": () =>
      askedAfter(12_000).masterUpdate("t1", "TASK_UNREACHABLE", "REASON_RECONCILIATION").end(3_000),
  },
  undecided: {
    "the leader may still wait for the agent": () => askedAfter(5_000).end(3_000),
    "the stream closed": () => askedAfter(12_000).close().end(3_000),
    "the registry stood still": () => cluster().fault("store-stall", "registry").wait(1_000).reconcile("t1", "A1").end(3_000),
  },
  bad: {
    "not answered": () => askedAfter(12_000).end(3_000),
    "an unknown task is not answered either": () => cluster().reconcile("t9").end(3_000),
  },
});
