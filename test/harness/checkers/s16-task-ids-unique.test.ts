/** Launches of ids that are in use. */

import { taskIdsUnique } from "../../../harness/checkers/s16-task-ids-unique.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(taskIdsUnique, {
  good: {
    "the second launch is refused": () =>
      cluster().runTask("t1").offer("o2", { cpus: 1 }).accept("o2", "t1").masterUpdate("t1", "TASK_ERROR", "REASON_TASK_INVALID").end(),
  },
  undecided: {
    "the first had ended and was acknowledged": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .offer("o2")
        .accept("o2", "t1")
        .end(),
    "the second offer was rescinded": () =>
      cluster()
        .runTask("t1")
        .offer("o2", { cpus: 1 })
        .accept("o2", "t1")
        .rescind("o2")
        .masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS")
        .end(),
  },
  bad: {
    "the second launch is not refused": () => cluster().runTask("t1").offer("o2", { cpus: 1 }).accept("o2", "t1").end(),
    "the id of an end that was not acknowledged": () =>
      cluster().runTask("t1").update("t1", "TASK_FINISHED").offer("o2").accept("o2", "t1").update("t1", "TASK_FINISHED").end(),
  },
});
