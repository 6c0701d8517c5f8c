/** Updates that come twice. */

import { repeatedUpdatesAreTheSame } from "../../../harness/checkers/s15-repeated-updates-are-the-same.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function running(): HistoryBuilder {
  return cluster().offer("o1").accept("o1", "t1").ledger("t1", "start").update("t1", "TASK_RUNNING", { timestampMs: 5 }).wait(1_000);
}

describeChecker(repeatedUpdatesAreTheSame, {
  good: {
    "the same comes again": () => running().update("t1", "TASK_RUNNING", { timestampMs: 5 }).acknowledge("t1", "TASK_RUNNING"),
  },
  undecided: {
    "another update has its own uuid": () =>
      running().acknowledge("t1", "TASK_RUNNING").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED", { timestampMs: 9 }),
  },
  bad: {
    "a retry has another timestamp": () => running().update("t1", "TASK_RUNNING", { timestampMs: 6 }),
    "a retry has another state": () => running().update("t1", "TASK_FINISHED", { uuid: "t1-TASK_RUNNING", timestampMs: 5 }),
    "a retry has a message": () => running().update("t1", "TASK_RUNNING", { timestampMs: 5, message: "again" }),
  },
});
