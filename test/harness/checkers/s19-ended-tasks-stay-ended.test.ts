/** Tasks that run on after their end, or do not. */

import { endedTasksStayEnded } from "../../../harness/checkers/s19-ended-tasks-stay-ended.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(endedTasksStayEnded, {
  good: {
    "a task that ended": () =>
      cluster().runTask("t1").ledger("t1", "beat").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED"),
    "a grandchild that outlives a task which ended by itself": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .ledger("t1", "beat", { process: "daemon" }),
    "a task killed before it started": () =>
      cluster().offer("o1").accept("o1", "t1").kill("t1").update("t1", "TASK_KILLED").acknowledge("t1", "TASK_KILLED").end(),
  },
  undecided: {
    "a task that is called lost while its agent is cut off": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .fault("cut-agent", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { framework: "f2" })
        .ledger("t1", "beat", { framework: "f2" }),
  },
  bad: {
    "killed while pending and started all the same": () =>
      cluster().offer("o1").accept("o1", "t1").kill("t1").update("t1", "TASK_KILLED", { source: "SOURCE_AGENT" }).ledger("t1", "start"),
    "finished and beating": () => cluster().runTask("t1").update("t1", "TASK_FINISHED").wait(100).ledger("t1", "beat"),
    "killed, with a grandchild that beats": () =>
      cluster().runTask("t1").kill("t1").update("t1", "TASK_KILLED").ledger("t1", "beat", { process: "daemon" }),
    "refused and started": () =>
      cluster().offer("o1").accept("o1", "t1").masterUpdate("t1", "TASK_ERROR", "REASON_TASK_INVALID").ledger("t1", "start"),
  },
});
