/** Tasks that somebody launched, and tasks that run although they were announced as lost, or that nobody launched. */

import { onlyWantedTasksRun } from "../../../harness/checkers/s18-only-wanted-tasks-run.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** A task of a framework without partition awareness is announced as lost with its silent agent, which then comes back. */
function backAgain(partitionAware = false): HistoryBuilder {
  return cluster()
    .close()
    .subscribe("f1", { partitionAware })
    .runTask("t1")
    .fault("cut-agent", "agent-1")
    .wait(7_000)
    .masterUpdate("t1", partitionAware ? "TASK_UNREACHABLE" : "TASK_LOST", "REASON_AGENT_REMOVED", { message: "Agent A1 is unreachable" })
    .failure()
    .faultEnd()
    .registered("agent-1", "A1");
}

describeChecker(onlyWantedTasksRun, {
  good: {
    "a task that was launched": () => cluster().runTask("t1").ledger("t1", "beat"),
    "it is killed when the agent comes back, after its grace": () =>
      backAgain().wait(2_900).ledger("t1", "beat").update("t1", "TASK_KILLED").acknowledge("t1", "TASK_KILLED").end(30_000),
  },
  undecided: {
    "a partition-aware framework has it back": () =>
      backAgain(true).masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED").wait(30_000).ledger("t1", "beat"),
  },
  bad: {
    "it runs on when the agent is back": () => backAgain().wait(30_000).ledger("t1", "beat"),
    "it was called lost when its framework asked": () =>
      cluster()
        .close()
        .subscribe("f1", { partitionAware: false })
        .runTask("t1")
        .fault("cut-agent", "agent-1")
        .wait(7_000)
        .reconcile("t1", "A1")
        .event("f1", {
          kind: "update",
          status: {
            taskId: "t1",
            agentId: "A1",
            state: "TASK_LOST",
            source: "SOURCE_MASTER",
            reason: "REASON_RECONCILIATION",
            unreachableAtMs: 1,
          },
        })
        .faultEnd()
        .registered("agent-1", "A1")
        .wait(30_000)
        .ledger("t1", "beat"),
    "a task runs that nobody launched": () => cluster().ledger("t9", "start"),
    "a task that was refused is among the leader's": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1", { outcome: "fail" })
        .snapshot({ tasks: [{ taskId: "t1", frameworkId: "F1", agentId: "A1", state: "TASK_RUNNING", resources: [] }] }),
  },
});
