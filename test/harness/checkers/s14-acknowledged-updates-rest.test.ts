/** Updates after their acknowledgement, and the form of what a master says. */

import { acknowledgedUpdatesRest } from "../../../harness/checkers/s14-acknowledged-updates-rest.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(acknowledgedUpdatesRest, {
  good: {
    "a retry that was on its way": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .wait(980)
        .acknowledge("t1", "TASK_RUNNING")
        .update("t1", "TASK_RUNNING")
        .end(),
    "a retry after the acknowledgement was lost with its stream": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING", { outcome: "info" })
        .close()
        .subscribe("f1")
        .wait(5_000)
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING"),
    "a retry after a crash of the agent": () =>
      cluster()
        .runTask("t1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .wait(2_000)
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING"),
    "a retry of an agent that was kept waiting since before the acknowledgement": () =>
      cluster().runTask("t1").wait(5_000).stall("agent-1", 5_010).update("t1", "TASK_RUNNING").acknowledge("t1", "TASK_RUNNING"),
  },
  bad: {
    "an acknowledged update comes again while another agent is kept waiting": () =>
      cluster().runTask("t1").wait(5_000).stall("agent-2", 5_010).update("t1", "TASK_RUNNING"),
    "an acknowledged update comes again": () => cluster().runTask("t1").wait(5_000).update("t1", "TASK_RUNNING"),
    "the master's own update carries a uuid": () =>
      cluster().runTask("t1").update("t1", "TASK_LOST", { source: "SOURCE_MASTER", reason: "REASON_AGENT_REMOVED" }),
    "the word of an agent's return carries a uuid": () =>
      cluster().runTask("t1").update("t1", "TASK_RUNNING", { reason: "REASON_AGENT_REREGISTERED", uuid: "new" }),
  },
});
