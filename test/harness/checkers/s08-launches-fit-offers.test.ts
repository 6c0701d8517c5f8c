/** Launches within what was offered, or beyond. */

import { launchesFitOffers } from "../../../harness/checkers/s08-launches-fit-offers.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(launchesFitOffers, {
  good: {
    "a launch that uses all of the offer": () => cluster().offer("o1").accept("o1", "t1", { cpus: 2 }).ledger("t1", "start"),
    "one that fits, beside one that was refused": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1", { cpus: 2 })
        .ledger("t1", "start")
        .offer("o2")
        .accept("o2", "t2", { cpus: 3 })
        .masterUpdate("t2", "TASK_ERROR", "REASON_TASK_INVALID"),
  },
  bad: {
    "a task with more than was offered": () => cluster().offer("o1").accept("o1", "t1", { cpus: 3 }).ledger("t1", "start"),
    "a task with more than was offered, by its update": () =>
      cluster().offer("o1").accept("o1", "t1", { cpus: 3 }).update("t1", "TASK_RUNNING"),
  },
});
