/** Offers that are used once, or more often. */

import { offersUsedOnce } from "../../../harness/checkers/s03-offers-used-once.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(offersUsedOnce, {
  good: {
    "the second of two pipelined ACCEPTs is told that its offer is gone": () =>
      cluster().runTask("t1").accept("o-t1", "t2").masterUpdate("t2", "TASK_DROPPED", "REASON_INVALID_OFFERS").end(),
    "an ACCEPT that raced with RESCIND and lost": () =>
      cluster().offer("o1").rescind("o1").accept("o1", "t1").masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS").end(),
    "an ACCEPT that raced with RESCIND and was never heard of, its stream gone": () =>
      cluster().offer("o1").rescind("o1").accept("o1", "t1").close().end(),
    "a DECLINE side by side with the ACCEPT that won": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .call("f1", { kind: "decline", offerIds: ["o1"], refuseSeconds: 5 }, "info")
        .ledger("t1", "start")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING"),
  },
  bad: {
    "two ACCEPTs of one offer both launch": () => cluster().runTask("t1").accept("o-t1", "t2").ledger("t2", "start"),
    "an ACCEPT of a rescinded offer launches": () => cluster().offer("o1").accept("o1", "t1").rescind("o1").update("t1", "TASK_RUNNING"),
    "an ACCEPT of a declined offer launches": () => cluster().offer("o1").decline("o1", 5).accept("o1", "t1").ledger("t1", "start"),
    "an ACCEPT of a rescinded offer is not answered": () => cluster().offer("o1").rescind("o1").accept("o1", "t1").end(),
    "the end of a refused launch is told twice": () =>
      cluster()
        .offer("o1")
        .rescind("o1")
        .accept("o1", "t1")
        .masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS")
        .masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS"),
  },
});
