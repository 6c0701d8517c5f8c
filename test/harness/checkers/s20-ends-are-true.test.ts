/** Reported ends beside what happened. */

import { endsAreTrue } from "../../../harness/checkers/s20-ends-are-true.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(endsAreTrue, {
  good: {
    "killed because an operator has the agent drained": () =>
      cluster().runTask("t1").drainAgent().update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" }),
    "exit 0 is finished": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED"),
    "exit 3 is failed": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 3 }).update("t1", "TASK_FAILED"),
    "killed on request": () => cluster().runTask("t1").kill("t1").update("t1", "TASK_KILLED"),
    "killed on an operator's order": () => cluster().runTask("t1").orderKill("t1").update("t1", "TASK_KILLED"),
    "killed because an operator ended its framework": () =>
      cluster().runTask("t1").order({ kind: "teardown", frameworkId: "F1" }, "info").update("t1", "TASK_KILLED"),
    "finished although a kill was on its way": () =>
      cluster().runTask("t1").kill("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED"),
    "killed by drain now, which was quicker than LOST": () =>
      cluster().runTask("t1").fault("drain-now", "agent-1").update("t1", "TASK_KILLED"),
    "killed because it had been given up as lost": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { framework: "f2" })
        .update("t1", "TASK_KILLED", { framework: "f2" }),
  },
  bad: {
    "killed on an agent that is only deactivated": () => cluster().runTask("t1").deactivate().update("t1", "TASK_KILLED"),
    "killed before the drain was ordered": () => cluster().runTask("t1").update("t1", "TASK_KILLED").drainAgent(),
    "exit 0 is called failed": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FAILED"),
    "exit 0 is called failed after the agent of its container was restarted": () =>
      cluster({}, "containers")
        .runTask("t1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FAILED"),
    "exit 3 is called finished": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 3 }).update("t1", "TASK_FINISHED"),
    "killed although an operator was refused": () =>
      cluster().runTask("t1").orderKill("t1", { outcome: "fail" }).update("t1", "TASK_KILLED"),
    "killed before an operator ordered it": () => cluster().runTask("t1").update("t1", "TASK_KILLED").orderKill("t1"),
    "killed and nobody asked": () => cluster().runTask("t1").update("t1", "TASK_KILLED"),
  },
});
