/** Updates one at a time, or not. */

import { updatesInOrder } from "../../../harness/checkers/s12-updates-in-order.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(updatesInOrder, {
  good: {
    "each acknowledged before the next": () => cluster().runTask("t1").update("t1", "TASK_FINISHED"),
    "an acknowledgement whose outcome nobody knows": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING", { outcome: "info" })
        .update("t1", "TASK_FINISHED"),
  },
  undecided: {
    "the master speaks in between": () =>
      cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION"),
  },
  bad: {
    "the end comes before RUNNING was acknowledged": () =>
      cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").update("t1", "TASK_FINISHED"),
    "the end comes after an acknowledgement that was refused": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING", { outcome: "fail" })
        .update("t1", "TASK_FINISHED"),
  },
});
