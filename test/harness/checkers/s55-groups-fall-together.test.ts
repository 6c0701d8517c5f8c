/** Groups that start and fall as one, and groups that do not. */

import { groupsFallTogether } from "../../../harness/checkers/s55-groups-fall-together.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** Two tasks of one group, launched. */
function launched(isDefault = true, timings: Parameters<typeof cluster>[0] = {}): HistoryBuilder {
  const tasks = ["t1", "t2"].map((taskId) => ({ taskId, agentId: "A1", resources: cpusAndMem(0.5), command: "sleep" }));
  const group = { executorId: "E", resources: cpusAndMem(0.1), isDefault };
  return cluster(timings)
    .offer("o1")
    .call("f1", { kind: "accept", offerIds: ["o1"], group, tasks, refuseSeconds: 5 });
}

/** Both run, which the framework has acknowledged. */
function running(isDefault = true, timings: Parameters<typeof cluster>[0] = {}): HistoryBuilder {
  const history = launched(isDefault, timings);
  for (const taskId of ["t1", "t2"]) history.ledger(taskId, "start").update(taskId, "TASK_RUNNING").acknowledge(taskId, "TASK_RUNNING");
  return history;
}

function failed(history: HistoryBuilder): HistoryBuilder {
  return history.ledger("t1", "end", { exitCode: 3 }).update("t1", "TASK_FAILED");
}

describeChecker(groupsFallTogether, {
  good: {
    "one fails, the other is killed": () => failed(running()).ledger("t2", "end", { exitCode: 143 }).update("t2", "TASK_KILLED"),
    "one takes its grace, and the framework hears of it later": () =>
      failed(running()).ledger("t2", "beat").wait(2_500).update("t2", "TASK_KILLED"),
    "one finishes, the other goes on": () =>
      running()
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .wait(20_000)
        .ledger("t2", "beat"),
    "none starts": () =>
      launched()
        .masterUpdate("t1", "TASK_ERROR", "REASON_TASK_GROUP_INVALID")
        .masterUpdate("t2", "TASK_ERROR", "REASON_TASK_GROUP_INVALID"),
    "one fails in an executor of the framework, which lets the other go on": () =>
      failed(running(false)).acknowledge("t1", "TASK_FAILED").wait(20_000).ledger("t2", "beat"),
    "the agent is paused meanwhile": () =>
      failed(running(true, { pingTimeoutMs: 10_000 }))
        .fault("pause-agent", "agent-1")
        .wait(20_000)
        .ledger("t2", "beat"),
  },
  bad: {
    "one fails, the other beats on": () => failed(running()).wait(20_000).ledger("t2", "beat"),
    "one is killed, the other lives on": () => running().kill("t1").update("t1", "TASK_KILLED").wait(20_000).processes("agent-1", "t2"),
    "one is refused, the other starts": () =>
      launched().masterUpdate("t1", "TASK_ERROR", "REASON_TASK_GROUP_INVALID").ledger("t2", "start"),
  },
});
