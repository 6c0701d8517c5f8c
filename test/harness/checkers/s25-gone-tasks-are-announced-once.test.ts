/** Agents that operators mark gone, and what frameworks hear of it. */

import { goneTasksAreAnnouncedOnce } from "../../../harness/checkers/s25-gone-tasks-are-announced-once.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const gone = ["TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR"] as const;

/** Two tasks run on agent-1 when it is marked gone; those given are announced, and the agent is. */
function marked(...announced: readonly string[]): HistoryBuilder {
  const history = cluster().runTask("t1").runTask("t2").markGone();
  for (const taskId of announced) history.masterUpdate(taskId, ...gone);
  return history.failure();
}

describeChecker(goneTasksAreAnnouncedOnce, {
  good: {
    "each task is announced, then the agent": () => marked("t1", "t2").end(),
    "a task whose end was on its way": () =>
      marked("t1").update("t2", "TASK_FAILED").acknowledge("t2", "TASK_FAILED", { outcome: "fail" }).end(2_000),
    "TASK_LOST for a framework that is not partition aware": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .markGone()
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { framework: "f2", message: "Agent A1 was marked gone by the operator" })
        .failure("A1", "f1")
        .failure("A1", "f2")
        .end(),
  },
  undecided: {
    "the framework's stream closed soon after": () => cluster().runTask("t1").markGone().close().end(),
    "the master had just come back, and may not have known the tasks": () =>
      cluster().runTask("t1").exited("master-1").started("master-1", 1).subscribe("f1", { master: "M2" }).markGone().end(),
    "the order was refused": () => cluster().runTask("t1").markGone("A1", "fail").end(),
  },
  bad: {
    "a task is forgotten": () => marked("t1").end(),
    "a task is announced twice": () => marked("t1", "t2", "t1").end(),
    "the agent is not announced": () =>
      cluster()
        .runTask("t1")
        .markGone()
        .masterUpdate("t1", ...gone)
        .end(),
    "the agent is announced twice": () => marked("t1", "t2").failure().end(),
  },
});
