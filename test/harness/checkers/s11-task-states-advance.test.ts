/** Orders of task states, legal and not. */

import { taskStatesAdvance } from "../../../harness/checkers/s11-task-states-advance.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(taskStatesAdvance, {
  good: {
    "starting, running, killing, killed, each repeated": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .kill("t1")
        .update("t1", "TASK_STARTING")
        .acknowledge("t1", "TASK_STARTING")
        .update("t1", "TASK_RUNNING")
        .wait(1_000)
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING")
        .update("t1", "TASK_KILLED")
        .acknowledge("t1", "TASK_KILLED"),
    "unreachable and running again": () =>
      cluster()
        .runTask("t1")
        .fault("cut-agent", "agent-1")
        .wait(6_000)
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED"),
    "lost and running again, for one that does not know of partitions": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { framework: "f2" })
        .masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED", { framework: "f2" }),
    "finished, then lost with its agent": () =>
      cluster()
        .runTask("t1")
        .update("t1", "TASK_FINISHED")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .acknowledge("t1", "TASK_FINISHED"),
  },
  bad: {
    "running after finished": () =>
      cluster()
        .runTask("t1")
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .update("t1", "TASK_RUNNING", { uuid: "late" }),
    "failed after finished": () =>
      cluster().runTask("t1").update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED").update("t1", "TASK_FAILED"),
    "starting after running": () => cluster().runTask("t1").update("t1", "TASK_STARTING"),
    "running after lost, for one that knows of partitions": () =>
      cluster().runTask("t1").masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").update("t1", "TASK_RUNNING", { uuid: "late" }),
    "unreachable said to one that does not know of partitions": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { framework: "f2" }),
    "unreachable by an agent": () => cluster().runTask("t1").update("t1", "TASK_UNREACHABLE"),
  },
});
