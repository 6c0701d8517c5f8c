/** Ends by max_completion_time beside how long tasks ran. */

import { completionTimesAreKept } from "../../../harness/checkers/s61-completion-times-are-kept.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const times = { kind: "command", delayMs: 0, intervalMs: 1_000, timeoutMs: 500, purposes: [], gracePeriodMs: 0, failuresMax: 1 } as const;
const reason = "REASON_MAX_COMPLETION_TIME_REACHED";

function running(maxCompletionMs?: number): HistoryBuilder {
  return cluster().runTask("t1", { watch: { ...times, ...(maxCompletionMs === undefined ? {} : { maxCompletionMs }) } });
}

describeChecker(completionTimesAreKept, {
  good: {
    "failed when its time had come": () => running(5_000).wait(5_000).update("t1", "TASK_FAILED", { reason }),
    "ended before its time": () =>
      running(5_000)
        .wait(1_000)
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .end(),
  },
  undecided: {
    "killed with a long grace": () =>
      running(5_000).kill("t1", { graceMs: 60_000 }).wait(20_000).ledger("t1", "beat").update("t1", "TASK_KILLED"),
    "its agent was away": () => running(5_000).fault("pause-agent", "agent-1").wait(9_000).ledger("t1", "beat"),
  },
  bad: {
    "failed before its time": () => running(5_000).wait(4_000).update("t1", "TASK_FAILED", { reason }),
    "failed for a time that it does not have": () => running().wait(5_000).update("t1", "TASK_FAILED", { reason }),
    "killed instead of failed": () => running(5_000).wait(5_000).update("t1", "TASK_KILLED", { reason }),
    "runs on": () => running(5_000).wait(20_000).ledger("t1", "beat").end(),
  },
});
